"""The book as a thing that is built: what depends on what, executed notebooks, checks."""
