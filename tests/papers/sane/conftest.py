"""A zoo and an autoencoder that are trained in seconds."""

import pytest

from wsbook.papers.sane.measures.generation import Generation
from wsbook.zoo.networks import Network


@pytest.fixture
def setting() -> Generation:
    """Networks generated for the set they were trained on."""
    return Generation(
        "digits", "cnn-digits", models=6, epochs=2, kept=1, fresh=4, token=40, window=60, width=16, heads=2, blocks=1,
        latent=4, steps=15, batch=4, target="digits", prompts=3, candidates=12, keep=4,
    )  # fmt: skip


@pytest.fixture
def network(setting: Generation) -> Network:
    """The architecture of its zoo."""
    return setting.zoos[0].architecture
