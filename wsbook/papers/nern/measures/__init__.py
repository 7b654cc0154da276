"""What is measured of the method of paper C: a cell in, numbers out."""
