"""Measured time of a stopwatch, and when a forgotten one should have been stopped.

Segments are pairs (from, to) of naive UTC datetimes in whole seconds, sorted, pauses left out.
They are stored as JSON: pairs of texts such as "2026-03-02 09:00:00".
"""

from datetime import datetime, timedelta

FORMAT = "%Y-%m-%d %H:%M:%S"


def load(stored):
    """Segments of what is stored (list of pairs of texts, or nothing)."""
    return [
        (datetime.strptime(start, FORMAT), datetime.strptime(stop, FORMAT))
        for start, stop in stored or []
    ]


def dump(segments):
    """``segments`` as they are stored."""
    return [[start.strftime(FORMAT), stop.strftime(FORMAT)] for start, stop in segments]


def add(segments, start, stop):
    """``segments`` and the one from ``start`` to ``stop``, unless it is empty."""
    return join(segments, [(start, stop)] if start < stop else [])


def join(*measured):
    """Segments of several stopwatches of one person as those of a single one.

    Nobody works twice at a time: where they overlap, the time counts once.
    """
    joined = []
    for start, stop in sorted(segment for segments in measured for segment in segments):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined


def count_seconds(segments):
    """Seconds (int) that ``segments`` last in all."""
    return int(sum((stop - start for start, stop in segments), timedelta()).total_seconds())


def round_to_minutes(seconds):
    """Whole minutes to log for ``seconds``: half a minute up, never nothing."""
    return max(1, (seconds + 30) // 60)


def find_end(seen_at, midnight, next_midnight, day_ends):
    """When a stopwatch that nobody stops is stopped, and as at which instant.

    Who was last seen before the end of a working day went home without stopping it: at midnight
    it is stopped as at that end. Who was last seen later, or on a day off, was called out, and
    may be at it all night: it runs until the next midnight, and counts until the first. So what
    is forgotten is never billed as work at night, and work at night is never cut short.

    :param seen_at: when the agent last said that they were at work on it
    :param midnight: first midnight after it, for the agent; ``next_midnight``: the one after
    :param day_ends: instants at which working hours end
    :return: pair (when, as at)
    """
    ends = [end for end in day_ends if seen_at < end <= midnight]
    return (midnight, max(ends)) if ends else (next_midnight, midnight)
