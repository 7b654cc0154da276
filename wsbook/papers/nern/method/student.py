"""The network whose kernels are predicted, as a function of those kernels.

Its batch normalisation is frozen, and therefore folded into the convolutions: a kernel is multiplied by
the scale of its filter, and the rest becomes a bias that no prediction changes.
"""

import torch
from torch import Tensor, nn
from torch.func import functional_call

from wsbook.nets.folding import folded
from wsbook.nets.maps import forward_with_maps
from wsbook.nets.originals import Original
from wsbook.papers.nern.method.network import rebuilt
from wsbook.weights.framed import framed, weights_of


class Student:
    """An original in evaluation mode with other kernels (N, 9); gradients reach these."""

    def __init__(self, source: Original, device: str):
        self.frame = source.frame
        # With kernels of ones, the folded convolutions hold the scales of their filters.
        net = folded(rebuilt(source, torch.ones_like(self.frame.values)))
        self.scale = framed(net.state_dict(), self.frame.layers).values.to(device)
        self.net: nn.Module = net.to(device).requires_grad_(False)
        self.state = self.net.state_dict()

    def _weights(self, kernels: Tensor) -> dict[str, Tensor]:
        return weights_of(self.frame, self.state, kernels * self.scale)

    def logits(self, kernels: Tensor, inputs: Tensor) -> Tensor:
        """Logits (B, classes) of inputs (B, C, H, W)."""
        return functional_call(self.net, self._weights(kernels), (inputs,))

    def maps(self, kernels: Tensor, inputs: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits, and the feature maps that are distilled; see `forward_with_maps`.

        Raises
            StudyError: for an architecture whose maps are not defined.
        """
        return forward_with_maps(self.net, self._weights(kernels), inputs)
