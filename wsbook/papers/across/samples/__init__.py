"""What claims take from the records of part X."""
