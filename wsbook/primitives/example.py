"""One reconstruction to look at: the paper's figure 2."""

from numpy import ndarray

from wsbook.primitives.follow import reconstructions
from wsbook.primitives.setting import Setting
from wsbook.primitives.training import train


def held_out_example(seed: int, beta1: float = 0.5) -> tuple[ndarray, ndarray]:
    """The first held-out weight of a seed and its reconstruction, each (d,)."""
    trained = train([Setting(beta1=beta1)], [seed])
    _, approximation = reconstructions(trained)
    return trained.test[0, 0].numpy(), approximation[0, 0].numpy()
