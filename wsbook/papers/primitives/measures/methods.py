"""Ways to learn the dictionary, crossed with ways to find codes, at equal k on the same zoos.

Sections 1 and 3 of paper A name K-SVD, gradient methods, and "a learned analysis transform with an l1
penalty"; section 4 learns with Adam and infers with the pseudo-inverse. PCA and the true dictionary
bracket them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import normalize

from wsbook.errors import StudyError
from wsbook.papers.primitives.measures.trained import rounded
from wsbook.papers.primitives.method.coding import lasso, omp
from wsbook.papers.primitives.method.errors import global_error
from wsbook.papers.primitives.method.ksvd import ksvd
from wsbook.papers.primitives.method.lista import Lista, train_lista
from wsbook.papers.primitives.method.online import online_dictionary
from wsbook.papers.primitives.method.projection import pseudo_inverse_codes
from wsbook.papers.primitives.method.synthetic import SyntheticZoo, draw_zoo, stream
from wsbook.papers.primitives.method.training import train
from wsbook.papers.primitives.setting import Setting
from wsbook.study.experiment import Cell, Measured

KSVD_ITERATIONS = 50
ONLINE_EPOCHS = 100
LISTA_LAYERS = 10
LISTA_EPOCHS = 200


@dataclass(frozen=True)
class MethodSetting(Setting):
    """A synthetic zoo and the method that learns its dictionary.

    Raises
        StudyError: as `Setting`, and for an unknown method.
    """

    method: str = "adam"  # one of LEARNERS

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method not in LEARNERS:
            raise StudyError(f"method must be one of {', '.join(LEARNERS)}, not {self.method!r}.")

    @property
    def active(self) -> int:
        """Atoms that a sparse code may use: the share that is active on average."""
        return max(1, round(self.sparsity * self.k))

    @property
    def lasso_penalty(self) -> float:
        """The paper's lambda in the convention of `coding.lasso`, which halves the squared error."""
        return self.penalty / 2


def learn_adam(setting: MethodSetting, zoo: SyntheticZoo, seed: int) -> Tensor:
    """The paper's training, as stated: 50 epochs at learning rate 1e-3."""
    return train([setting], [seed]).dictionary[0, : setting.k]


def learn_adam_long(setting: MethodSetting, zoo: SyntheticZoo, seed: int) -> Tensor:
    """The paper's training with the budget that converges: 1,000 epochs at 1e-2."""
    return learn_adam(replace(setting, lr=1e-2, epochs=1000), zoo, seed)


def learn_ksvd(setting: MethodSetting, zoo: SyntheticZoo, seed: int) -> Tensor:
    """K-SVD (Aharon et al. 2006)."""
    generator = stream(seed, "ksvd")
    return ksvd(zoo.train, setting.k, setting.active, KSVD_ITERATIONS, generator).dictionary


def learn_online(setting: MethodSetting, zoo: SyntheticZoo, seed: int) -> Tensor:
    """Online dictionary learning (Mairal et al. 2009), with all rows as one batch."""
    generator = stream(seed, "online")
    penalty = setting.lasso_penalty
    return online_dictionary(
        zoo.train, setting.k, penalty, ONLINE_EPOCHS, generator, batch_size=setting.n_train
    )


def learn_pca(setting: MethodSetting, zoo: SyntheticZoo, seed: int) -> Tensor:
    """The k leading right singular vectors of the training rows."""
    return torch.linalg.svd(zoo.train, full_matrices=False).Vh[: setting.k]


def learn_oracle(setting: MethodSetting, zoo: SyntheticZoo, seed: int) -> Tensor:
    """The true dictionary."""
    return zoo.dictionary


LEARNERS: dict[str, Callable[[MethodSetting, SyntheticZoo, int], Tensor]] = {
    "adam": learn_adam,
    "adam-long": learn_adam_long,
    "ksvd": learn_ksvd,
    "online": learn_online,
    "pca": learn_pca,
    "oracle": learn_oracle,
}


def lista_codes(setting: MethodSetting, zoo: SyntheticZoo, dictionary: Tensor, seed: int) -> Tensor:
    """Codes of the test rows by an encoder trained on the training rows."""
    encoder = Lista(dictionary, setting.lasso_penalty, LISTA_LAYERS)
    train_lista(encoder, zoo.train, LISTA_EPOCHS, stream(seed, "lista"))
    with torch.no_grad():
        return encoder.encode(zoo.test)


def recovery(dictionary: Tensor, truth: Tensor) -> float:
    """Mean over true atoms of the largest |cosine| with a learned one: 1 where all are found."""
    cosines = normalize(truth, dim=1) @ normalize(dictionary, dim=1).T
    return cosines.abs().amax(1).mean().item()


def measure_one(cell: Cell) -> Measured:
    """Test errors by inference, `recovery`, and the distance of LISTA's codes from the lasso's."""
    setting, zoo = cell.setting, draw_zoo(cell.setting, cell.seed)
    dictionary = LEARNERS[setting.method](setting, zoo, cell.seed)
    unit = normalize(dictionary, dim=1)  # the l1 penalty means the same for every method
    codes = {
        "pinv": pseudo_inverse_codes(zoo.test, unit),
        "omp": omp(zoo.test, unit, setting.active),
        "lasso": lasso(zoo.test, unit, setting.lasso_penalty),
        "lista": lista_codes(setting, zoo, unit, cell.seed),
    }
    metrics = {f"test_error_{name}": global_error(zoo.test, a @ unit).item() for name, a in codes.items()}
    metrics["recovery"] = recovery(dictionary, zoo.dictionary)
    metrics["active_lasso"] = (codes["lasso"] != 0).float().mean().item()
    return Measured({name: rounded(value) for name, value in metrics.items()}, {})


def measure(cells: Sequence[Cell], device: str) -> list[Measured]:
    """`measure_one` of every cell; small problems, always on the CPU."""
    return [measure_one(cell) for cell in cells]
