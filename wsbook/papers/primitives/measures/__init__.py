"""What is measured of the method of paper A: a cell in, numbers out."""
