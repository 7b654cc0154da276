"""Paper A: sparse dictionaries of weight primitives."""
