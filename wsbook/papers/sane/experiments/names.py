"""What in settings of paper B only a run would stumble over: names, and sizes that do not fit."""

from wsbook.data.registry import splits_of
from wsbook.papers.sane.measures.generation import Generation
from wsbook.papers.sane.measures.zoos import Gallery
from wsbook.papers.sane.method.autoencoder import Sizes
from wsbook.papers.sane.setting import Training
from wsbook.zoo.texts import TEXTS


def check(setting: Training | Gallery) -> None:
    """Raise a StudyError for an unknown image set or architecture, and for sizes that no zoo or autoencoder has."""
    prompts = [setting.prompt_zoo] if isinstance(setting, Generation) else []
    for zoo in (*setting.zoos, *prompts):  # which refuse unknown architectures themselves
        if zoo.data not in TEXTS:
            splits_of(zoo.data)
    if isinstance(setting, Training):
        Sizes(setting.token, setting.window, (1, 1, 1), setting.width, setting.heads, setting.blocks)
