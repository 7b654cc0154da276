"""Text tasks are made of the same documents everywhere."""

import hashlib

import pytest
import torch

from wsbook.zoo.tasks import task
from wsbook.zoo.texts import LETTERS, TEXTS, documents

# SHA-256 of documents and labels, alike under Python 3.11, 3.12 and 3.13
FINGERPRINTS = {
    "text-a": "648f1e75e71d4c0fbddf613182453eb44f6f6d4da903db22cb2cc2f3e235e885",
    "text-b": "6977ab855435306ba0627078523c9fad0d39d940080e61a8602b232597a4cae0",
}


def read(row):
    return "".join(LETTERS[number] for number in row.tolist())


@pytest.mark.parametrize("name", TEXTS)
def test_documents_are_those_they_always_were(name):
    rows, labels = documents(name, 32)
    lines = [f"{label} {read(row)}\n" for row, label in zip(rows, labels.tolist())]
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == FINGERPRINTS[name]


def test_documents_are_names_without_their_script_cut_or_filled_up():
    rows, labels = documents("text-a", 20)
    assert rows.dtype == labels.dtype == torch.int64 and rows.shape == (3358, 20) and rows.max() < 28
    greek = [read(row) for row in rows[labels == TEXTS["text-a"].index("GREEK")]]
    assert {"CAPITAL LETTER ALPHA", "SMALL LETTER PI     "} < set(greek)
    assert not any("GREEK" in name for name in greek)


def test_tasks_have_an_alphabet_in_common_and_no_class():
    one, other = (documents(name, 32) for name in TEXTS)
    assert one[0].unique().tolist() == other[0].unique().tolist() == list(range(len(LETTERS)))
    assert not set(TEXTS["text-a"]) & set(TEXTS["text-b"])
    assert one[1].bincount().min() > 80 < other[1].bincount().min()


def test_parts_are_disjoint_and_hold_all_classes_alike():
    rows, labels = documents("text-b", 32)
    on = task("text-b", 10_000, 32, 0)
    parts = [on.train, on.val, on.test]
    whole = sorted(read(row) for row in rows)
    assert sorted(read(row) for inputs, _ in parts for row in inputs) == whole
    for (inputs, found), share in zip(parts, (0.5, 0.25, 0.25)):
        assert inputs.dtype == torch.int64 and len(inputs) == len(found)
        assert (found.bincount() - share * labels.bincount()).abs().max() <= 1
