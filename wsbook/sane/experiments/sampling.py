"""Numbers of prompts and candidates, and how latents are drawn: which settings and seeds run at each profile."""

from wsbook.sane import generation as generated
from wsbook.sane.experiments.base import PROFILES, SEEDS, SETS, at_paper_scale, generation, on
from wsbook.sane.generation import Generation
from wsbook.study.experiment import Experiment

PROMPTS, CANDIDATES, BANDWIDTHS = (1, 5, 10), (50, 200, 500), (0.05, 0.1, 0.2, 0.4)


def samplings(profile: str) -> list[Generation]:
    """Prompts x candidates x shared or independent noise, and bandwidths at the paper's numbers."""
    training, target = on(profile), SETS[profile][0]
    grid = [
        {"prompts": prompts, "candidates": candidates, "shared": shared}
        for prompts in PROMPTS
        for candidates in CANDIDATES
        for shared in (False, True)
    ]
    widths = [{"bandwidth": width, "shared": shared} for width in BANDWIDTHS for shared in (False, True)]
    settings = [generation(training, target, **changes) for changes in grid + widths]
    return list(dict.fromkeys(settings))


SAMPLING = Experiment(
    name="b-sampling",
    title="Generated networks by prompts, candidates and noise",
    grid={profile: samplings(profile) for profile in PROFILES},
    seeds=SEEDS,
    measure=generated.measure,
    at_paper_scale=at_paper_scale,
    stack_size=1,
)
