"""Where the study stands, and where its records lie."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of the repository
RUNS = Path(os.environ.get("WSBOOK_RUNS") or ROOT / "runs")  # what this machine measured; not committed
RESULTS = ROOT / "results"  # the committed records
REFERENCE = RESULTS / "reference"  # quick runs that no larger profile repeats; no verdict rests on them
