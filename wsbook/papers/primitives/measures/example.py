"""One reconstruction to look at: the paper's figure 2."""

from numpy import ndarray

from wsbook.papers.primitives.measures.trained import reconstructions
from wsbook.papers.primitives.method.training import train
from wsbook.papers.primitives.setting import Setting


def held_out_example(seed: int, beta1: float = 0.5) -> tuple[ndarray, ndarray]:
    """The first held-out weight of a seed and its reconstruction, each (d,)."""
    trained = train([Setting(beta1=beta1)], [seed])
    _, approximation = reconstructions(trained)
    return trained.test[0, 0].numpy(), approximation[0, 0].numpy()
