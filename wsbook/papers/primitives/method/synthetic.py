"""The synthetic model zoo of paper A, section 4: w = D0^T alpha + noise, with sparse codes."""

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from wsbook.papers.primitives.setting import Setting


@dataclass(frozen=True)
class SyntheticZoo:
    """Weight vectors as rows, with the truth behind them."""

    train: Tensor  # (n_train, d)
    test: Tensor  # (n_test, d)
    dictionary: Tensor  # (k_true, d), D0
    test_noise: Tensor  # (n_test, d), the part of `test` that no dictionary can know


def stream(seed: int, purpose: str) -> torch.Generator:
    """A random stream of its own for each seed and purpose."""
    digest = hashlib.sha256(f"{purpose}/{seed}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)


def draw_zoo(setting: Setting, seed: int) -> SyntheticZoo:
    """Draw D0, the codes and the noise from the stream `data` of `seed`.

    D0 comes first: an initial dictionary drawn from a second copy of this stream is then a multiple
    of D0 (`streams="shared"`).
    """
    generator = stream(seed, "data")
    dictionary = torch.randn(setting.k_true, setting.d, generator=generator)
    if setting.atoms == "unit-norm":
        dictionary = normalize(dictionary, dim=1)
    samples = setting.n_train + setting.n_test
    position = torch.rand(samples, setting.k_true, generator=generator)
    if setting.support == "exact":
        position = position.argsort(dim=1).argsort(dim=1) / setting.k_true
    share = 1 - setting.sparsity if setting.support == "mostly-active" else setting.sparsity
    codes = torch.randn(samples, setting.k_true, generator=generator) * (position < share)
    noise = setting.noise * torch.randn(samples, setting.d, generator=generator)
    weights = codes @ dictionary + noise
    n = setting.n_train
    return SyntheticZoo(weights[:n], weights[n:], dictionary, noise[n:])


def draw_start(setting: Setting, seed: int) -> tuple[Tensor, Tensor]:
    """The initial dictionary (k, d) and training codes (n_train, k)."""
    generator = stream(seed, "data" if setting.streams == "shared" else "start")
    gaussian = torch.randn(setting.k, setting.d, generator=generator)
    codes = setting.code_scale * torch.randn(setting.n_train, setting.k, generator=generator)
    if setting.init == "gaussian":
        return setting.dictionary_scale * gaussian, codes
    rows = torch.linalg.qr(gaussian.T).Q.T
    matched = setting.init == "orthonormal-matched"
    return (rows * setting.dictionary_scale * setting.d**0.5 if matched else rows), codes
