"""Figures and tables of paper C: tables of records in."""
