"""Decision rules: what a claim must show, written down before the run, and the verdict it earns.

A rule sees only arrays of a metric. Value, Threshold and Every take (n seeds,); the others take
(n seeds, m settings) whose rows are paired by seed, with the columns

    Order, Trend    the settings in the order in which the claim lists them
    Best            the setting said to be best, then its rivals
    Difference      a, then b
    Each            estimates, then their standard errors

NaN marks a cell without a record: its row is dropped and counted. ±inf marks a recorded run that
diverged: its row is dropped from the estimate and counted, and where more than `max_diverged` of
the rows diverged the verdict is inconclusive, whatever the survivors say. So whoever fills the
array must pass a recorded metric that is NaN as inf. A claim about divergence itself is a rule on a
finite metric (diverged: 0 or 1).

The order of the rows makes no difference to a verdict, and a seed makes it repeatable.
"""

from wsbook.verdicts.rules.base import Rule
from wsbook.verdicts.rules.bounds import Each, Every
from wsbook.verdicts.rules.difference import Difference
from wsbook.verdicts.rules.paired import Best, Order, Paired
from wsbook.verdicts.rules.registry import RULES, make_rule
from wsbook.verdicts.rules.trend import Trend
from wsbook.verdicts.rules.values import Threshold, Value
from wsbook.verdicts.rules.verdict import Outcome, Verdict, conjunction

__all__ = [
    "RULES",
    "Best",
    "Difference",
    "Each",
    "Every",
    "Order",
    "Outcome",
    "Paired",
    "Rule",
    "Threshold",
    "Trend",
    "Value",
    "Verdict",
    "conjunction",
    "make_rule",
]
