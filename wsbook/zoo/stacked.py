"""Many small CNNs at once: the forward pass of a stack of weight vectors, differentiable."""

import torch
import torch.nn.functional as F
from torch import Tensor

from wsbook.nets.cnn import CNNSpec
from wsbook.weights.flatten import unflatten
from wsbook.zoo.convolution import ConvPool, parted

ACTIVATIONS = {"relu": F.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "gelu": F.gelu}


def logits(spec: CNNSpec, weights: Tensor, images: Tensor) -> Tensor:
    """Logits (M, B, classes) of M networks given as weight vectors (M, P).

    `images` is (M, B, C, H, W), a batch for each network, or (1, B, C, H, W), one batch for all.
    Differentiable (once) in the weights.
    """
    act = ACTIVATIONS[spec.activation]
    tensors = iter(unflatten(weights, spec.shapes).values())
    side, windows = spec.side, [*(conv.pool for conv in spec.convs), 1]
    x = parted(images.permute(0, 2, 3, 4, 1), windows[0]).contiguous()
    for conv, following in zip(spec.convs, windows[1:]):
        x = act(ConvPool.apply(x, next(tensors), next(tensors), side, following))
        side = (side - conv.kernel + 1) // conv.pool
    x = x.flatten(1, 5)
    for number in range(len(spec.hidden) + 1):
        weight, bias = next(tensors), next(tensors)
        x = torch.baddbmm(bias[..., None], weight, x.expand(len(weight), -1, -1))
        if number < len(spec.hidden):
            x = act(x)
    return x.mT


def score(
    spec: CNNSpec, weights: Tensor, inputs: Tensor, labels: Tensor, stack: int = 100, batch: int = 64
) -> tuple[Tensor, Tensor]:
    """Accuracy (M,) and mean cross-entropy (M,), float64, of weight vectors (M, P) on one image set.

    `inputs` (N, C, H, W) and `labels` (N,) serve all networks; `stack` networks meet `batch` images
    at a time.
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
