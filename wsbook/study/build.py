"""One build of the book: Snakemake under a lock, with a bar while it works and its reason when it fails."""

import fcntl
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from wsbook.errors import StudyError
from wsbook.study.dependencies import notebook_names
from wsbook.study.device import check_device
from wsbook.study.profile import check_profile
from wsbook.study.progress import progress
from wsbook.study.sources import ROOT

LOG = Path("_build/logs/build.log")  # what Snakemake says
WATCHED = 0.2  # seconds between two looks at the log
STEPS = re.compile(r"^(\d+) of (\d+) steps .* done$", flags=re.MULTILINE)
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
    with only_build(root) as lock, (root / LOG).open("w") as log:
        command = [*snakemake(jobs), "--config", *config]
        with subprocess.Popen(command, cwd=root, stderr=log, pass_fds=[lock.fileno()]) as process:
            watch(process, root / LOG)
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


def watch(process: subprocess.Popen, log: Path) -> None:
    """Wait for Snakemake behind a bar. Ctrl-C reaches it too, and waits until it has ended its jobs."""
    with progress(desc="book", unit="step") as bar:
        while process.poll() is None:
            if found := STEPS.findall(log.read_text()):
                bar.n, bar.total = map(int, found[-1])
                bar.refresh()
            try:
                process.wait(WATCHED)
            except subprocess.TimeoutExpired:
                continue
            except KeyboardInterrupt:
                process.wait()
                raise


def reason(log: str) -> str:
    """What Snakemake ended with: its last exception in one line, without where in the code it was raised."""
    starts = [match.start() for match in RAISED.finditer(log)]
    lines = log[starts[-1] :].splitlines() if starts else log.splitlines()[-1:]
    return " ".join(line.strip() for line in lines if not line.startswith("  File "))
