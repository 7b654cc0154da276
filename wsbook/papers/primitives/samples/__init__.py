"""What the claims of paper A are decided on, from tables of records."""
