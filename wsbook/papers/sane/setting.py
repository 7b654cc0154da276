"""What paper B leaves to choose, as parameters. Defaults fit small CNNs and two cores."""

from dataclasses import dataclass, replace

from wsbook.errors import StudyError
from wsbook.papers.sane.method.losses import NORMALISATIONS
from wsbook.zoo.setting import Zoo

PRECISIONS = ("float32", "bfloat16")
FRESH_SEED = 10_000  # from here on seeds belong to networks that no autoencoder is trained on


@dataclass(frozen=True)
class Training:
    """Training an autoencoder on one zoo or several."""

    data: str = "mnist"  # image sets of the zoos, joined by +
    network: str = "cnn-s"  # of all zoos; or one for each, joined by +
    models: int = 100  # of all zoos together, in equal shares; 70 % of them are trained on
    images: int = 10_000  # for each network of a zoo to train on
    epochs: int = 10  # of these networks
    kept: int = 5  # the networks after so many last epochs are samples
    fresh: int = (
        20  # networks of each image set that no autoencoder sees: to reconstruct, and to be prompts
    )
    token: int = 201  # numbers in a token
    window: int = 48  # tokens
    width: int = 128
    heads: int = 4
    blocks: int = 2
    latent: int = 32
    steps: int = 5000
    batch: int = 32  # windows a step, each in two views
    lr: float = 1e-3  # the largest
    weight_decay: float = 3e-9
    contrast: float = 0.05  # weight of NT-Xent; that of reconstruction is the rest
    noise: float = 0.1  # tokens, also as targets, are multiplied by 1 + noise times a Gaussian
    normalisation: str = "token"  # of the reconstruction loss, see wsbook.papers.sane.method.losses
    precision: str = "float32"  # of the autoencoder's products in training; weights and losses are float32

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "lr", "fresh"):
            if getattr(self, name) <= 0:
                raise StudyError(f"{name} must be positive, not {getattr(self, name)}.")
        if not 0 <= self.contrast < 1 or self.noise < 0:
            raise StudyError("the weight of contrast lies from 0 to below 1, and noise is not negative.")
        if self.normalisation not in NORMALISATIONS:
            raise StudyError(
                f"there is no normalisation {self.normalisation!r}; choose one of {', '.join(NORMALISATIONS)}."
            )
        if self.precision not in PRECISIONS:
            raise StudyError(
                f"there is no precision {self.precision!r}; choose one of {', '.join(PRECISIONS)}."
            )
        if len(self.networks) != len(self.sets):
            raise StudyError(f"{self.network} must be one architecture, or one for each of {self.data}.")
        if self.models < len(self.sets):
            raise StudyError(f"{self.models} models are too few for {len(self.sets)} zoos.")

    @property
    def sets(self) -> list[str]:
        """The image sets."""
        return self.data.split("+")

    @property
    def networks(self) -> list[str]:
        """The architecture of each zoo."""
        names = self.network.split("+")
        return names * len(self.sets) if len(names) == 1 else names

    @property
    def zoos(self) -> list[Zoo]:
        """The zoos, with as many models each."""
        each = self.models // len(self.sets)
        kinds = zip(self.sets, self.networks)
        return [Zoo(name, kind, each, self.images, self.epochs, self.kept) for name, kind in kinds]

    def fresh_zoo(self, zoo: Zoo) -> Zoo:
        """Networks like those of a zoo that no autoencoder has seen."""
        return replace(zoo, models=self.fresh, first_seed=FRESH_SEED)
