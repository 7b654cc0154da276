"""The trained networks that paper C's predictors represent, with their images.

Names are NETWORK-DATA. Networks for CIFAR-10 are read from WSBOOK_DATA/weights; those for the digits are
trained when first asked for, in seconds, and kept on this machine's shelf. So are those for CIFAR-100,
which takes minutes on a GPU and hours without one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from wsbook.data.imageset import ImageSet, channel_statistics, sha256, standardise, stratified_split
from wsbook.data.registry import data_folder, load
from wsbook.errors import StudyError
from wsbook.nets.folding import folded
from wsbook.nets.library import NETWORKS, network, predicted_layers
from wsbook.nets.resnet import MEAN, STD, load_resnet
from wsbook.nets.sgd import LongRecipe, train_long
from wsbook.nets.train import Recipe, initialise, train
from wsbook.study.shelf import Checkpoint, find, keep, kept_as, shelf_name
from wsbook.weights.flatten import flatten
from wsbook.weights.framed import Framed, framed

HELD_OUT = 0.1  # of CIFAR's training images: 5,000 to select on, never used for distillation
SPLIT_SEED = 0
DIGITS_RECIPE = Recipe(epochs=15, batch=32, lr=1e-2)
LONG_RECIPE = LongRecipe(epochs=100, rise=0.2)
# Of the networks that are read.
FINGERPRINTS = {"resnet20-cifar10": "55fa4ffa8345", "resnet56-cifar10": "489a10d44b2b"}


@dataclass(frozen=True)
class Original:
    """A trained network, the kernels a predictor stands for, and its image set."""

    name: str
    architecture: str
    data: str
    net: nn.Module  # in evaluation mode
    mean: Sequence[float]  # of its input, a channel
    std: Sequence[float]
    augmented: bool  # whether it was trained on mirrored and shifted images

    @cached_property
    def frame(self) -> Framed:
        """The kernels that are predicted."""
        return framed(self.net.state_dict(), predicted_layers(self.architecture))

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits of the network's weights."""
        return sha256(flatten(self.net.state_dict()).numpy())[:12]

    def fingerprints(self, *parts: str) -> dict[str, str]:
        """Of the network's weights and of parts of its images, by name: what records say that they rest on."""
        images = {f"{self.data}/{part}": self.images(part).fingerprint[:12] for part in parts}
        return {self.name: self.fingerprint, **images}

    def images(self, part: str) -> ImageSet:
        """The images of "train", "val" or "test". Where a set has no validation split, a tenth of each
        class of its training images is held out.

        Raises
            StudyError: as `wsbook.data.load`; for another part.
        """
        return _images(self.data, part)

    def inputs(self, part: str) -> tuple[Tensor, Tensor]:
        """Standardised images (N, C, H, W) of a part, and labels (N,)."""
        return _inputs(self.name, part)


@cache
def original(name: str) -> Original:
    """A trained network by name.

    Raises
        StudyError: for an unknown name, if its weights or images are missing, or if the weights are another's.
    """
    if name not in ORIGINALS:
        raise StudyError(f"there is no trained network {name!r}; choose one of {', '.join(ORIGINALS)}.")
    return ORIGINALS[name](name)


def teacher(name: str, device: str) -> Callable[[Tensor], Tensor]:
    """The logits of another trained network, which takes the same inputs.

    Raises
        StudyError: as `original`.
    """
    return folded(original(name).net).to(device)


def _cifar10(name: str) -> Original:
    architecture, data = name.split("-")
    folder = data_folder() / "weights"
    try:
        net = load_resnet(int(architecture[6:]))
    except (OSError, SafetensorError) as error:
        raise StudyError(
            f"the weights of {name} in {folder} cannot be read ({error}); put a whole file there."
        ) from error
    found = Original(name, architecture, data, net, MEAN, STD, augmented=True)
    if found.fingerprint != FINGERPRINTS[name]:
        raise StudyError(
            f"the weights of {name} in {folder} are another network's than the records and stored predictors of this "
            f"study stand for (fingerprint {found.fingerprint}, not {FINGERPRINTS[name]}); put those back."
        )
    return found


@kept_as("long")
def _long(name: str) -> Original:
    architecture, data = name.rsplit("-", 1)
    images, device = _images(data, "train"), "cuda" if torch.cuda.is_available() else "cpu"
    file = shelf_name("long", LONG_RECIPE, 0, of=name)
    net = network(architecture, len(images.classes), images.images.shape[-1])
    if kept := find(file):
        net.load_state_dict(kept)
    else:
        initialise(net, torch.Generator().manual_seed(0)).to(device)
        pixels, labels = images.images.to(device), images.labels.to(device)
        generator, checkpoint = torch.Generator(device).manual_seed(0), Checkpoint(file)
        state = checkpoint.load()
        train_long(
            net, pixels, labels, MEAN, STD, LONG_RECIPE, generator, tensors=state, save=checkpoint.save
        )
        keep(file, net.cpu().state_dict())
        checkpoint.discard()
    return Original(name, architecture, data, net.eval(), MEAN, STD, augmented=True)


@kept_as("digits")
def _digits(name: str) -> Original:
    images = load("digits", "train")
    mean, std = channel_statistics(images.images)
    file = shelf_name("digits", DIGITS_RECIPE, 0, of=name)
    architecture = name if name in NETWORKS else name.removesuffix("-digits")
    net = network(architecture, 10, 1)
    if kept := find(file):
        net.load_state_dict(kept)
    else:
        generator = torch.Generator().manual_seed(0)
        initialise(net, generator)
        train(net, standardise(images.images, mean, std), images.labels, DIGITS_RECIPE, generator)
        keep(file, net.state_dict())
    net.eval()
    return Original(name, architecture, "digits", net, mean.tolist(), std.tolist(), augmented=False)


ORIGINALS = {
    "resnet20-cifar10": _cifar10,
    "resnet56-cifar10": _cifar10,
    "resnet8-digits": _digits,
    "resnet8-wide-digits": _digits,
    "resnet56-b-cifar100": _long,
    "resnet50-cifar-cifar100": _long,
    "mobilenet-cifar100": _long,
}


@cache
def _images(data: str, part: str) -> ImageSet:
    if part not in ("train", "val", "test"):
        raise StudyError(f"images come in parts train, val and test, not {part!r}.")
    if part == "test" or data == "digits":
        return load(data, part)
    whole = load(data, "train")
    generator = torch.Generator().manual_seed(SPLIT_SEED)
    parts = stratified_split(whole.labels, (1 - HELD_OUT, HELD_OUT), generator)
    chosen = parts[("train", "val").index(part)]
    return ImageSet(whole.images[chosen], whole.labels[chosen], whole.classes, whole.fingerprint)


@cache
def _inputs(name: str, part: str) -> tuple[Tensor, Tensor]:
    net = original(name)
    images = net.images(part)
    return standardise(images.images, net.mean, net.std), images.labels
