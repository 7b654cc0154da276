"""What tables call settings, their values and metrics, whose names in records are those of the code."""

import re
from collections.abc import Mapping
from numbers import Real

from wsbook.study.quantity import plain

LABELS = {
    # settings
    "beta1": "β₁", "lr": "learning rate",
    # their values
    "sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "rmsprop": "RMSprop", "ksvd": "K-SVD", "pca": "PCA",
    "mnist": "MNIST", "kmnist": "KMNIST", "fashion-mnist": "Fashion-MNIST", "usps": "USPS", "cifar10": "CIFAR-10",
    "cifar100": "CIFAR-100", "eurosat": "EuroSAT",
    "resnet8-digits": "ResNet-8 on digits", "resnet8-wide-digits": "wide ResNet-8 on digits",
    "resnet18": "ResNet-18", "resnet20-b": "ResNet-20, 1 × 1 shortcuts", "resnet56-b": "ResNet-56, 1 × 1 shortcuts",
    "resnet20-cifar10": "ResNet-20 on CIFAR-10", "resnet56-cifar10": "ResNet-56 on CIFAR-10",
    "resnet56-b-cifar100": "ResNet-56 on CIFAR-100", "mobilenet-cifar100": "MobileNet on CIFAR-100",
    "cnn-s": "CNN", "cnn-digits": "CNN on digits", "mlp-digits": "perceptron on digits",
    "resnet-small": "small ResNet", "vit-small": "small transformer",
    # metrics
    "rmse": "error of the weights", "s_ratio": "S_ratio", "ood": "corrupted images", "fgsm": "FGSM", "ifgsm": "I-FGSM",
    "low_band_error": "error of low frequencies", "high_band_error": "error of high frequencies",
    "control_low_band_error": "low frequencies, random signs",
    "control_high_band_error": "high frequencies, random signs",
    "bulk_slope": "slope of the bulk", "peak_slope": "slope of the peaks",
}  # fmt: skip
POWER = re.compile(r"\d(\.\d+)?e-\d+")
FIELDS = {
    "hidden": "h",
    "number": "round",
    "size": "noise",
    "optimiser": "",
    "architecture": "",
}  # in claim files


def label(name: str) -> str:
    """A name as a reader knows it: batch_size as "batch size", those of LABELS as they stand there, 3e-05 as 3 × 10⁻⁵."""
    if POWER.fullmatch(name):
        return plain(float(name))
    return LABELS.get(name, name.replace("_", " ") if name.islower() else name)


def field_label(name: str) -> str:
    """A field of a setting, as claim files name it; nothing where its values speak for themselves."""
    return FIELDS.get(name, label(name))


def setting_label(setting: Mapping[str, object]) -> str:
    """The settings of a number that a paper prints, one after the other: β₁ = 0.7, AdamW."""
    return ", ".join(
        " = ".join(filter(None, (field_label(name), value_label(value)))) for name, value in setting.items()
    )


def value_label(value: object) -> str:
    """A setting's value: a name as of `label`, a number in as few digits as it has."""
    return plain(value) if isinstance(value, Real) and not isinstance(value, bool) else label(str(value))
