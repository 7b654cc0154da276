"""What paper C leaves to choose, as parameters. Defaults are NeRN's for CIFAR-10, and paper C's."""

from dataclasses import dataclass

from wsbook.errors import StudyError

EPOCH = 196  # steps: one pass of 50,000 images in batches of 256, also when no image is used


@dataclass(frozen=True)
class Reconstruction:
    """Training a predictor on the reconstruction loss alone: phase 1, and one progressive round."""

    network: str = "resnet20-cifar10"  # the original, see wsbook.nets.originals
    hidden: int = 140  # h, width of the predictor's layers
    steps: int = 350 * EPOCH  # 68,600
    order: str = "in-filter"  # of the kernels: "in-filter", "cross-filter" or "none"
    batch: int = 4096  # kernels a step
    uniform: float = 0.8  # probability of a uniform batch; others in proportion to norms
    lr: float = 5e-3  # of Ranger, falling along half a cosine
    scale: str = "running"  # RMSE that scales the loss: "exact" predicts all kernels in every step

    def __post_init__(self) -> None:
        if self.hidden <= 0:
            raise StudyError(f"the hidden size of a predictor must be positive, not {self.hidden}.")
        if self.steps <= 0:
            raise StudyError(f"the number of steps must be positive, not {self.steps}.")
        if self.scale not in ("running", "exact"):
            raise StudyError(f"the scale of the loss is running or exact, not {self.scale!r}.")
        if not self.lr > 0:
            raise StudyError(f"the learning rate must be positive, not {self.lr}.")


@dataclass(frozen=True)
class Distillation:
    """Training a predictor on images: paper C's second phase, or NeRN's joint objective.

    The loss is reconstruction * L_recon + kd * L_KD + fmd * L_FMD (equation 1). Decoupled training is
    kd alone; NeRN is all three.
    """

    network: str = "resnet20-cifar10"
    hidden: int = 140
    first_steps: int = 350 * EPOCH  # of reconstruction alone before this; 0 starts a fresh predictor
    first_batch: int = 4096  # kernels a step in that training
    first_lr: float = 5e-3
    steps: int = 100 * EPOCH  # 19,600, of this training
    images: int = 256  # a step
    reconstruction: float = 0.0  # weight of L_recon
    kd: float = 0.01  # weight of L_KD
    fmd: float = 0.0  # weight of L_FMD
    order: str = "in-filter"
    batch: int = 4096  # kernels a step through which gradients pass; 0: all of them
    uniform: float = 0.8
    optimiser: str = "ranger"  # or "adam"
    lr: float = 5e-3
    warmup: int = 0  # steps in which the learning rate rises
    inputs: str = "images"  # or "noise"
    teacher: str = ""  # another network to learn from; empty: the original

    def __post_init__(self) -> None:
        for name in ("hidden", "steps", "images"):
            if getattr(self, name) <= 0:
                raise StudyError(f"{name} must be positive, not {getattr(self, name)}.")
        if min(self.reconstruction, self.kd, self.fmd) < 0 or self.reconstruction + self.kd + self.fmd <= 0:
            raise StudyError("weights of losses must not be negative, and one of them must be positive.")
        if self.optimiser not in ("ranger", "adam"):
            raise StudyError(f"there is no optimiser {self.optimiser!r}; choose ranger or adam.")
        if self.inputs not in ("images", "noise"):
            raise StudyError(f"inputs are images or noise, not {self.inputs!r}.")
        if self.fmd and self.teacher:
            raise StudyError("feature maps can only be compared with the original's; set fmd to 0.")

    @property
    def first(self) -> Reconstruction:
        """The training on reconstruction alone that comes before."""
        names = ("network", "hidden", "order", "uniform")
        kept = {name: getattr(self, name) for name in names}
        return Reconstruction(**kept, steps=self.first_steps, batch=self.first_batch, lr=self.first_lr)
