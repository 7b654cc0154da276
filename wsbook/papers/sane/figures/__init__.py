"""Figures and tables of paper B: tables of records in."""
