"""Where records lie."""

import os
from pathlib import Path

from wsbook.study.sources import ROOT

RUNS = Path(os.environ.get("WSBOOK_RUNS") or ROOT / "runs")  # what this machine measured; not committed
RESULTS = ROOT / "results"  # the committed records
REFERENCE = RESULTS / "reference"  # quick runs that no larger profile repeats; no verdict rests on them
