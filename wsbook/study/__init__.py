"""Experiments, their cells and records: what is planned, measured and kept. Knows no paper."""
