"""`python -m wsbook`, for machines where the package is not installed."""

from wsbook.cli import main

main()
