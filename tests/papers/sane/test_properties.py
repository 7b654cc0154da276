"""What is predicted of networks, from what, and that it can be predicted where it is planted."""

from dataclasses import replace

import pandas as pd
import pytest
import torch

from wsbook.errors import StudyError
from wsbook.nets.cnn import CNN_DIGITS
from wsbook.papers.sane.measures import properties as module
from wsbook.papers.sane.measures.properties import measure, parts_of, properties, representations
from wsbook.papers.sane.method.autoencoder import Autoencoder, Sizes
from wsbook.papers.sane.method.components import aligned
from wsbook.papers.sane.method.probes import probed
from wsbook.papers.sane.method.trained import Fitted
from wsbook.papers.sane.setting import Training
from wsbook.study.experiment import Cell
from wsbook.zoo.archive import Members, members
from wsbook.zoo.setting import Zoo
from wsbook.zoo.tasks import task

ZOO = Zoo("digits", "cnn-digits", models=14, epochs=3, kept=2)
NETWORK = ZOO.architecture
SETTING = Training(
    "digits", "cnn-digits", models=14, epochs=3, kept=2, token=40, window=60, width=16, heads=2, blocks=1,
    latent=4, steps=5, batch=4,
)  # fmt: skip


def made(count=40, seed=0):
    """Made-up networks (count, 2, P) around a mean, whose test accuracy is the scale of a layer."""
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(1, 1, CNN_DIGITS.size, generator=generator) + 0.1 * torch.randn(
        count, 2, CNN_DIGITS.size, generator=generator
    )
    scale = 0.5 + torch.rand(count, 2, generator=generator)
    weights[..., :72] *= scale[..., None]  # the kernels of the first convolution
    table = pd.DataFrame({"model": sorted([*range(count)] * 2), "epoch": [2, 3] * count})
    table["test_accuracy"] = scale.flatten().numpy()
    table["train_accuracy"], table["diverged"] = table.test_accuracy * 1.5, False
    return Members(replace(ZOO, models=count), weights, table)


def autoencoder(vectors):
    sizes = Sizes(token=40, window=60, positions=(80, 5, 20), width=16, heads=2, blocks=1, latent=6)
    return Fitted(Autoencoder(sizes, torch.Generator().manual_seed(0)).eval(), NETWORK, vectors)


def test_representations_are_of_each_network_after_each_epoch():
    parts = [made().part(number) for number in range(3)]
    found = autoencoder(parts[0].weights.flatten(0, 1))
    features = representations(found, parts, 0)
    widths = {name: {rows.shape[1] for rows in part} for name, part in features.items()}
    assert widths == {"latents": {6}, "statistics": {7 * len(NETWORK.shapes)}, "components": {6}}
    for rows in features.values():
        assert [len(part) for part in rows] == [56, 12, 12]
    same_orders = torch.Generator().manual_seed(0)
    reference = parts[0].weights[0, -1]
    alike = [aligned(part.weights, reference, NETWORK, same_orders) for part in parts]
    one = found.encode(alike[2][3, 1][None])[0].mean(0)
    torch.testing.assert_close(features["latents"][2][7], one)


def test_a_planted_property_is_told_from_the_statistics():
    parts = [made().part(number) for number in range(3)]
    features = representations(autoencoder(parts[0].weights.flatten(0, 1)), parts, 0)
    targets = [properties(part) for part in parts]
    assert probed(features["statistics"], [target["accuracy"] for target in targets])[0] > 0.95
    assert probed(features["statistics"], [target["gap"] for target in targets])[0] > 0.95
    assert probed(features["statistics"], [target["epoch"] for target in targets])[0] < 0.5


def test_the_gap_is_that_between_training_and_test_images():
    part = made()
    found = properties(part)
    assert found["gap"].tolist() == pytest.approx((0.5 * part.table.test_accuracy).tolist())
    assert found["epoch"].tolist() == part.table.epoch.tolist()
    assert "epoch" not in properties(replace(part, zoo=replace(ZOO, kept=1)))


def test_the_training_accuracy_is_that_on_the_images_trained_on(own_shelf):
    part = parts_of(ZOO)[2]
    on = task("digits", ZOO.images, 8)
    expected = NETWORK.score(part.weights.flatten(0, 1), on, "train")[0]
    assert part.table.train_accuracy.tolist() == pytest.approx(expected.tolist())
    assert part.table.train_accuracy.tolist() != pytest.approx(part.table.test_accuracy.tolist())


def test_what_the_table_says_is_not_measured_again(own_shelf, monkeypatch):
    whole = members(ZOO)
    known = replace(whole, table=whole.table.assign(train_accuracy=0.25))
    monkeypatch.setattr(module, "members", lambda zoo: known)
    monkeypatch.setattr(module, "training_accuracy", None)  # would fail if called
    assert set(parts_of(ZOO)[1].table.train_accuracy) == {0.25}


def test_a_cell_scores_every_property_from_every_representation(own_shelf):
    one, same = (measure([Cell(SETTING, 0)], "cpu")[0] for _ in range(2))
    assert one.metrics == same.metrics
    names = {
        f"{wanted}_{name}_{score}"
        for wanted in ("accuracy", "gap", "epoch")
        for name in ("latents", "statistics", "components")
        for score in ("r2", "tau")
    }
    assert set(one.metrics) == names and set(one.curves) == {f"{name}_by_zoo" for name in names}
    for name, value in one.metrics.items():
        assert (
            [value] == one.curves[f"{name}_by_zoo"] and value <= 1 and (name.endswith("r2") or value >= -1)
        )


def test_zoos_that_are_too_small_are_refused_before_an_autoencoder_is_trained(own_shelf, monkeypatch):
    monkeypatch.setattr(module, "fitted", None)  # would fail if called
    with pytest.raises(StudyError, match="2 networks to fit, to validate and to test on, which 6 models"):
        measure([Cell(replace(SETTING, models=6), 0)], "cpu")
