"""Where a number came from: machine, versions, code and command."""

import platform
import resource
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import torch

from wsbook.study.places import ROOT

RECORDED_VERSIONS = ("torch", "numpy", "scipy", "scikit-learn")


@cache
def processor() -> str:
    """The processor's name as the system gives it."""
    return cpu_entry("model name") or platform.processor() or platform.machine()


def cpu_vendor() -> str:
    """Who made the processor, as it says itself, such as GenuineIntel; empty where the system does not tell."""
    return cpu_entry("vendor_id")


@cache
def cpu_entry(name: str) -> str:
    """What Linux notes of the first core under a name; empty if nothing."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith(name):
                return line.partition(":")[2].strip()
    return ""


def device_name(device: str) -> str:
    """The hardware behind a torch device string."""
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else processor()


@cache
def commit() -> str:
    """The checked-out commit, with a plus where the package differs from it; 'unknown' without git."""
    git = ["git", "-C", str(ROOT)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True)
        if head.returncode:
            return "unknown"
        changed = subprocess.run([*git, "diff", "HEAD", "--stat", "--", "wsbook"], capture_output=True)
    except OSError:
        return "unknown"
    return head.stdout.strip() + ("+" if changed.stdout else "")


def command() -> str:
    """The command line of this process, of absolute paths the last part: the rest tells of one machine.

    A notebook's kernel has none worth keeping.
    """
    name = Path(sys.argv[0]).name
    if name.startswith("ipykernel"):
        return "notebook"
    words = [Path(word).name if Path(word).is_absolute() else word for word in sys.argv[1:]]
    return " ".join([name.replace("__main__.py", "wsbook"), *words])[:200]


def environment(device: str) -> dict[str, object]:
    """What the numbers of this process are computed on and with; of CPUs, whose products of matrices they are."""
    return {
        "device": device_name(device),
        "accelerator": device.startswith("cuda"),
        "threads": torch.get_num_threads(),
        "precision": "tf32" if torch.backends.cuda.matmul.fp32_precision == "tf32" else "float32",
        # bfloat16 is allowed only where that has no effect but another library, see wsbook.study.matmul
        "products": "oneDNN" if torch.backends.mkldnn.matmul.fp32_precision == "bf16" else "default",
        "python": platform.python_version(),
        **{name: version(name) for name in RECORDED_VERSIONS},
    }


def provenance(device: str, source: str, seconds: float) -> dict[str, object]:
    """The provenance of cells just measured.

    `seconds` is the wall time a cell (of a stack: its share); `peak_mib` the largest resident
    memory of this process so far, in MiB.
    """
    # Linux counts ru_maxrss in KiB, macOS in bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return {
        "utc": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": round(seconds, 6),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit),
        "source": source,
        "commit": commit(),
        "command": command(),
        **environment(device),
    }
