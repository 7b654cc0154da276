"""The files around the package agree with one another: requirements, README, contents, citation."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BUILD_TOOLS = ("setuptools", "wheel")  # `pip install --no-build-isolation -e .` looks for them

# Homes, scratch folders and mounts of one machine; an index that only one place can reach.
LOCAL = re.compile(
    r"(?<![\w.$}~/-])/(?:home|root|work|Users|mnt|tmp|scratch)/\w"
    r"|@ file://|--(?:extra-)?index-url|--trusted-host|--find-links|PIP_\w*INDEX\w*=|/simple/?\b"
)


def by_name(lines: list[str]) -> dict[str, Requirement]:
    """Requirements by normalised name; options of pip (-c, -e) are left out."""
    parsed = [Requirement(line) for line in lines if not line.startswith("-")]
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def direct() -> dict[str, Requirement]:
    """What pyproject.toml asks for, extras included."""
    extras = PROJECT["optional-dependencies"].values()
    return by_name([*PROJECT["dependencies"], *(line for extra in extras for line in extra)])


def pins() -> dict[str, Version]:
    """The versions in requirements.txt."""
    found = by_name((ROOT / "requirements.txt").read_text().splitlines())
    return {name: Version(str(item.specifier).removeprefix("==")) for name, item in found.items()}


def conda() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text())


def conda_pip() -> list[str]:
    """The pip section of environment.yml."""
    return next(item["pip"] for item in conda()["dependencies"] if isinstance(item, dict))


def contents() -> list[str]:
    """Files that _toc.yml names, without suffix."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())
    return [toc["root"], *(entry["file"] for part in toc["parts"] for entry in part["chapters"])]


def tracked_files() -> list[Path]:
    """What git tracks."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def test_each_direct_dependency_is_pinned_within_its_range():
    locked = pins()
    loose = {
        name: f"{requirement.specifier}, pinned {locked.get(name)}"
        for name, requirement in direct().items()
        if name not in locked or locked[name] not in requirement.specifier
    }
    assert loose == {}


def test_conda_asks_for_what_pyproject_asks_for():
    asked = {name: requirement.specifier for name, requirement in by_name(conda_pip()).items()}
    assert asked == {name: requirement.specifier for name, requirement in direct().items()}


def test_conda_is_held_to_the_locked_versions():
    assert "-c requirements.txt" in conda_pip()


def test_conda_installs_a_python_that_the_package_takes():
    python = next(item for item in conda()["dependencies"] if str(item).startswith("python"))
    assert Requirement(python).specifier == SpecifierSet(PROJECT["requires-python"])


def test_requirements_are_plain_pins_that_any_index_can_serve():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    odd = [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line)]
    assert odd == []  # a local suffix such as +cpu exists on one index only
    assert len(pins()) == len(lines)
    assert set(BUILD_TOOLS) <= set(pins())


def test_the_quick_start_is_two_commands():
    readme = (ROOT / "README.md").read_text()
    section = readme.partition("## Quick start\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```\w*\n(.*?)```", section, flags=re.DOTALL)
    assert [block.split("\n") for block in blocks] == [["make book", "make test", ""]]


def test_commands_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    readme = (ROOT / "README.md").read_text()
    blocks = "\n".join(re.findall(r"```bash\n(.*?)```", readme, flags=re.DOTALL))
    assert set(re.findall(r"^make (\w+)", blocks, flags=re.MULTILINE)) <= targets
    assert all((ROOT / path).is_file() for path in re.findall(r"notebooks/\S+\.ipynb", blocks))


def test_every_notebook_is_in_the_contents_and_the_reverse():
    listed = [Path(entry).name for entry in contents() if entry.startswith("book/executed/")]
    stored = [path.stem for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert listed == sorted(stored, key=lambda name: (name[0], int(name[1:].split("_")[0])))


def test_every_written_page_is_in_the_contents_and_the_reverse():
    computed = ("book/executed/", "book/generated/")
    listed = {entry for entry in contents() if not entry.startswith(computed)}
    assert listed == {f"book/{path.stem}" for path in (ROOT / "book").glob("*.md")}


def test_the_citation_names_this_version_and_licence():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == "MIT"
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")


def test_the_build_machine_runs_the_tests_last():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text().rstrip().endswith("\nmake test")
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_no_tracked_file_knows_the_machine_it_was_written_on():
    known = {}
    for path in tracked_files():
        if path != Path(__file__) and (found := LOCAL.search(path.read_text(errors="replace"))):
            known[str(path.relative_to(ROOT))] = found.group()
    assert known == {}


@pytest.mark.parametrize(
    "text",
    ["see /home/ann/x", "/tmp/x", '"/work/y"', "--index-url https://pypi.example", "x @ file:///y"],
)
def test_the_scan_sees_what_it_looks_for(text):
    assert LOCAL.search(text)


@pytest.mark.parametrize("text", ["$HOME/data", "../home/x", "https://a.b/home/x", "homework/x"])
def test_the_scan_leaves_ordinary_text_alone(text):
    assert not LOCAL.search(text)
