"""The figures of part X."""
