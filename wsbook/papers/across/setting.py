"""What part X leaves to choose, as parameters: a trained network, and the way to store it."""

from dataclasses import dataclass, fields

from wsbook.errors import StudyError

KNOBS = {  # what each method is told; the other parameters must be 0
    "float16": (),
    "bfloat16": (),
    "nearest": ("bits",),  # uniform rounding, a step an output channel
    "compensated": (
        "bits",
    ),  # the same grid, rounding errors made up for by the weights that follow (GPTQ)
    "pruned": ("share", "bits"),  # the largest weights alone, rounded
    "kmeans": ("size",),  # whole kernels by a codebook
    "product": ("size",),  # rows of kernels by a codebook for each of the three
    "kernel-svd": ("rank", "bits"),  # kernels by their leading principal directions
    "layer-svd": ("share", "bits"),  # layers by their leading singular vectors
    "dictionary": ("size", "rank", "bits"),  # kernels by few atoms of a K-SVD dictionary: paper A
    "predictor": ("size", "bits"),  # a coordinate network trained on reconstruction: NeRN, paper C
}
DRAWN = ("compensated", "kmeans", "product", "dictionary", "predictor")  # methods that random numbers enter


@dataclass(frozen=True)
class Rate:
    """A trained network and the way to store its convolutions; the rest of it is stored alike by all."""

    network: str = "resnet20-cifar10"  # see wsbook.nets.originals
    method: str = "nearest"  # of KNOBS
    bits: int = (
        0  # of a rounded number, before entropy coding: 1 to 8; of a predictor also 16, half precision
    )
    size: int = 0  # centroids, atoms, or the hidden size of a predictor
    rank: int = 0  # atoms or directions of a kernel
    share: float = 0.0  # of the weights that are kept, or of a layer's full rank

    def __post_init__(self) -> None:
        if self.method not in KNOBS:
            raise StudyError(f"there is no method {self.method!r}; choose one of {', '.join(KNOBS)}.")
        for name in (field.name for field in fields(self)[2:]):
            if name not in KNOBS[self.method] and getattr(self, name):
                raise StudyError(f"method {self.method} takes no {name}; leave it at 0.")
        self._check_knobs()

    def _check_knobs(self) -> None:
        knobs = KNOBS[self.method]
        half = self.method == "predictor" and self.bits == 16
        if "bits" in knobs and not half and not 1 <= self.bits <= 8:
            raise StudyError(f"method {self.method} takes 1 to 8 bits a number, not {self.bits}.")
        if "share" in knobs and not 0 < self.share <= 1:
            raise StudyError(f"method {self.method} keeps a share above 0 and up to 1, not {self.share}.")
        for name in {"size", "rank"} & set(knobs):
            if getattr(self, name) < 1:
                raise StudyError(
                    f"method {self.method} needs a {name} of at least 1, not {getattr(self, name)}."
                )
        if self.method == "dictionary" and self.rank > self.size:
            raise StudyError(f"a kernel cannot use {self.rank} of {self.size} atoms; lower the rank.")
        if self.method == "kernel-svd" and self.rank > 9:
            raise StudyError(f"kernels of nine weights have no {self.rank} directions; lower the rank.")


def draws(setting: Rate) -> bool:
    """Whether random numbers enter, so that seeds differ."""
    return setting.method in DRAWN
