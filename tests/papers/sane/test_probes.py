"""Linear probes against scikit-learn and SciPy, and on relations that are planted."""

import pytest
import torch
from scipy.stats import kendalltau
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from wsbook.papers.sane.method.probes import (
    STRENGTHS,
    determination,
    probed,
    rank_correlation,
    ridge,
)


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def parted(values):
    """150 rows as 100 to fit on, 25 to choose on and 25 to test on."""
    return values.split([100, 25, 25])


@pytest.mark.parametrize("features", [5, 60])
def test_ridge_is_scikit_learns_on_standardised_features(features):
    scale = 10 ** drawn(features, seed=1)
    x, others = (drawn(40, features) + 2) * scale, (drawn(7, features, seed=2) + 2) * scale
    y = drawn(40, seed=3) + 5
    found = ridge(x, y, others, [1e-4, 0.3, 100.0])
    for strength, predicted in zip([1e-4, 0.3, 100.0], found):
        model = make_pipeline(StandardScaler(), Ridge(alpha=40 * strength)).fit(x.numpy(), y.numpy())
        assert predicted.tolist() == pytest.approx(model.predict(others.numpy()).tolist(), rel=1e-6)


def test_a_constant_feature_tells_nothing():
    x, y, others = drawn(40, 3), drawn(40, seed=1), drawn(7, 3, seed=2)
    padded = [torch.cat([t, torch.full((len(t), 1), 4.0)], dim=1) for t in (x, others)]
    torch.testing.assert_close(ridge(padded[0], y, padded[1], [0.1]), ridge(x, y, others, [0.1]))


def test_scores_are_those_of_scikit_learn_and_scipy():
    truth = drawn(50).round(decimals=1)  # with ties
    predicted = truth + drawn(50, seed=1)
    assert determination(predicted, truth) == pytest.approx(r2_score(truth, predicted))
    assert determination(-predicted, truth) < 0
    assert rank_correlation(predicted, truth) == pytest.approx(kendalltau(predicted, truth).statistic)
    assert rank_correlation(truth**3, truth) == pytest.approx(1) == -rank_correlation(-truth, truth)


def test_what_does_not_vary_scores_nothing():
    assert determination(drawn(5), torch.ones(5)) == 0
    assert rank_correlation(drawn(5), torch.ones(5)) == 0 == rank_correlation(torch.ones(5), drawn(5))


def test_a_planted_relation_is_found_and_noise_is_not():
    x = drawn(150, 20)
    y = x @ drawn(20, seed=1)
    r2, tau = probed(parted(x), parted(y))
    assert r2 > 0.999 and tau > 0.97
    r2, tau = probed(parted(x), parted(drawn(150, seed=2)))
    assert r2 < 0.2 and abs(tau) < 0.4


def test_the_strength_is_the_best_on_the_second_part_and_never_seen_on_the_third():
    x, noise = drawn(150, 80), drawn(150, seed=1)
    y = x[:, 0] + 2 * noise
    fit, choose, test = zip(parted(x), parted(y))
    errors = [
        (ridge(*fit, choose[0], [strength])[0] - choose[1]).square().mean().item() for strength in STRENGTHS
    ]
    best = STRENGTHS[errors.index(min(errors))]
    assert STRENGTHS[0] < best < STRENGTHS[-1]
    predicted = ridge(*fit, test[0], [best])[0]
    expected = r2_score(test[1], predicted), kendalltau(predicted, test[1]).statistic
    assert probed(parted(x), parted(y)) == pytest.approx(expected)
