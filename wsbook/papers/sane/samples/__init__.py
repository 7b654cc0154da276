"""What the claims of paper B are decided on, from tables of records."""
