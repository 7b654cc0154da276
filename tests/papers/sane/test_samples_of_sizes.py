"""Samples of claims from tables with planted effects."""

import numpy as np
import pandas as pd
import pytest

from wsbook.papers.sane.samples.sizes import (
    ALL,
    DERIVED,
    apart_from,
    by_number_of_sets,
    diversity,
    foretold,
    law,
    sets_or_networks,
    together_and_alone,
)


def test_choices_of_as_many_sets_are_averaged():
    rows = [
        {"data": data, "seed": seed, "generated": value + 0.1 * seed}
        for data, value in {"a": 0.1, "b": 0.3, "a+b": 0.5, "a+b+c": 0.8}.items()
        for seed in (0, 1)
    ]
    table = pd.DataFrame(rows)
    assert by_number_of_sets(table).columns.tolist() == [1, 2, 3]
    assert diversity(table) == pytest.approx(np.array([[0.2, 0.5, 0.8], [0.3, 0.6, 0.9]]))
    table.attrs["planned"] = [{"data": data} for data in ("a", "b", "a+b", "b+c", "a+b+c")]
    missing = diversity(table)
    assert np.isnan(missing[:, 1]).all() and missing[:, 0] == pytest.approx([0.2, 0.3])


def test_a_rise_that_is_that_of_having_one_set_is_apart():
    """Accuracy is .5 with eurosat and .4 without, whatever else is there; and then .01 more for each set."""
    choices = ("a", "b", "eurosat", "a+b", "b+eurosat", "a+eurosat", "a+b+eurosat")
    rows = [
        {
            "data": data,
            "seed": seed,
            "generated": 0.4 + 0.1 * ("eurosat" in data) + 0.01 * seed * data.count("+"),
        }
        for data in choices
        for seed in (0, 1)
    ]
    found = apart_from(pd.DataFrame(rows), "eurosat")
    assert found == pytest.approx(np.array([[0, 0], [0.04, 0]]), abs=1e-12)
    missing = apart_from(pd.DataFrame(rows[1:]), "eurosat")
    assert np.isnan(missing[0, 0]) and missing[1, 0] == pytest.approx(0.04)


def test_two_numbers_make_no_trend():
    table = pd.DataFrame({"data": ["a", "a+b"], "seed": 0, "generated": [0.1, 0.2]})
    assert not diversity(table).size


def test_sets_and_networks_are_compared_from_one_start():
    values = {("mnist", 10): 0.0, ("mnist", 20): 0.2, ("mnist", 100): 0.3, (ALL, 20): 0.6, (ALL, 100): 0.9}
    rows = [
        {"data": data, "models": models, "target": target, "seed": 0, "generated": value}
        for (data, models), value in values.items()
        for target in ("kmnist",)
    ]
    table = pd.DataFrame([*rows, {**rows[0], "target": "mnist", "generated": 0.99}])
    assert sets_or_networks(table) == pytest.approx(np.array([[0.4, 0.1]]))
    table.attrs["planned"] = rows
    assert np.isnan(sets_or_networks(table[table.models <= 20])[0, 1])
    assert not sets_or_networks(table[:0]).size


def test_numbers_of_networks_are_taken_by_their_places():
    rows = [
        {"data": data, "models": models, "target": target, "seed": 0, "generated": models / 1000}
        for data in ("mnist", ALL)
        for models in (100, 500, 1000)
        for target in ("mnist", "kmnist")
    ]
    table = pd.DataFrame(rows)
    assert DERIVED["growth-one-zoo"](table).tolist() == [[1.0, 0.1]]
    assert DERIVED["doubling-many-zoos"](table).tolist() == [[1.0, 0.5]]
    assert DERIVED["growth-from-second-many-zoos-kmnist"](table).tolist() == [[1.0, 0.5]]
    part = table[table.models < 1000]
    part.attrs["planned"] = rows
    assert np.isnan(DERIVED["doubling-one-zoo"](part)[0, 0])
    assert not DERIVED["doubling-one-zoo"](table[table.models == 100]).size
    assert not sets_or_networks(table[table.models == 100]).size


def test_a_law_foretells_what_follows_it():
    models = np.array([10.0, 20, 50, 100, 200])
    errors = law(models, 0.1, 2.0, 0.6)
    rows = [
        {"data": ALL, "target": "mnist", "seed": seed, "models": int(m), "generated": 1 - e}
        for seed in (0, 1)
        for m, e in zip(models, errors)
    ]
    table = pd.DataFrame(rows)
    assert foretold(table, ALL, "mnist") == pytest.approx([0, 0], abs=1e-4)
    table.loc[(table.seed == 1) & (table.models == 200), "generated"] -= 0.2
    assert foretold(table, ALL, "mnist") == pytest.approx([0, 0.2], abs=1e-3)
    assert np.isnan(foretold(table[table.models < 100], ALL, "mnist")).all()
    assert not foretold(table, "mnist", "mnist").size


def test_an_architecture_alone_is_compared_with_its_part_of_the_whole():
    rows = [
        {"network": "cnn+mlp", "seed": 0, "rebuilt": 0.5, "rebuilt_by_zoo": [0.4, 0.6]},
        {"network": "mlp", "seed": 0, "rebuilt": 0.7, "rebuilt_by_zoo": [0.7]},
        {"network": "cnn", "seed": 0, "rebuilt": 0.3, "rebuilt_by_zoo": [0.3]},
    ]
    table = pd.DataFrame(rows)
    assert together_and_alone(table, "mlp") == pytest.approx(np.array([[0.6, 0.7]]))
    assert together_and_alone(table, "cnn") == pytest.approx(np.array([[0.4, 0.3]]))
    assert np.isnan(together_and_alone(table[:1], "mlp")[0, 1])
    assert not together_and_alone(table[:0], "mlp").size
