"""Long training: resumed runs end in the same bits; SGD by hand; faults stop it and keep the checkpoint."""

import pytest
import torch
from safetensors.torch import load, save
from torch import nn

from wsbook.data.digits import digits
from wsbook.data.imageset import channel_statistics, standardise
from wsbook.errors import StudyError
from wsbook.nets.evaluate import evaluate
from wsbook.nets.library import network
from wsbook.nets.resnet import ResNet
from wsbook.nets.sgd import LongRecipe, Run, train_long
from wsbook.nets.train import flip_and_crop, initialise

MEAN, STD = (0.4, 0.5), (0.3, 0.2)
RECIPE = LongRecipe(epochs=3, batch=8, lr=0.05, rise=0.2, label_smoothing=0.1)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def images(count=30):
    """Random images (count, 6, 6, 2), and labels."""
    drawn = torch.randint(256, (count, 6, 6, 2), generator=generator(1), dtype=torch.uint8)
    return drawn, torch.randint(3, (count,), generator=generator(2))


def tiny(seed=0):
    return initialise(ResNet(8, classes=3, channels=2, widths=(4, 6)), generator(seed))


def crop(pixels, drawn):
    return flip_and_crop(pixels, drawn, pad=1)


def run(recipe=RECIPE, net=None, drawn=None, count=30, **more):
    """The trained network's state, and the losses."""
    net = net or tiny()
    losses = train_long(net, *images(count), MEAN, STD, recipe, drawn or generator(3), crop, **more)
    assert not net.training
    return net.state_dict(), losses


def test_resumed_runs_end_in_the_same_bits():
    saved = []
    state, losses = run(save=lambda tensors: saved.append(save(tensors)), every=2)
    assert len(losses) == 3 and len(saved) == 5  # 9 steps: after 2, 4, 6, 8, 9
    for blob in saved:
        torch.rand(3)
        again, again_losses = run(net=tiny(9), drawn=generator(9), tensors=load(blob), every=4)
        assert again_losses == losses
        assert all(torch.equal(tensor, state[key]) for key, tensor in again.items())
    assert all(tensor.is_contiguous() for tensor in state.values())


def test_another_seed_is_another_run():
    first, other = run()[0], run(drawn=generator(4))[0]
    assert not torch.equal(first["conv1.weight"], other["conv1.weight"])


class Flat(nn.Module):
    """Logits that are linear in the pixels."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 72, generator=generator(5)) * 0.1)

    def forward(self, x):
        return x.flatten(1) @ self.weight.T


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_nesterov_by_hand(smoothing):
    net, (pixels, labels) = Flat(), images(8)
    weight, momentum = net.weight.detach().double(), torch.zeros(3, 72, dtype=torch.float64)
    x = standardise(pixels, MEAN, STD).double().flatten(1)
    target = (1 - smoothing) * nn.functional.one_hot(labels, 3) + smoothing / 3
    recipe = LongRecipe(4, 8, 0.3, momentum=0.8, weight_decay=0.01, label_smoothing=smoothing)
    losses = train_long(net, pixels, labels, MEAN, STD, recipe, generator(), augment=None)
    for step in range(4):
        share = (x @ weight.T).softmax(1)
        expected = -(target * share.log()).sum(1).mean().item()
        assert losses[step] == pytest.approx(expected, rel=1e-4)
        gradient = (share - target).T @ x / 8 + 0.01 * weight
        momentum = 0.8 * momentum + gradient
        weight = weight - recipe.lr_at(step, 4) * (gradient + 0.8 * momentum)
    torch.testing.assert_close(net.weight.detach().double(), weight, rtol=1e-4, atol=1e-5)


def test_every_epoch_has_an_order_of_its_own():
    run, epochs = Run(tiny(), 30, RECIPE, generator()), []
    for _ in range(2):
        seen = []
        for _ in range(3):
            seen += run.next_batch().tolist()
            run.done += 1
        epochs.append(seen)
        assert len(set(seen)) == 24 and set(seen) <= set(range(30))
    assert epochs[0] != epochs[1] and sorted(epochs[0]) != epochs[0]


def test_schedule():
    recipe = LongRecipe(1, lr=2.0)
    assert (
        recipe.lr_at(0, 10) == 2 and recipe.lr_at(5, 10) == pytest.approx(1) and recipe.lr_at(9, 10) < 0.1
    )
    rising = LongRecipe(1, lr=2.0, rise=0.4)
    rates = [rising.lr_at(step, 10) for step in range(10)]
    assert rates[:5] == pytest.approx([0.4, 0.8, 1.2, 1.6, 2.0]) and rates[7] == pytest.approx(1)
    assert rates[5:] == sorted(rates[5:], reverse=True)


def test_weights_that_are_not_finite_are_not_saved(one_sentence):
    saved, net = [], tiny()
    net.layer1[0].conv1.weight.register_hook(lambda gradient: gradient * torch.inf)
    with pytest.raises(StudyError, match="diverged at step 0") as caught:
        run(net=net, save=saved.append, every=1)
    one_sentence(caught.value)
    assert not saved


def test_divergence():
    with pytest.raises(StudyError, match="diverged at step"):
        run(LongRecipe(3, batch=8, lr=1e30))


class Faulty(ResNet):
    """A network whose loss becomes nan at one call."""

    def __init__(self, at):
        super().__init__(8, classes=3, channels=2, widths=(4, 6))
        self.calls, self.at = 0, at

    def forward(self, x):
        self.calls += 1
        return super().forward(x) * (torch.nan if self.calls == self.at + 1 else 1)


def test_the_step_is_named_although_losses_are_looked_at_later():
    saved = []
    with pytest.raises(StudyError, match="at step 5 of 9"):
        run(net=Faulty(5), save=saved.append, every=4)
    assert [int(tensors["done"]) for tensors in saved] == [4]


def test_out_of_memory(one_sentence):
    class Huge(ResNet):
        def forward(self, x):
            raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(StudyError, match="batch of 8; lower it") as caught:
        run(net=Huge(8, 3, 2, (4, 6)))
    one_sentence(caught.value)


def test_a_checkpoint_of_another_run_is_refused(one_sentence):
    saved = []
    run(save=saved.append)
    for other in ({"net": ResNet(14, 3, 2, (4, 6))}, {"recipe": LongRecipe(4, batch=8)}, {"count": 31}):
        with pytest.raises(StudyError, match="checkpoint is of another") as caught:
            run(**other, tensors=saved[0])
        one_sentence(caught.value)


@pytest.mark.parametrize("bad", [{"epochs": 0}, {"batch": 0}, {"rise": 1.0}])
def test_bad_recipes(bad):
    with pytest.raises(StudyError, match="training needs"):
        LongRecipe(**{"epochs": 1, **bad})
    with pytest.raises(StudyError, match="batch of 31"):
        run(LongRecipe(1, batch=31))


def test_learns_the_digits():
    data, test = digits("train"), digits("test")
    statistics = channel_statistics(data.images)
    net = initialise(network("resnet8-digits", 10, 1), generator())
    recipe = LongRecipe(epochs=4, batch=32, lr=0.1)
    losses = train_long(net, data.images, data.labels, *statistics, recipe, generator(), augment=None)
    assert losses[-1] < 0.1 * losses[0]
    assert evaluate(net, standardise(test.images, *statistics), test.labels).accuracy > 0.96
