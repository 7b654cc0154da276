"""What the claims of paper C are decided on, from tables of records."""
