"""The state of a model and its optimiser as named tensors, for checkpoints."""

import torch
from torch import Tensor, nn

from wsbook.study.shelf import Tensors


def state_of(model: nn.Module, optimiser: torch.optim.Optimizer) -> Tensors:
    """All that the two hold: parameters, and what the optimiser remembers of each."""
    state = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    for number, values in optimiser.state_dict()["state"].items():
        state |= {f"optimiser.{number}.{name}": torch.as_tensor(v) for name, v in values.items()}
    return state


def set_state(model: nn.Module, optimiser: torch.optim.Optimizer, tensors: Tensors) -> None:
    """Take both back to where `state_of` was called; other names among the tensors are left alone."""
    own = {k.removeprefix("model."): t for k, t in tensors.items() if k.startswith("model.")}
    model.load_state_dict(own)
    moments: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        if key.startswith("optimiser."):
            _, number, name = key.split(".")
            moments.setdefault(int(number), {})[name] = tensor
    optimiser.load_state_dict(optimiser.state_dict() | {"state": moments})
