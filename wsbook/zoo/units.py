"""Hidden units, of residual networks and of transformers, that may change places."""

from itertools import chain

from wsbook.nets.projection import ProjectionResNet
from wsbook.nets.transformer import Attention, TextTransformer, VisionTransformer
from wsbook.weights.symmetry import Axis, Group, Heads, Units


def residual_units(net: ProjectionResNet) -> Units:
    """Of a ResNet of basic blocks: inner channels of each block, and the residual stream of each stage."""
    groups, stream, width = [], [*_outputs("conv1"), *_affine("bn1")], net.conv1.out_channels
    for stage in range(1, net.stages + 1):
        for number, block in enumerate(getattr(net, f"layer{stage}")):
            name = f"layer{stage}.{number}"
            inner = (*_outputs(f"{name}.conv1"), *_affine(f"{name}.bn1"), *_inputs(f"{name}.conv2"))
            groups.append(Group(block.conv1.out_channels, inner))
            stream += _inputs(f"{name}.conv1")
            if len(block.shortcut):  # which is where another stream begins
                groups.append(Group(width, (*stream, *_inputs(f"{name}.shortcut.0"))))
                stream = [*_outputs(f"{name}.shortcut.0"), *_affine(f"{name}.shortcut.1")]
                width = block.conv2.out_channels
            stream += [*_outputs(f"{name}.conv2"), *_affine(f"{name}.bn2")]
    return (*groups, Group(width, (*stream, *_inputs("linear"))))


def transformer_units(net: VisionTransformer | TextTransformer) -> Units:
    """The heads and the perceptron of each block, and the residual stream."""
    start = _affine("patches") if isinstance(net, VisionTransformer) else _inputs("characters")
    groups, stream = [], [*start, *_inputs("transformer.places")]
    for number, block in enumerate(net.transformer.blocks):
        name = f"transformer.blocks.{number}"
        groups.append(_heads(f"{name}.attention", block.attention))
        hidden = (*_affine(f"{name}.wide"), *_inputs(f"{name}.narrow"))
        groups.append(Group(block.wide.out_features, hidden))
        read = ("attention.query", "attention.key", "attention.value", "wide")
        written = ("before", "between", "attention.out", "narrow")
        stream += chain.from_iterable(_inputs(f"{name}.{layer}") for layer in read)
        stream += chain.from_iterable(_affine(f"{name}.{layer}") for layer in written)
    stream += [*_affine("transformer.last"), *_inputs("transformer.linear")]
    return (*groups, Group(net.transformer.linear.in_features, tuple(stream)))


def _heads(name: str, attention: Attention) -> Heads:
    compared = (*_outputs(f"{name}.query"), *_outputs(f"{name}.key"))
    passed_on = (*_outputs(f"{name}.value"), *_inputs(f"{name}.out"))
    return Heads(attention.heads, attention.out.in_features // attention.heads, (compared, passed_on))


def _outputs(layer: str) -> tuple[Axis, ...]:
    return (Axis(f"{layer}.weight", 0),)


def _inputs(layer: str) -> tuple[Axis, ...]:
    return (Axis(f"{layer}.weight", 1),)


def _affine(layer: str) -> tuple[Axis, ...]:
    """What leaves a layer with biases, or one that scales and shifts."""
    return (*_outputs(layer), Axis(f"{layer}.bias", 0))
