"""Benchmarks: each module has `measure(small)`, which returns rows of name, value, unit and baseline."""
