"""Work that crosses the border of working hours, cut into parts that do not."""

from bisect import bisect_right
from datetime import timedelta
from typing import NamedTuple

# Nobody is called out at lunch: a break as short as this counts as working hours.
LONGEST_BREAK = timedelta(hours=2)
WORKING, OUT = "working", "out"


class Part(NamedTuple):
    """A piece of work on one side of the border."""

    period: str  # WORKING or OUT
    start: object  # naive UTC datetime
    minutes: int


def find_borders(intervals, longest_break=LONGEST_BREAK):
    """Instants at which working hours begin and end in turn, the first one a beginning.

    :param intervals: working intervals, sorted pairs of naive UTC datetimes
    """
    borders = []
    for start, stop in intervals:
        if borders and start - borders[-1] <= longest_break:
            borders[-1] = stop
        else:
            borders += [start, stop]
    return borders


def fit(segments, minutes):
    """``segments`` that last ``minutes`` in all: cut at their end, or the last one longer.

    :param segments: pairs (from, to) of naive UTC datetimes, sorted, pauses left out
    """
    left = timedelta(minutes=minutes)
    fitted = []
    for start, stop in segments:
        length = min(stop - start, left)
        if length > timedelta():
            fitted.append((start, start + length))
            left -= length
    if left and fitted:
        start, stop = fitted[-1]
        fitted[-1] = (start, stop + left)
    elif left and segments:
        start = segments[0][0]
        fitted = [(start, start + left)]
    return fitted


def split(segments, borders, minutes, get_day=None):
    """Cut work at ``borders``; the minutes of the parts add up to ``minutes``.

    After a pause a new part begins where the pause reached over a border or into another day.
    So a part is on one side of the border even if its minutes are taken in one piece from its
    start.

    :param segments: pairs (from, to) of naive UTC datetimes, sorted, pauses left out
    :param borders: of ``find_borders``
    :param minutes: length of the work (int); see ``fit`` where the segments last as long not
    :param get_day: date on which an instant (naive UTC) is for whoever worked
    :return: list of ``Part``, in order; none of them is empty
    """
    get_day = get_day or (lambda instant: instant.date())
    pieces = []  # [side, start, stop, length]
    for start, stop in fit(segments, minutes):
        while start < stop:
            side = bisect_right(borders, start)
            end = min(stop, borders[side]) if side < len(borders) else stop
            last = pieces[-1] if pieces else None
            if (
                last
                and last[0] == side
                and (last[2] == start or get_day(last[1]) == get_day(start))
            ):
                last[2] = end
                last[3] += end - start
            else:
                pieces.append([side, start, end, end - start])
            start = end
    parts = []
    done = timedelta()
    counted = 0
    for side, start, _stop, length in pieces:
        done += length
        until = round_half_up(done)
        if until > counted:
            parts.append(Part(WORKING if side % 2 else OUT, start, until - counted))
            counted = until
    return parts


def round_half_up(length):
    """Whole minutes of a timedelta."""
    return int((length + timedelta(seconds=30)) // timedelta(minutes=1))
