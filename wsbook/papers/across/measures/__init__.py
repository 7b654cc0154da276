"""What is measured of a way to store a network."""
