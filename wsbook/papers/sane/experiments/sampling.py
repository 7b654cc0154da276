"""Numbers of prompts and candidates, and how latents are drawn: which settings and seeds run at each profile."""

from wsbook.papers.sane.experiments.base import MORE_SEEDS, SETS, experiment, generation, on
from wsbook.papers.sane.measures import generation as generated
from wsbook.papers.sane.measures.generation import Generation

PROMPTS, BANDWIDTHS, ROUNDS = (1, 5, 10), (0.05, 0.1, 0.2, 0.4), (1, 2, 4)
CANDIDATES = {"quick": (20, 50, 100), "cpu": (50, 200, 500), "paper": (50, 200, 500)}


def samplings(profile: str) -> list[Generation]:
    """Prompts x candidates x shared or independent noise; bandwidths and rounds at the paper's numbers."""
    training, target = on(profile), SETS[profile][0]
    grid = [
        {"prompts": prompts, "candidates": candidates, "shared": shared}
        for prompts in PROMPTS
        for candidates in CANDIDATES[profile]
        for shared in (False, True)
    ]
    widths = [{"bandwidth": width, "shared": shared} for width in BANDWIDTHS for shared in (False, True)]
    repeated = [{"rounds": rounds, "shared": shared} for rounds in ROUNDS for shared in (False, True)]
    settings = [generation(profile, training, target, **changes) for changes in grid + widths + repeated]
    return list(dict.fromkeys(settings))


SAMPLING = experiment(
    "b-sampling",
    "Generated networks by prompts, candidates and noise",
    samplings,
    generated.measure,
    MORE_SEEDS,  # the autoencoder is one, and sampling is cheap
)
