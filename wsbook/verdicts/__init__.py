"""Claims and the rules that decide them from records. Knows no experiment."""
