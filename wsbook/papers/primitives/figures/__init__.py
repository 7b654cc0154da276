"""Figures and tables of paper A: tables of records in."""
