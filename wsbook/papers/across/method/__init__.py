"""How networks are written as bytes and read back, a method a file."""
