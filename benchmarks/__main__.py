"""`python -m benchmarks [NAME ...]`: run benchmarks and record what they measure in results/benchmarks.

Run them on a quiet machine: ratios survive some noise, seconds do not. `--small` is a smoke run that
records nothing.
"""

import argparse
import hashlib
import importlib
import sys
import time
from pathlib import Path

from wsbook.study.places import RESULTS
from wsbook.study.provenance import provenance
from wsbook.study.record import Record, RecordFile
from wsbook.verdicts.status import BENCHMARKS

NAMES = ("training", "dictionary_learning", "nern", "zoos", "sane")


def record(name: str, rows: list[dict], seconds: float) -> None:
    """Append one record a row; the seed counts how often a benchmark has been run."""
    file = RecordFile(RESULTS, BENCHMARKS, name)
    seed = 1 + max((known.seed for known in file.read()), default=-1)
    source = hashlib.sha256(Path(__file__).with_name(f"{name}.py").read_bytes()).hexdigest()[:12]
    numbers = ("value", "baseline_value", "ratio")
    file.append(
        Record(
            experiment=name,
            profile=BENCHMARKS,
            parameters={key: x for key, x in row.items() if key not in (*numbers, "device")},
            seed=seed,
            metrics={key: row[key] for key in numbers},
            curves={},
            provenance=provenance(row.get("device", "cpu"), source, seconds / len(rows)),
        )
        for row in rows
    )


def main() -> None:
    """Run the named benchmarks, all by default, and print one line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--small", action="store_true", help="a quick smoke run, not recorded")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        sys.exit(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.")
    for name in arguments.names or NAMES:
        start = time.perf_counter()
        rows = importlib.import_module(f"benchmarks.{name}").measure(small=arguments.small)
        if not arguments.small:
            record(name, rows, time.perf_counter() - start)
        for row in rows:
            print(
                f"{row['name']}: {row['value']:.4g} {row['unit']} against {row['baseline_value']:.4g} "
                f"({row['baseline']}): ratio {row['ratio']:.2f}"
            )


if __name__ == "__main__":
    main()
