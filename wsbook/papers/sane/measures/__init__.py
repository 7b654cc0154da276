"""What is measured of the method of paper B: a cell in, numbers out."""
