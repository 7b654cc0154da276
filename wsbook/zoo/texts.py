"""Text to classify that comes with Python: the names of Unicode's characters.

A document is the name of a character without its first word, as "SMALL LETTER ALPHA WITH TONOS"; the class
is that word, which says the script, here GREEK. Names never change, and Python keeps Unicode 3.2, of 2002,
beside the version of its day, so that the documents are the same everywhere. The twenty scripts with the
most names are dealt into two tasks, which have an alphabet in common but no class; classes differ much in
size.
"""

import unicodedata

import torch
from torch import Tensor

LETTERS = " -ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # a character's number is its place here
TEXTS = {
    "text-a": (
        "YI", "LATIN", "ETHIOPIC", "GREEK", "TIBETAN",
        "HEBREW", "DEVANAGARI", "ARMENIAN", "HIRAGANA", "CHEROKEE",
    ),
    "text-b": (
        "ARABIC", "CANADIAN", "HANGUL", "CYRILLIC", "MONGOLIAN",
        "KATAKANA", "KHMER", "BENGALI", "THAI", "RUNIC",
    ),
}  # fmt: skip
PLANE = 0x10000  # code points below it, of the basic multilingual plane, hold all of these scripts
BY_RULE = "HANGUL SYLLABLE "  # eleven thousand names that spell out how a syllable is composed


def documents(name: str, length: int) -> tuple[Tensor, Tensor]:
    """All documents (N, length) of a task, int64 below 28, and their classes (N,), by code point.

    What is longer is cut; what is shorter ends in spaces.
    """
    scripts, rows, labels = TEXTS[name], [], []
    for point in range(PLANE):
        script, _, rest = unicodedata.ucd_3_2_0.name(chr(point), "").partition(" ")
        if script in scripts and not f"{script} {rest}".startswith(BY_RULE):
            rows.append([LETTERS.index(letter) for letter in rest[:length].ljust(length)])
            labels.append(scripts.index(script))
    return torch.tensor(rows), torch.tensor(labels)
