"""The layout of the code: its style, which way imports run, and how large its pieces are."""

import ast
import subprocess
import sys
from pathlib import Path
from statistics import median

from wsbook.study.places import ROOT

PARTS = ("wsbook", "tests", "benchmarks")


def said_by(tool, *arguments):
    command = [str(Path(sys.executable).with_name(tool)), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_linter_has_nothing_to_say():
    status, text = said_by("ruff", "check", "--no-cache", *PARTS)
    assert status == 0, text


def test_the_formatter_would_change_nothing():
    status, text = said_by("ruff", "format", "--no-cache", "--check", *PARTS)
    assert status == 0, text


def test_imports_run_down_only_and_no_paper_imports_another():
    status, text = said_by("lint-imports", "--no-cache")
    assert status == 0 and "0 broken" in text, text


def test_files_and_functions_are_small():
    files = {path: path.read_text(encoding="utf-8") for path in (ROOT / "wsbook").rglob("*.py")}
    assert {str(path): n for path, text in files.items() if (n := text.count("\n")) > 300} == {}
    functions = {
        f"{path.stem}.{node.name}": node.end_lineno - node.lineno + 1
        for path, text in files.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
    }
    assert {name: n for name, n in functions.items() if n > 50} == {}
    assert median(functions.values()) <= 8
