"""The papers of this study, a folder each, with the same rooms in all of them."""
