"""Comparisons of what autoencoders were trained on: paired, complete, every target once."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.sane.samples.compositions import (
    ANOTHER,
    DERIVED,
    OTHERS,
    OWN,
    OWN_AND_OTHERS,
    against,
    apart,
    composition,
)


def table(values, seeds=1):
    """Records from {(data, target): accuracy}; seed s has .01 s more."""
    rows = [
        {"data": data, "target": target, "seed": seed, "generated": value + 0.01 * seed}
        for (data, target), value in values.items()
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    "data, kind", [("a", OWN), ("b", ANOTHER), ("a+b", OWN_AND_OTHERS), ("b+c", OTHERS), ("aa+b", OTHERS)]
)
def test_compositions_are_seen_from_the_target(data, kind):
    assert composition(data, "a") == kind


def test_every_target_counts_once():
    values = {("b", "a"): 0.1, ("c", "a"): 0.3, ("a", "b"): 0.8, ("b+c", "a"): 0.4, ("a+c", "b"): 0.6}
    found = against(table(values, 2), "generated", OTHERS, ANOTHER)
    assert found == pytest.approx(np.array([[0.5, 0.5], [0.51, 0.51]]))


def test_the_best_other_zoo_is_chosen_on_validation_images():
    """By test accuracy it would be the other one, for either target."""
    values = {("b", "a"): 0.1, ("c", "a"): 0.3, ("b+c", "a"): 0.4}
    values |= {("a", "b"): 0.8, ("c", "b"): 0.2, ("a+c", "b"): 0.6}
    val = {("b", "a"): 0.5, ("c", "a"): 0.4, ("a", "b"): 0.1, ("c", "b"): 0.3}
    rows = table(values, 2).assign(
        candidates_val=lambda t: [val.get(k, 0.0) for k in zip(t.data, t.target)]
    )
    found = DERIVED["generated-best-other"](rows)
    assert found == pytest.approx(np.array([[0.5, 0.15], [0.51, 0.16]]))
    part = rows.drop(index=0)
    part.attrs["planned"] = rows.drop_duplicates(["data", "target"])[["data", "target"]].to_dict("records")
    assert not DERIVED["generated-best-other"](part).size  # the missing one may be the best
    assert not DERIVED["generated-best-unseen"](rows).size


def test_targets_may_be_the_sample():
    """Means over seeds and over choices of zoos, a row for each target of training zoos."""
    values = {("b", "a"): 0.1, ("c", "a"): 0.3, ("a", "b"): 0.8, ("b+c", "a"): 0.4, ("a+c", "b"): 0.6}
    rows = table(values | {("a", "kmnist"): 0.9, ("a+b", "kmnist"): 0.9}, 3)
    found = DERIVED["generated-others-by-target"](rows)
    assert found == pytest.approx(np.array([[0.41, 0.21], [0.61, 0.81]]))
    assert np.isnan(DERIVED["generated-others-by-target"](rows.drop(index=0))[0]).any()
    assert not DERIVED["generated-own-and-others-by-target"](rows).size


def test_unseen_targets_are_apart():
    values = {("b", "a"): 0.1, ("b+c", "a"): 0.4, ("a", "kmnist"): 0.2, ("a+b", "kmnist"): 0.9}
    assert against(table(values), "generated", OTHERS, ANOTHER) == pytest.approx(np.array([[0.4, 0.1]]))
    unseen = against(table(values), "generated", OTHERS, ANOTHER, unseen=True)
    assert unseen == pytest.approx(np.array([[0.9, 0.2]]))


def test_a_missing_record_leaves_no_mean():
    values = {("a", "a"): 0.1, ("b", "b"): 0.3, ("a+b", "a"): 0.4, ("a+b", "b"): 0.6}
    whole = table(values, 2)
    part = whole.drop(index=0)
    part.attrs["planned"] = whole.drop_duplicates(["data", "target"])[["data", "target"]].to_dict("records")
    found = against(part, "generated", OWN_AND_OTHERS, OWN)
    assert (
        np.isnan(found[0, 1])
        and found[0, 0] == pytest.approx(0.5)
        and found[1] == pytest.approx([0.51, 0.21])
    )


def test_what_was_not_planned_has_no_samples():
    assert not against(table({("a", "a"): 0.1}), "generated", OTHERS, ANOTHER).size
    assert not DERIVED["generated-unseen"](table({("a", "b"): 0.1, ("a+c", "b"): 0.1})).size


def test_what_noise_would_gain_too_is_no_gain():
    values = {("a", "a"): 0.1, ("b", "b"): 0.3, ("a+b", "a"): 0.4, ("a+b", "b"): 0.6}
    rows = table(values, 2)
    same = rows.assign(noisy_prompts=rows.generated - 0.2)
    half = rows.assign(noisy_prompts=rows.generated / 2)
    for part in (same, half):
        part.attrs["planned"] = rows.drop_duplicates(["data", "target"])[["data", "target"]].to_dict(
            "records"
        )
    found = [DERIVED["beyond-noise-own-and-others"](part) for part in (same, half)]
    assert found[0] == pytest.approx(np.full((2, 2), 0.2))
    assert found[1] == pytest.approx(np.array([[0.25, 0.1], [0.255, 0.105]]))


def test_metrics_are_compared_with_one_composition():
    values = {("b", "a"): 0.1, ("b+c", "a"): 0.4, ("a+c", "b"): 0.6, ("a+b", "kmnist"): 0.9}
    rows = table(values).assign(noisy_prompts=lambda t: t.generated - 0.2)
    assert DERIVED["generated-or-noisy"](rows) == pytest.approx(np.array([[0.5, 0.3]]))
    assert not DERIVED["generated-or-noisy"](rows[:1]).size


def test_metrics_are_compared_for_unseen_targets_too():
    values = {("b+c", "a"): 0.4, ("a", "kmnist"): 0.2, ("a+b", "kmnist"): 0.9}
    rows = table(values, 2).assign(noisy_prompts=lambda t: t.generated - 0.3)
    found = DERIVED["generated-or-noisy-unseen"](rows)
    assert found == pytest.approx(np.array([[0.9, 0.6], [0.91, 0.61]]))
    assert not DERIVED["generated-or-noisy-unseen"](rows[rows.target == "a"]).size


def test_metrics_are_compared_where_the_target_was_seen():
    values = {("a+b", "a"): 0.4, ("a+b", "b"): 0.6, ("a", "a"): 0.1, ("a+b", "kmnist"): 0.9}
    rows = table(values).assign(noisy_prompts=lambda t: t.generated + 0.1)
    assert DERIVED["generated-or-noisy-seen"](rows) == pytest.approx(np.array([[0.5, 0.6]]))


def test_tables_are_set_apart_cell_by_cell():
    values = {("a", "a"): 0.1, ("b", "a"): 0.3}
    first, second = table(values, 2), table(values | {("a", "b"): 0.5}, 2)
    second.loc[(second.data == "b") & (second.seed == 1), "generated"] += 0.2
    found = apart(first, second.sample(frac=1, random_state=0), "generated")
    assert len(found) == 4 and found["b", "a", 1] == pytest.approx(0.2)
    assert (found.drop(("b", "a", 1)) == 0).all()
