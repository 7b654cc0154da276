"""Accuracy and loss of one network."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BATCH = 50  # activations of a ResNet-20 stay in a core's cache; larger batches are no faster


@dataclass(frozen=True)
class Score:
    """How well a network does on a set of images."""

    accuracy: float  # share of images classified correctly, 0 to 1
    loss: float  # mean cross-entropy in nats


def evaluate(net: nn.Module, inputs: Tensor, labels: Tensor, batch: int = BATCH) -> Score:
    """Score of `net` on inputs (N, C, H, W) with labels (N,), in evaluation mode.

    The network's mode (training or evaluation) is left as it was.
    """
    training = net.training
    net.eval()
    with torch.inference_mode():
        logits = torch.cat([net(part) for part in inputs.split(batch)])
        hits = (logits.argmax(1) == labels).sum().item()
        loss = F.cross_entropy(logits.double(), labels).item()
    net.train(training)
    return Score(hits / len(labels), loss)
