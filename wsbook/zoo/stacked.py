"""Many small CNNs at once: the forward pass of a stack of weight vectors, differentiable.

Activations are kept as (models, channels, height, width, images): every pass over them runs along
contiguous images. A convolution and the max-pooling after it are one product of matrices a pooling
window: the kernel, placed at each of the p x p positions of the window and padded with zeros to side
k + p - 1, meets each patch of that side once (stride p). That is more arithmetic, but far fewer
patches to gather, than gathering k x k patches at stride 1, and shapes that a matrix product likes.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.nets.cnn import CNNSpec
from wsbook.weights.flatten import unflatten

# Backward of torch's own threshold: grad where input > threshold, else 0; vectorised, unlike where.
_pass_where_above = torch.ops.aten.threshold_backward

ACTIVATIONS = {"relu": F.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "gelu": F.gelu}


class _ConvPool(torch.autograd.Function):
    """Convolution with kernel matrices (M, p * p * O, C * s * s), and the maximum over each window."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, matrix: Tensor, pool: int) -> Tensor:
        """x (M or 1, C, H, W, B) -> (M, O, h, w, B)."""
        patches, height, width = _patches(x, matrix.shape[2], pool)
        patches = patches.expand(len(matrix), -1, -1)
        found = (matrix @ patches).unflatten(1, (pool**2, -1))
        best = found[:, 0]
        for position in range(1, pool**2):
            best = torch.maximum(best, found[:, position])
        ctx.save_for_backward(patches, matrix, found, best)
        ctx.geometry = x.shape, height, width, pool
        return best.unflatten(2, (height, width, -1))

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor, None]:
        patches, matrix, found, best = ctx.saved_tensors
        shape, height, width, pool = ctx.geometry
        grad = _to_winners(grad.flatten(2), found, best).flatten(1, 2)
        grad_matrix = grad @ patches.mT
        if not ctx.needs_input_grad[0]:
            return None, grad_matrix, None
        spread = (matrix.mT @ grad).unflatten(2, (height, width, -1))
        return _fold(spread, shape, pool), grad_matrix, None


def _patches(x: Tensor, area: int, pool: int) -> tuple[Tensor, int, int]:
    """Patches (M, area, h * w * B) at stride `pool` of x (M, C, H, W, B), and h, w; area = C * s * s."""
    models, channels, rows, columns, images = x.shape
    side = round((area // channels) ** 0.5)
    height, width = (rows - side) // pool + 1, (columns - side) // pool + 1
    a, b, c, d, e = x.stride()
    view = x.as_strided(
        (models, channels, side, side, height, width, images), (a, b, c, d, c * pool, d * pool, e)
    )
    return view.reshape(models, area, -1), height, width


def _fold(spread: Tensor, shape: torch.Size, pool: int) -> Tensor:
    """Sum gradients of patches (M, C * s * s, h, w, B) back into their input's shape (M, C, H, W, B)."""
    side = round((spread.shape[1] // shape[1]) ** 0.5)
    height, width = spread.shape[2:4]
    spread = spread.unflatten(1, (shape[1], side, side))
    folded = spread.new_zeros(shape)
    for y in range(side):
        for x in range(side):
            rows, columns = slice(y, y + pool * height, pool), slice(x, x + pool * width, pool)
            folded[:, :, rows, columns] += spread[:, :, y, x]
    return folded


def _to_winners(grad: Tensor, found: Tensor, best: Tensor) -> Tensor:
    """Gradients (M, p * p, O, n): each window's goes to the first position that holds its maximum."""
    if found.shape[1] == 1:
        return grad[:, None]
    left, routed = grad, torch.empty_like(found)
    barely_below_zero = -torch.finfo(grad.dtype).tiny
    for position in range(found.shape[1]):
        behind = found[:, position] - best  # 0 at a winner, else negative
        _pass_where_above(left, behind, barely_below_zero, grad_input=routed[:, position])
        left = left - routed[:, position]
    return routed


def _kernel_matrix(weight: Tensor, pool: int) -> Tensor:
    """Kernels (M, O, C, k, k) at every window position, (M, p * p * O, C * s * s) with s = k + p - 1."""
    last = pool - 1
    placed = [F.pad(weight, (x, last - x, y, last - y)) for y in range(pool) for x in range(pool)]
    return torch.stack(placed, dim=1).flatten(3).flatten(1, 2)


def logits(spec: CNNSpec, weights: Tensor, images: Tensor) -> Tensor:
    """Logits (M, B, classes) of M networks given as weight vectors (M, P).

    `images` is (M, B, C, H, W), a batch for each network, or (1, B, C, H, W), one batch for all.
    Differentiable (once) in the weights.
    """
    act = ACTIVATIONS[spec.activation]
    tensors = iter(unflatten(weights, spec.shapes).values())
    x = images.permute(0, 2, 3, 4, 1).contiguous()
    for conv in spec.convs:
        weight, bias = next(tensors), next(tensors)
        x = _ConvPool.apply(x, _kernel_matrix(weight, conv.pool), conv.pool)
        x = act(x + bias[..., None, None, None])
    x = x.flatten(1, 3)
    for number in range(len(spec.hidden) + 1):
        weight, bias = next(tensors), next(tensors)
        x = torch.baddbmm(bias[..., None], weight, x.expand(len(weight), -1, -1))
        if number < len(spec.hidden):
            x = act(x)
    return x.mT


def score(
    spec: CNNSpec, weights: Tensor, inputs: Tensor, labels: Tensor, stack: int = 16, batch: int = 64
) -> tuple[Tensor, Tensor]:
    """Accuracy (M,) and mean cross-entropy (M,), float64, of weight vectors (M, P) on one image set.

    `inputs` (N, C, H, W) and `labels` (N,) serve all networks; `stack` networks meet `batch` images
    at a time, so that activations stay in the cache.
    """
    accuracy, loss = [], []
    with torch.inference_mode():
        for vectors in weights.split(stack):
            hits = torch.zeros(len(vectors), dtype=torch.float64, device=weights.device)
            total = torch.zeros_like(hits)
            for images, truth in zip(inputs.split(batch), labels.split(batch)):
                out = logits(spec, vectors, images[None])
                hits += (out.argmax(2) == truth).sum(1)
                wanted = truth.expand(len(vectors), -1)
                total += F.cross_entropy(out.mT, wanted, reduction="none").sum(1, dtype=torch.float64)
            accuracy.append(hits / len(labels))
            loss.append(total / len(labels))
    return torch.cat(accuracy), torch.cat(loss)
