"""Progressive rounds: which settings and seeds run at each profile."""

from dataclasses import replace

from wsbook.papers.nern.experiments.names import check
from wsbook.papers.nern.experiments.reconstruction import PAPERS_NETWORKS
from wsbook.papers.nern.measures import rounds
from wsbook.papers.nern.measures.rounds import TRIALS, Round
from wsbook.papers.nern.setting import EPOCH
from wsbook.study.experiment import Experiment


def chain(base: Round, count: int, chosen: str) -> list[Round]:
    """Rounds 2 to `count`, in order: each needs the one before, the second the first."""
    return [replace(base, number=number, chosen=chosen) for number in range(2, count + 1)]


def rounds_of(base: Round, count: int) -> list[Round]:
    """The first round; then later ones as the paper chooses their targets, and without a choice."""
    return [base, *chain(base, count, "test"), *chain(base, count, "last")]


def round_at_paper_scale(setting: Round) -> bool:
    """Whether predictors are trained as long as the paper's, on one of its networks."""
    return setting.steps >= Round.steps and setting.network in PAPERS_NETWORKS


DIGITS_ROUND = Round("resnet8-digits", 90, steps=1000, batch=512, lr=3e-2)
SHORT_ROUND = Round(steps=35 * EPOCH)  # a tenth of the paper's length
CIFAR100_ROUND = Round("resnet56-b-cifar100", 680, steps=450 * EPOCH)
ROUNDS = Experiment(
    name="c-rounds",
    title="Progressive rounds of reconstruction",
    grid={
        "quick": rounds_of(DIGITS_ROUND, 3),
        "cpu": [*rounds_of(SHORT_ROUND, 5), *rounds_of(DIGITS_ROUND, 3)],
        "paper": [*rounds_of(Round(), 5), *rounds_of(CIFAR100_ROUND, 5)],
    },
    seeds={"quick": TRIALS, "cpu": TRIALS, "paper": TRIALS},
    measure=rounds.measure,
    at_paper_scale=round_at_paper_scale,
    check=check,
    stack_size=1,
)
