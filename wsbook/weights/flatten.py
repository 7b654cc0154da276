"""Whole networks as weight vectors, and back. Vectors are rows; leading dimensions are free."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from wsbook.errors import StudyError

Shapes = Mapping[str, tuple[int, ...]]  # parameter names and shapes, in the order of the vector


def shapes_of(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Shapes of the floating-point tensors of a state dict, in its order.

    Counters of batch normalisation are integers, and no part of the vector.
    """
    return {name: tuple(t.shape) for name, t in state.items() if t.is_floating_point()}


def flatten(state: Mapping[str, Tensor], shapes: Shapes | None = None) -> Tensor:
    """The weight vector (..., P) of tensors (..., *shape), in the order of `shapes`."""
    shapes = shapes or shapes_of(state)
    return torch.cat([_rows(state[name], len(shape)) for name, shape in shapes.items()], dim=-1)


def unflatten(vector: Tensor, shapes: Shapes) -> dict[str, Tensor]:
    """Tensors (..., *shape) that share the memory of the weight vector (..., P).

    Raises
        StudyError: if P is not the number of weights of `shapes`.
    """
    sizes = [math.prod(shape) for shape in shapes.values()]
    if vector.shape[-1] != sum(sizes):
        raise StudyError(
            f"a vector of {vector.shape[-1]} weights does not fit a network of {sum(sizes)}; "
            "check that it belongs to this architecture."
        )
    parts = vector.split(sizes, dim=-1)
    return {name: part.unflatten(-1, shape) for (name, shape), part in zip(shapes.items(), parts)}


def _rows(tensor: Tensor, dims: int) -> Tensor:
    return tensor.reshape(*tensor.shape[: tensor.dim() - dims], -1)
