"""The distillation losses are plain sums over images."""

import math

import pytest
import torch

from wsbook.papers.nern.method.losses import fmd_loss, kd_loss


def drawn(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def probabilities(logits):
    top = max(logits)
    shares = [math.exp(x - top) for x in logits]
    return [share / sum(shares) for share in shares]


def plain_kd(teacher, student):
    total = 0.0
    for truth, guess in zip(teacher.tolist(), student.tolist()):
        pairs = zip(probabilities(truth), probabilities(guess))
        total += sum(p * (math.log(p) - math.log(q + 1e-4)) for p, q in pairs)
    return total / len(teacher)


def plain_fmd(teacher, student):
    total = 0.0
    for maps, guesses in zip(teacher, student):
        for image, guess in zip(maps.double(), guesses.double()):
            a, b = image.flatten().tolist(), guess.flatten().tolist()
            norms = [math.sqrt(sum(x * x for x in v)) + 1e-3 for v in (a, b)]
            total += sum((x / norms[0] - y / norms[1]) ** 2 for x, y in zip(a, b))
    return total / len(teacher[0])


@pytest.mark.parametrize("spread", [0.1, 3.0, 30.0])
def test_kd_is_a_plain_loop(spread):
    teacher, student = drawn(6, 10), spread * drawn(6, 10, seed=1)
    assert kd_loss(teacher, student).item() == pytest.approx(plain_kd(teacher, student), rel=1e-5)
    assert kd_loss(student, teacher).item() != pytest.approx(plain_kd(teacher, student), rel=0.01)


def test_kd_of_certain_wrong_predictions_stays_finite():
    teacher, student = torch.tensor([[200.0, 0.0]]), torch.tensor([[0.0, 200.0]])
    assert kd_loss(teacher, student).item() == pytest.approx(-math.log(1e-4), rel=1e-4)


def test_kd_is_almost_zero_for_the_teacher_itself():
    logits = 4 * drawn(50, 10)
    assert -10 * 1e-4 <= kd_loss(logits, logits).item() <= 0


@pytest.mark.parametrize("size", [1.0, 1e-3])  # norms far above, and about, what is added to them
def test_fmd_is_a_plain_loop(size):
    shapes = (4, 3, 5, 5), (4, 2, 1, 1), (4, 6, 2, 3)
    teacher = [size * drawn(*shape, seed=i) for i, shape in enumerate(shapes)]
    student = [size * drawn(*shape, seed=i + 9) for i, shape in enumerate(shapes)]
    assert fmd_loss(teacher, student).item() == pytest.approx(plain_fmd(teacher, student), rel=1e-5)
    assert fmd_loss(teacher, teacher).item() < 1e-12  # not 0: one of two products is not rounded


def autograd_fmd(teacher, student):
    units = (
        [m.flatten(1) / (m.flatten(1).norm(dim=1, keepdim=True) + 1e-3) for m in maps]
        for maps in (teacher, student)
    )
    return sum((a - b).square().sum() for a, b in zip(*units)) / len(teacher[0])


@pytest.mark.parametrize("size", [1.0, 1e-3])
@pytest.mark.parametrize(
    "layouts", ["cc", "ll", "cl", "lc"]
)  # of teacher and student: contiguous, channels last
def test_the_gradient_of_fmd_is_that_of_autograd(size, layouts):
    formats = {"c": torch.contiguous_format, "l": torch.channels_last}
    teacher, student = (
        (size * drawn(4, 6, 5, 3, seed=seed)).to(memory_format=formats[layout])
        for seed, layout in enumerate(layouts)
    )
    student.requires_grad_()
    for factor in (1.0, 3.0):
        (ours,) = torch.autograd.grad(factor * fmd_loss([teacher], [student]), student)
        (theirs,) = torch.autograd.grad(factor * autograd_fmd([teacher], [student]), student)
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6 * theirs.abs().max().item())


def test_every_image_has_a_norm_of_its_own():
    maps = drawn(3, 2, 4, 4).clone()
    scaled = maps * torch.tensor([1.0, 1e3, 1e4]).view(3, 1, 1, 1)
    assert fmd_loss([maps], [scaled]).item() < 1e-4


def test_maps_of_zeros_have_a_gradient():
    student = torch.zeros(2, 3, 2, 2, requires_grad=True)
    fmd_loss([drawn(2, 3, 2, 2)], [student]).backward()
    assert student.grad.isfinite().all()


def test_numbers_of_maps_must_agree():
    with pytest.raises(ValueError):
        fmd_loss([drawn(1, 2)], [drawn(1, 2), drawn(1, 2)])
