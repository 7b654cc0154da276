"""Weight statistics, from which the model-zoo literature predicts properties of networks (Unterthiner et
al. 2020, "Predicting neural network accuracy from weights").

Of each parameter tensor, weights and biases apart: mean, standard deviation, and five quantiles. They do
not depend on the order of hidden units.
"""

import torch
from torch import Tensor

from wsbook.weights.flatten import Shapes, unflatten

QUANTILES = (0.0, 0.25, 0.5, 0.75, 1.0)  # linear between the order statistics
PER_TENSOR = 2 + len(QUANTILES)


def weight_statistics(vectors: Tensor, shapes: Shapes) -> Tensor:
    """Statistics (..., 7 K) of weight vectors (..., P) with K tensors: of each in turn mean, standard
    deviation and the quantiles 0, .25, .5, .75 and 1."""
    rows = [
        _of_entries(tensor.flatten(vectors.dim() - 1)) for tensor in unflatten(vectors, shapes).values()
    ]
    return torch.cat(rows, dim=-1)


def _of_entries(entries: Tensor) -> Tensor:
    """Statistics (..., 7) of the last axis; torch.quantile refuses large tensors, sorting does not."""
    ranked = entries.sort(dim=-1).values
    places = torch.tensor(QUANTILES, dtype=torch.float64, device=entries.device) * (entries.shape[-1] - 1)
    below, above = ranked[..., places.floor().long()], ranked[..., places.ceil().long()]
    quantiles = torch.lerp(below, above, places.frac().to(entries.dtype))
    moments = [entries.mean(-1), entries.std(-1, correction=0)]
    return torch.cat([torch.stack(moments, dim=-1), quantiles], dim=-1)
