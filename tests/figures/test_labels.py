"""What tables call settings and their values."""

import pandas as pd

from wsbook.figures.display import table
from wsbook.figures.labels import label, setting_label

TIGHT = "\N{NO-BREAK SPACE}"


def test_names_of_the_code_are_words_of_a_reader():
    assert [label(name) for name in ("beta1", "batch_size", "resnet56-cifar10", "L_recon")] == [
        "β₁", "batch size", "ResNet-56 on CIFAR-10", "L_recon",
    ]  # fmt: skip
    assert label("3e-05") == f"3{TIGHT}×{TIGHT}10⁻⁵"


def test_settings_of_a_printed_number_read_as_one_phrase():
    assert setting_label({"beta1": 0.7}) == "β₁ = 0.7"
    assert setting_label({"architecture": "resnet18", "hidden": 700}) == "ResNet-18, h = 700"
    assert setting_label({"optimiser": "adamw"}) == "AdamW" and setting_label({}) == ""


def test_tables_take_these_words():
    text = table(pd.DataFrame({"batch_size": [10], "network": ["resnet20-cifar10"]})).text
    assert "batch size" in text and "ResNet-20 on CIFAR-10" in text
