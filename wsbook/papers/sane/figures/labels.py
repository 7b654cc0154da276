"""What image sets are called in figures and tables of paper B."""

CHANCE = 0.1  # every image set has ten classes, of about the same size
CHANCES = {"chance": CHANCE}
NAMES = {"mnist": "MNIST", "fashion-mnist": "Fashion", "usps": "USPS", "cifar10": "CIFAR-10"}
NAMES |= {
    "eurosat": "EuroSAT",
    "kmnist": "KMNIST",
    "glyphs-digits": "glyphs, 0-9",
    "glyphs-letters": "glyphs, A-J",
}


def short(data: str) -> str:
    """Image sets joined by + as a label."""
    sets = data.split("+")
    return NAMES.get(data, data) if len(sets) == 1 else f"{len(sets)} sets"


def trained(contrast: float) -> str:
    """How an autoencoder was trained, by the weight of contrast in its loss."""
    return "with contrast" if contrast else "without contrast"
