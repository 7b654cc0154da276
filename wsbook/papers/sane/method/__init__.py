"""What paper B proposes, one concept a file."""
