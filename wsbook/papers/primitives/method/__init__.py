"""What paper A proposes, one concept a file."""
