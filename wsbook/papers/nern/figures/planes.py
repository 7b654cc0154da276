"""Pictures of a loss over a plane of weights."""

from collections.abc import Sequence

import matplotlib.patheffects as effects
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from wsbook.figures.style import new_figure, style

LEVELS = 18  # about so many
WIDTH, MARGIN = 6.0, 0.6  # inches: of the figure, and above and below the map
MAP = 0.7  # share of the width that the map takes up


@style()
def loss_surface(row: pd.Series, names: Sequence[str], ceiling: float) -> Figure:
    """The loss of one record of a plane as filled contours, cut off at `ceiling` nats, with its three networks."""
    figure, axis = new_figure(width=WIDTH, height=MAP * WIDTH * np.ptp(row.y) / np.ptp(row.x) + MARGIN)
    surface = np.reshape(row.surface, (len(row.y), len(row.x))).clip(max=ceiling)
    levels = MaxNLocator(LEVELS).tick_values(surface.min(), surface.max())
    filled = axis.contourf(row.x, row.y, surface, levels=levels, cmap="viridis")
    places = np.reshape(row.places, (3, 2))
    axis.plot(*places[[0, 1, 2, 0]].T, color="#ffffff", linewidth=0.8, linestyle=":")
    axis.plot(*places.T, "o", color="#ffffff", markeredgecolor="#010101", markersize=7)
    for name, (x, y) in zip(names, places, strict=True):
        left = x > np.mean(row.x)  # away from the edge
        place = {"xytext": (-6 if left else 6, 6), "ha": "right" if left else "left"}
        label = axis.annotate(name, (x, y), textcoords="offset points", color="#ffffff", **place)
        label.set_path_effects([effects.withStroke(linewidth=2, foreground="#010101")])
    axis.set(xlabel="along the first side", ylabel="across it", aspect="equal")
    axis.grid(False)
    scale = axis.inset_axes((1.04, 0, 0.04, 1))  # as high as the map, whatever its shape
    figure.colorbar(filled, cax=scale, label="loss, nats", ticks=MaxNLocator(6))
    return figure
