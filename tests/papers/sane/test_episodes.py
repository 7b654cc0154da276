"""Drawing of labelled images, by class or at random."""

import pytest
import torch

from wsbook.errors import StudyError
from wsbook.papers.sane.method.episodes import Examples

LABELS = torch.tensor([2, 0, 1, 2, 2, 0])
IMAGES = torch.arange(6.0).view(6, 1, 1, 1)  # each says which it is


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_every_image_of_a_class_is_drawn_and_none_of_another():
    drawn = Examples((IMAGES, LABELS), 3).of_each_class(40, 5, generator())
    assert drawn.shape == (40, 3, 5, 1, 1, 1)
    for label in range(3):
        seen = set(drawn[:, label].flatten().long().tolist())
        assert seen == set((LABELS == label).nonzero().flatten().tolist())


def test_images_of_any_class_come_with_their_labels():
    images, labels = Examples((IMAGES, LABELS), 3).of_any(100, generator())
    numbers = images.flatten().long()
    assert torch.equal(LABELS[numbers], labels) and len(set(numbers.tolist())) == 6


def test_the_generator_decides():
    examples = Examples((IMAGES, LABELS), 3)
    one, same, other = (examples.of_each_class(3, 5, generator(seed)) for seed in (0, 0, 1))
    assert torch.equal(one, same) and not torch.equal(one, other)


@pytest.mark.parametrize("classes, counts", [(4, "2, 1, 3, 0"), (2, "2, 1, 3")])
def test_other_classes_than_the_networks_are_refused(classes, counts, one_sentence):
    with pytest.raises(StudyError, match=rf"for {classes} classes needs .* are \[{counts}\] by") as caught:
        Examples((IMAGES, LABELS), classes)
    one_sentence(caught.value)
