"""The same figure for a phone: its panels one below the other, as wide as one of them."""

from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from wsbook.figures.style import NARROW, style

COLUMNS = 2  # of a legend's entries


def is_wide(fig: Figure) -> bool:
    """Whether a figure is wider than one panel, which fits a phone."""
    return fig.get_figwidth() > NARROW


@style()
def narrow(fig: Figure) -> Figure:
    """Change a figure to the width of one panel, in place: a row of panels becomes a column, each as tall as before."""
    panels = [axes for axes in fig.axes if axes.get_subplotspec() is not None]
    grids = {axes.get_subplotspec().get_gridspec() for axes in panels}
    height = fig.get_figheight()
    if len(grids) == 1 and (grid := grids.pop()).ncols > 1:
        height *= len(panels) / grid.nrows
        for axes, place in zip(panels, GridSpec(len(panels), 1, figure=fig)):
            axes.set_subplotspec(place)
            axes.tick_params(labelleft=True, labelbottom=True)
            if axes.get_shared_y_axes().joined(axes, panels[0]):
                axes.set_ylabel(panels[0].get_ylabel())
    fig.set_size_inches(NARROW, height)
    for legend in list(fig.legends):
        below_each_other(fig, legend)
    return fig


def below_each_other(fig: Figure, legend) -> None:
    """Replace a figure's legend by one of few columns."""
    handles, labels = legend.legend_handles, [text.get_text() for text in legend.get_texts()]
    legend.remove()
    fig.legend(handles, labels, loc="outside lower center", ncols=min(COLUMNS, len(labels)))
