"""What paper C proposes, one concept a file."""
