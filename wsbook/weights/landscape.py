"""Planes through weight space, on which losses can be drawn.

Random directions are filter-normalised (Li et al. 2018): every filter of a direction has the norm of
the network's own, so that the scale of a layer, which batch normalisation undoes, does not set the
scale of the picture. Three networks span the plane through them (paper C, figures 10 and 11).
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from wsbook.errors import StudyError
from wsbook.weights.flatten import flatten, shapes_of, unflatten

State = Mapping[str, Tensor]
ON_ONE_LINE = 1e-6  # sine of the angle at the first of three networks below which they span no plane


def directions(state: State, generator: torch.Generator, n: int = 2) -> list[dict[str, Tensor]]:
    """`n` Gaussian directions, each filter or row scaled to the norm of the network's own.

    Biases, batch normalisation and counters get zeros.
    """
    return [{name: _direction(t, generator) for name, t in state.items()} for _ in range(n)]


def plane_through(states: Sequence[State]) -> tuple[State, list[dict[str, Tensor]], Tensor]:
    """The first of three networks, two orthonormal directions, and the networks' places (3, 2) along them.

    The first lies at (0, 0), the second at (x, 0). Directions are float64, over all floating-point
    tensors.

    Raises
        StudyError: unless the three are networks of one architecture and lie on no line.
    """
    shapes = [shapes_of(state) for state in states]
    if len(states) != 3 or shapes.count(shapes[0]) != 3:
        raise StudyError(f"a plane needs three networks of one architecture, not these {len(states)}.")
    origin, second, third = (flatten(state).double() for state in states)
    a, b = second - origin, third - origin
    along = a / a.norm()
    across = b - (b @ along) * along
    across -= (across @ along) * along  # once more, for what rounding left
    if not across.norm() > ON_ONE_LINE * b.norm():
        raise StudyError("these three networks lie on one line and span no plane; choose different ones.")
    across /= across.norm()
    places = torch.stack([torch.stack([v @ along, v @ across]) for v in (torch.zeros_like(a), a, b)])
    return states[0], [unflatten(v, shapes[0]) for v in (along, across)], places


def state_at(origin: State, directions: Sequence[State], x: float, y: float) -> dict[str, Tensor]:
    """origin + x directions[0] + y directions[1], summed in float64; counters are those of `origin`."""
    along, across = directions
    return {
        name: (t.double() + x * along[name] + y * across[name]).to(t.dtype)
        if t.is_floating_point()
        else t.clone()
        for name, t in origin.items()
    }


def _direction(weight: Tensor, generator: torch.Generator) -> Tensor:
    if weight.dim() < 2:
        return torch.zeros_like(weight)
    drawn = torch.randn(weight.shape, generator=generator).to(weight)
    return drawn * _norms(weight) / _norms(drawn)


def _norms(weight: Tensor) -> Tensor:
    """Norm (filters, 1, ...) of each filter."""
    return weight.flatten(1).norm(dim=1).view(-1, *[1] * (weight.dim() - 1))
