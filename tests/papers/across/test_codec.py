"""What is decoded is what each method promises, and nothing but the bytes is needed for it."""

import subprocess
import sys

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.across.experiments import rate
from wsbook.papers.across.method import compensated, grid, rest
from wsbook.papers.across.method.codec import METHODS, decode, encode
from wsbook.papers.across.method.container import Reader, Writer
from wsbook.papers.across.method.job import convolutions
from wsbook.papers.across.setting import KNOBS, Rate
from wsbook.papers.nern.method.predictor import parameter_count

SETTINGS = (
    {"method": "float16"},
    {"method": "bfloat16"},
    {"method": "nearest", "bits": 4},
    {"method": "compensated", "bits": 3},
    {"method": "pruned", "share": 0.3, "bits": 4},
    {"method": "kmeans", "size": 20},
    {"method": "product", "size": 20},
    {"method": "kernel-svd", "rank": 5, "bits": 5},
    {"method": "layer-svd", "share": 0.5, "bits": 6},
    {"method": "dictionary", "size": 24, "rank": 3, "bits": 4},
    {"method": "predictor", "size": 7, "bits": 8},
    {"method": "predictor", "size": 7, "bits": 16},
)


def decoded(job):
    return convolutions(decode(encode(job)))


def flat(weights):
    return torch.cat([weight.flatten() for weight in weights.values()])


def test_every_method_is_tried_here():
    assert {setting["method"] for setting in SETTINGS} == set(METHODS) == set(KNOBS)


@pytest.mark.parametrize("knobs", SETTINGS, ids=lambda knobs: knobs["method"])
def test_a_network_comes_back_whole_and_the_same_each_time(job, knobs):
    one = job(**knobs)
    data = encode(one)
    state = decode(data)
    original = one.source.net.state_dict()
    assert {name: t.shape for name, t in state.items()} == {name: t.shape for name, t in original.items()}
    assert all(t.isfinite().all() for t in state.values())
    assert encode(job(**knobs)) == data  # seeds and all


@pytest.mark.parametrize("knobs", SETTINGS, ids=lambda knobs: knobs["method"])
def test_what_is_no_convolution_computes_the_same_but_for_halves(job, knobs):
    source = job(**knobs).source
    state = decode(encode(job(**knobs))) | convolutions(source.net.state_dict())
    inputs, _ = source.inputs("test")
    with torch.no_grad():
        before = source.net(inputs)
        source.net.load_state_dict(state)
        assert torch.allclose(source.net(inputs), before, atol=0.02 * before.abs().max().item())


def test_halves_are_exact(job):
    for method, kind in (("float16", torch.float16), ("bfloat16", torch.bfloat16)):
        one = job(method=method)
        back = decoded(one)
        assert all(torch.equal(back[name], w.to(kind).float()) for name, w in one.weights.items())


@pytest.mark.parametrize("bits", [1, 3, 8])
def test_rounding_is_within_half_a_step_or_at_an_end_of_the_grid(job, bits):
    one = job(method="nearest", bits=bits)
    for name, back in decoded(one).items():
        rows, values = one.weights[name].flatten(1), back.flatten(1)
        steps = grid.fitted_steps(rows, bits)[:, None]
        end = values.abs() > steps * (2 ** (bits - 1) - 0.75)
        assert (((values - rows).abs() <= 0.501 * steps) | end).all()
        assert all(len(row.unique()) <= 2**bits for row in values)


def test_eight_bits_are_closer_than_two(job):
    errors = [
        (flat(decoded(one)) - flat(one.weights)).norm()
        for one in (job(method="nearest", bits=bits) for bits in (2, 4, 8))
    ]
    assert errors[0] > 3 * errors[1] > 9 * errors[2]


@pytest.mark.parametrize("bits", [2, 4])
def test_compensation_beats_nearest_rounding_on_the_outputs_of_correlated_inputs(bits):
    generator = torch.Generator().manual_seed(0)
    mixing = torch.randn(40, 40, generator=generator, dtype=torch.float64) / 3
    inputs = mixing @ torch.randn(40, 500, generator=generator, dtype=torch.float64)
    weight = torch.randn(12, 40, generator=generator)
    nearest = grid.round_rows(weight, bits)
    better = compensated.compensate(weight, inputs @ inputs.T, bits)
    assert torch.equal(nearest.steps, better.steps)
    lost = [((r.values - weight).double() @ inputs).norm() for r in (nearest, better)]
    assert lost[1] < 0.8 * lost[0]
    assert (better.values - weight).norm() >= (nearest.values - weight).norm()  # of weights nearest is best


def test_compensation_of_inputs_that_do_not_correlate_is_nearest_rounding():
    weight = torch.randn(5, 30, generator=torch.Generator().manual_seed(0))
    found = compensated.compensate(weight, torch.eye(30, dtype=torch.float64), 3)
    assert torch.equal(found.levels, grid.round_rows(weight, 3).levels)


def test_the_gram_matrix_is_that_of_the_layers_inputs(toy):
    layer, (inputs, _) = toy.net.layer2[0].conv1, toy.inputs("test")
    seen = []
    layer.register_forward_hook(lambda module, arguments, output: seen.append((arguments[0], output)))
    with torch.no_grad():
        toy.net(inputs)
    gram = compensated.gram(toy.net, layer, inputs)
    weight = layer.weight.detach().flatten(1).double()
    energy = torch.einsum("on,nm,om->", weight, gram, weight)
    assert energy.item() == pytest.approx(seen[0][1].double().square().sum().item(), rel=1e-5)


def test_pruned_weights_are_zero_and_the_largest_are_kept(job):
    one = job(method="pruned", share=0.3, bits=8)
    back, before = flat(decoded(one)), flat(one.weights)
    kept = back != 0
    assert kept.float().mean() == pytest.approx(0.3, abs=0.001)
    assert before[kept].abs().min() >= before[~kept].abs().max()
    assert (back - before)[kept].norm() < 0.02 * before[kept].norm()


def test_codebooks_leave_so_many_kernels_or_rows(job):
    scaled = [
        w.reshape(-1, 9) / w.square().mean().sqrt().bfloat16()
        for w in decoded(job(method="float16")).values()
    ]
    assert len(torch.cat(scaled).unique(dim=0)) > 200
    for method, width in (("kmeans", 9), ("product", 3)):
        first = decoded(job(method=method, size=6))["layer3.0.conv2.weight"]
        assert all(len(piece.unique(dim=0)) <= 6 for piece in first.reshape(-1, 9).split(width, dim=1))


def test_low_rank_is_low_rank(job):
    kernels = decoded(job(method="kernel-svd", rank=4, bits=8))["layer3.0.conv2.weight"].reshape(-1, 9)
    assert torch.linalg.matrix_rank(kernels, rtol=1e-4) == 4
    layer = decoded(job(method="layer-svd", share=0.5, bits=8))["layer3.0.conv2.weight"].flatten(1)
    assert torch.linalg.matrix_rank(layer, rtol=1e-4) == 4
    whole = job(method="kernel-svd", rank=9, bits=8)
    assert (flat(decoded(whole)) - flat(whole.weights)).norm() < 0.02 * flat(whole.weights).norm()


def test_more_atoms_a_kernel_leave_less_error(job):
    errors = []
    for rank in (1, 3, 6):
        one = job(method="dictionary", size=24, rank=rank, bits=8)
        errors.append(((flat(decoded(one)) - flat(one.weights)).norm() / flat(one.weights).norm()).item())
    assert errors[0] > 1.5 * errors[1] > 2 * errors[2]
    assert errors[2] < 0.2


def test_a_predictor_in_few_bits_is_near_the_one_in_many(job):
    half, eight, two = (flat(decoded(job(method="predictor", size=7, bits=bits))) for bits in (16, 8, 2))
    assert (eight - half).norm() < 0.1 * (two - half).norm()


def test_bytes_count_all_that_is_stored(job):
    one = job(method="predictor", size=7, bits=16)
    assert len(encode(one)) > 1.5 * parameter_count(
        7
    )  # float16 at its entropy, with the order and the rest
    sizes = [len(encode(job(method="nearest", bits=bits))) for bits in (1, 2, 4, 8)]
    weights = len(flat(one.weights))
    apart = [8 * (large - small) / weights for small, large in zip(sizes, sizes[1:])]
    assert apart[0] == pytest.approx(1, abs=0.15) and 1.5 < apart[1] < 2.1 and 3 < apart[2] < 4.5


def test_another_process_decodes_the_bytes_alone(tmp_path):
    """Of a network of the library, so that nothing of this process is needed."""
    code = (
        "import sys, torch\n"
        "from pathlib import Path\n"
        "from wsbook.papers.across.method.codec import decode\n"
        "state = decode(Path(sys.argv[1]).read_bytes())\n"
        "print(sum(t.double().abs().sum().item() for t in state.values()))\n"
    )
    from wsbook.nets.library import network
    from wsbook.nets.originals import Original
    from wsbook.papers.across.method.job import Job

    net = network("resnet8-digits", 10, 1).eval()
    source = Original("resnet8-digits", "resnet8-digits", "digits", net, (0.5,), (0.3,), augmented=False)
    data = encode(Job(source, Rate(network="resnet8-digits", method="product", size=9), 0))
    (tmp_path / "net").write_bytes(data)
    command = [sys.executable, "-c", code, str(tmp_path / "net")]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    here = sum(t.double().abs().sum().item() for t in decode(data).values())
    assert float(text) == pytest.approx(here, rel=1e-12)


@pytest.mark.parametrize("place", [0, 5, 9, 30, -1])
def test_a_flipped_bit_is_noticed(job, place, one_sentence):
    data = bytearray(encode(job(method="nearest", bits=4)))
    data[place] ^= 4
    with pytest.raises(StudyError) as caught:
        decode(bytes(data))
    one_sentence(caught.value)


@pytest.mark.parametrize(
    "damage", [lambda d: d[:-7], lambda d: b"", lambda d: b"something else", lambda d: d + b"x"]
)
def test_missing_and_additional_bytes_are_noticed(job, damage, one_sentence):
    with pytest.raises(StudyError) as caught:
        decode(damage(encode(job(method="float16"))))
    one_sentence(caught.value)


def test_whole_strings_of_another_kind_are_refused(one_sentence):
    for header in (b"[]", b"{}", b"\xff", b'{"architecture":"unknown","classes":2,"channels":1}'):
        writer = Writer()
        writer.add(header)
        with pytest.raises(StudyError) as caught:
            decode(writer.whole())
        one_sentence(caught.value)


def test_parts_come_back_in_order_and_none_is_left_over(one_sentence):
    writer = Writer()
    for part in (b"one", b"", b"two"):
        writer.add(part)
    reader = Reader(writer.whole())
    assert [reader.take(), reader.take()] == [b"one", b""]
    with pytest.raises(StudyError) as caught:
        reader.finish()
    one_sentence(caught.value)
    assert reader.take() == b"two"
    reader.finish()
    with pytest.raises(StudyError) as caught:
        reader.take()
    one_sentence(caught.value)


def test_batch_normalisation_is_folded_to_two_numbers_a_channel(toy):
    state, writer = toy.net.state_dict(), Writer()
    rest.write(writer, state)
    back = rest.read(Reader(writer.whole()), state)
    assert set(back) == {name for name, tensor in state.items() if tensor.dim() != 4}
    assert torch.equal(back["linear.weight"], state["linear.weight"].half().float())
    assert not back["bn1.running_mean"].any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "magic"},
        {"method": "nearest"},
        {"method": "nearest", "bits": 9},
        {"method": "compensated", "bits": 16},
        {"method": "float16", "bits": 4},
        {"method": "pruned", "share": 0.0, "bits": 4},
        {"method": "pruned", "share": 1.5, "bits": 4},
        {"method": "kmeans", "size": 0},
        {"method": "dictionary", "size": 4, "rank": 5, "bits": 4},
        {"method": "kernel-svd", "rank": 10, "bits": 4},
        {"method": "predictor", "size": -3, "bits": 8},
    ],
)
def test_settings_refuse_what_no_method_can_do(wrong, one_sentence):
    with pytest.raises(StudyError) as caught:
        Rate(**wrong)
    one_sentence(caught.value)


def test_the_experiment_refuses_unknown_networks_and_too_many_centroids(one_sentence):
    for wrong in (Rate("resnet18", "float16"), Rate("resnet8-digits", "kmeans", size=10**6)):
        with pytest.raises(StudyError) as caught:
            rate.check(wrong)
        one_sentence(caught.value)
    for grid_ in rate.RATE.grid.values():
        assert len(set(grid_)) == len(grid_)
        for setting in grid_:
            rate.check(setting)
