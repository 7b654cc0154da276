"""One build of the book: Snakemake under a lock, with a bar while it works and its reason when it fails."""

import fcntl
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tqdm import tqdm

from wsbook.book.dependencies import notebook_names
from wsbook.errors import StudyError
from wsbook.study.device import check_device
from wsbook.study.places import ROOT
from wsbook.study.profile import check_profile
from wsbook.study.progress import progress

LOG = Path("_build/logs/build.log")  # what Snakemake says
JOBS = Path("_build/logs/jobs.log")  # what its jobs print
WATCHED = 0.2  # seconds between two looks at the log
TOTAL = re.compile(r"^total +(\d+)$", flags=re.MULTILINE)
DONE = re.compile(r"^(\d+) of \d+ steps .* done$", flags=re.MULTILINE)
RAISED = re.compile(r"^\w+(?:Error|Exception)\b", flags=re.MULTILINE)


def build(profile: str, notebooks: Sequence[str], device: str, jobs: int, root: Path = ROOT) -> None:
    """Bring the book in `root` up to date with what it is made from.

    `notebooks` run at `profile` and the others at quick; if there are none, all run at `profile`. A build that
    was ended, however it was, leaves nothing that stands in the way of the next.

    Raises
        StudyError: for an unknown profile, notebook or device, or jobs <= 0; while another build is at work; or
            with what Snakemake ended with.
    """
    check_profile(profile)
    check_device(device)
    notebook_names(notebooks)
    if jobs <= 0:
        raise StudyError(f"--jobs must be positive, not {jobs}.")
    config = [f"profile={profile}", f"notebook={','.join(notebooks)}", f"device={device}"]
    command = [*snakemake(jobs), "--config", *config]
    with only_build(root) as lock, (root / LOG).open("w") as log, (root / JOBS).open("w") as printed:
        streams = {"stdout": printed, "stderr": log, "pass_fds": [lock.fileno()]}
        with subprocess.Popen(command, cwd=root, **streams) as process:
            watch(process, root)
    if process.returncode:
        raise StudyError(
            f"the book is not built: {reason((root / LOG).read_text())} All of it is in {LOG}."
        )


def snakemake(jobs: int) -> list[str]:
    """The command that runs the Snakefile of the working directory.

    Without Snakemake's own lock, which outlives a build that is killed.
    """
    half = (jobs + 1) // 2  # see the Snakefile
    return [
        *[sys.executable, "-m", "snakemake", "--cores", str(jobs), "--nolock", "--rerun-incomplete"],
        *["--resources", f"paper_b={half}", f"paper_c={half}"],
        *["--rerun-triggers", "mtime", "params", "input"],
    ]


@contextmanager
def only_build(root: Path) -> Iterator[IO[str]]:
    """A lock that is gone when this process and those it hands it to have ended.

    Raises
        StudyError: if another build has it.
    """
    path = root / "_build" / "lock"
    (root / LOG).parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StudyError(
                f"another build of the book is at work in {root}; wait for it, or end it."
            ) from None
        yield file


def watch(process: subprocess.Popen, root: Path) -> None:
    """Wait for Snakemake behind a bar, and pass on what its jobs print."""
    with (root / JOBS).open() as printed, progress(desc="book", unit="step", leave=False) as bar:
        while process.poll() is None:
            said = (root / LOG).read_text()
            for pattern, name in ((TOTAL, "total"), (DONE, "n")):
                if found := pattern.findall(said):
                    setattr(bar, name, int(found[-1]))
            bar.refresh()
            pass_on(printed, bar)
            rest(process)
        pass_on(printed, bar)


def pass_on(printed: IO[str], bar: tqdm) -> None:
    """Write what is new in a file above the bar."""
    if news := printed.read():
        bar.write(news, end="")


def rest(process: subprocess.Popen) -> None:
    """Wait a little. Ctrl-C reaches Snakemake too, and waits until it has ended its jobs."""
    try:
        process.wait(WATCHED)
    except subprocess.TimeoutExpired:
        pass
    except KeyboardInterrupt:
        process.wait()
        raise


def reason(log: str) -> str:
    """What Snakemake ended with: its last exception in one line, without where in the code it was raised."""
    starts = [match.start() for match in RAISED.finditer(log)]
    lines = log[starts[-1] :].splitlines() if starts else log.splitlines()[-1:]
    return " ".join(line.strip() for line in lines if not line.startswith("  File "))
