"""Steps in which time is billed."""

from math import ceil, floor

# Minutes that one entry covers at most.
LONGEST_ENTRY = 24 * 60
# How a step is applied.
UP, NEAREST, DOWN = "up", "nearest", "down"


def round_minutes(minutes, step, rounding=UP, may_be_nothing=False):
    """Whole minutes that work counts as: a multiple of ``step``.

    :param minutes: int or Fraction
    :param step: minutes (int); 0: whole minutes
    :param rounding: ``UP``, ``NEAREST`` (half a step up) or ``DOWN``
    :param may_be_nothing: whether short work may round to nothing; it is one step otherwise
    """
    if minutes <= 0:
        return 0
    step = step or 1
    if rounding == UP:
        steps = ceil(minutes / step)
    elif rounding == DOWN:
        steps = floor(minutes / step)
    else:
        steps = floor((2 * minutes + step) / (2 * step))
    return max(steps, 0 if may_be_nothing else 1) * step
