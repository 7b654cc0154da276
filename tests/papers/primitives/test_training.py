"""The stacked trainer against torch.optim, against itself alone, and against itself again."""

from dataclasses import replace

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.primitives.measures import trained
from wsbook.papers.primitives.method.synthetic import draw_start, draw_zoo, stream
from wsbook.papers.primitives.method.training import train
from wsbook.papers.primitives.setting import Setting
from wsbook.study.experiment import Cell

SMALL = Setting(n_train=16, n_test=6, d=64, k_true=6, k=5, epochs=12, batch_size=16)
PAPER = Setting()


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def torch_optimiser(setting, parameters):
    adam = dict(lr=setting.lr, betas=(setting.beta1, setting.beta2), weight_decay=setting.weight_decay)
    return {
        "adam": lambda: torch.optim.Adam(parameters, **adam),
        "adamw": lambda: torch.optim.AdamW(parameters, **adam),
        "rmsprop": lambda: torch.optim.RMSprop(parameters, lr=setting.lr),
        "sgd": lambda: torch.optim.SGD(parameters, lr=setting.lr),
    }[setting.optimiser]()


def autograd_run(setting, seed):
    """One run the plain way: the objective of section 4 by autograd and torch.optim."""
    weights = draw_zoo(setting, seed).train
    dictionary, codes = (x.requires_grad_() for x in draw_start(setting, seed))
    optimiser = torch_optimiser(setting, [dictionary, codes])
    order = stream(seed, "order")
    for _ in range(setting.epochs):
        batches = [torch.arange(setting.n_train)]
        if setting.batch_size < setting.n_train:
            batches = torch.randperm(setting.n_train, generator=order).split(setting.batch_size)
        for rows in batches:
            optimiser.zero_grad()
            residual = weights[rows] - codes[rows] @ dictionary
            if setting.loss == "sum":
                penalty = codes[rows].abs().sum(1).mean()
                loss = residual.square().sum(1).mean() + setting.penalty * penalty
            else:
                loss = residual.square().mean() + setting.penalty * codes[rows].abs().mean()
            loss.backward()
            optimiser.step()
    return dictionary.detach(), codes.detach()


def relative(ours, theirs):
    return ((ours - theirs).norm() / theirs.norm()).item()


@pytest.mark.parametrize("optimiser", ["adam", "adamw", "rmsprop", "sgd"])
@pytest.mark.parametrize("loss", ["sum", "mean"])
@pytest.mark.parametrize("batch_size", [16, 4])
def test_agrees_with_autograd_and_torch_optim(optimiser, loss, batch_size):
    setting = replace(SMALL, optimiser=optimiser, loss=loss, batch_size=batch_size, weight_decay=1e-2)
    if optimiser in ("rmsprop", "sgd"):
        setting = replace(setting, weight_decay=0.0)
    stack = train([setting] * 3, [4, 5, 6])
    dictionary, codes = autograd_run(setting, 5)
    assert relative(stack.dictionary[1, : setting.k], dictionary) < 1e-5
    assert relative(stack.codes[1, :, : setting.k], codes) < 1e-5


def test_at_the_papers_size_a_stack_agrees_with_each_run_alone():
    settings = [
        replace(PAPER, beta1=b, optimiser=o) for b, o in ((0.5, "adam"), (0.9, "rmsprop"), (0.99, "adam"))
    ]
    cells = [Cell(setting, seed) for seed, setting in enumerate(settings)]
    together = trained.measure(cells, "cpu")
    for cell, stacked in zip(cells, together, strict=True):
        (alone,) = trained.measure([cell], "cpu")
        assert dict(stacked.metrics) == pytest.approx(dict(alone.metrics), rel=1e-4)
        assert stacked.curves["test_curve"] == pytest.approx(alone.curves["test_curve"], rel=1e-4)


def test_the_draws_of_a_run_do_not_depend_on_its_stack():
    alone, stack = train([SMALL], [3]), train([SMALL, replace(SMALL, k=9), SMALL], [1, 2, 3])
    assert torch.equal(alone.train[0], stack.train[2])
    assert torch.equal(alone.test[0], stack.test[2])


def test_the_same_stack_again_is_bitwise_the_same():
    settings = [replace(SMALL, batch_size=4, beta1=b) for b in (0.5, 0.9)]
    first, second = train(settings, [0, 1]), train(settings, [0, 1])
    assert torch.equal(first.dictionary, second.dictionary)
    assert torch.equal(first.codes, second.codes)


@pytest.mark.parametrize("optimiser", ["adam", "rmsprop", "sgd"])
def test_padding_stays_zero_and_changes_nothing(optimiser):
    small = replace(SMALL, optimiser=optimiser)
    large = replace(small, k=11)
    padded = train([small, large], [7, 7])
    assert not padded.dictionary[0, small.k :].any() and not padded.codes[0, :, small.k :].any()
    assert padded.dictionary[1, small.k : large.k].any()
    alone = train([small], [7])
    assert relative(padded.dictionary[0, :5], alone.dictionary[0, :5]) < 1e-5


def test_renormalised_atoms_have_norm_one_and_others_do_not():
    stack = train([replace(SMALL, renormalise=True), SMALL], [0, 0])
    assert torch.allclose(stack.dictionary[0, :5].norm(dim=1), torch.ones(5), atol=1e-5)
    assert (stack.dictionary[1, :5].norm(dim=1) < 0.9).all()


def test_a_flipped_sign_in_the_gradient_would_be_seen():
    """Training must lower the objective it is meant to lower."""
    errors = train([replace(PAPER, epochs=20)], [0], observe=lambda t: trained.epoch_errors(t)[0, 0].item())
    assert errors.snapshots[-1] < 0.9 * errors.snapshots[0]


def test_shared_streams_start_at_a_multiple_of_the_truth():
    setting = replace(SMALL, streams="shared", atoms="unit-variance", k=6)
    start, _ = draw_start(setting, 2)
    assert torch.allclose(start, setting.dictionary_scale * draw_zoo(setting, 2).dictionary)
    fewer, _ = draw_start(replace(setting, k=4), 2)
    assert torch.allclose(fewer, start[:4])
    independent, _ = draw_start(replace(setting, streams="independent"), 2)
    cosine = torch.nn.functional.cosine_similarity(independent, start).abs()
    assert cosine.max() < 0.6


@pytest.mark.parametrize(
    "support, low, high", [("bernoulli", 0.07, 0.13), ("exact", 0.1, 0.1), ("mostly-active", 0.87, 0.93)]
)
def test_support(support, low, high):
    setting = replace(PAPER, support=support, noise=0.0, atoms="unit-variance")
    zoo = draw_zoo(setting, 0)
    codes = zoo.train @ torch.linalg.pinv(zoo.dictionary)
    share = (codes.abs() > 1e-4).float().mean().item()
    assert low - 1e-6 <= share <= high + 1e-6


def test_start_norms_by_initialisation():
    norms = {
        init: draw_start(replace(PAPER, init=init), 0)[0].norm(dim=1).mean().item()
        for init in ("gaussian", "orthonormal", "orthonormal-matched")
    }
    assert norms["orthonormal"] == pytest.approx(1.0, rel=1e-5)
    assert norms["orthonormal-matched"] == pytest.approx(norms["gaussian"], rel=0.02)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"k": 0}, "k must be positive"),
        ({"k": -3}, "k must be positive"),
        ({"sparsity": 0.0}, "sparsity must lie in (0, 1]"),
        ({"sparsity": 1.5}, "sparsity must lie in (0, 1]"),
        ({"lr": float("nan")}, "lr must be finite and positive"),
        ({"lr": float("inf")}, "lr must be finite and positive"),
        ({"beta1": 1.0}, "beta1 and beta2 must lie in [0, 1)"),
        ({"batch_size": 30}, "batch_size must divide n_train"),
        ({"optimiser": "lion"}, "optimiser must be one of"),
        ({"streams": "same"}, "streams must be one of"),
    ],
)
def test_bad_settings_are_refused_in_one_sentence(change, words):
    with pytest.raises(StudyError) as error:
        replace(PAPER, **change)
    assert words in str(error.value) and "\n" not in str(error.value)
