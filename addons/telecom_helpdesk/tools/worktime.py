"""Working time as a line: how much of it lies between two instants, and when it is used up."""

from bisect import bisect_left, bisect_right
from datetime import timedelta
from itertools import accumulate


class WorkTimeline:
    """The working intervals of one calendar.

    :param intervals: pairs (start, stop) of naive UTC datetimes, sorted, that do not overlap
    """

    def __init__(self, intervals):
        self.starts = [start for start, _stop in intervals]
        self.stops = [stop for _start, stop in intervals]
        lengths = [(stop - start).total_seconds() for start, stop in intervals]
        # Seconds worked before each interval, and after the last.
        self.worked = [0.0, *accumulate(lengths)]

    def _worked_until(self, instant):
        """Seconds worked from the beginning of the line to ``instant``."""
        index = bisect_right(self.starts, instant)
        if not index:
            return 0.0
        in_last = (min(instant, self.stops[index - 1]) - self.starts[index - 1]).total_seconds()
        return self.worked[index - 1] + in_last

    def between(self, start, stop):
        """Working seconds from ``start`` to ``stop``; 0 where ``stop`` comes first."""
        return max(0.0, self._worked_until(stop) - self._worked_until(start))

    def add(self, start, seconds):
        """First instant at which ``seconds`` have been worked since ``start``.

        It can be the closing instant of a day. None where the line ends before.
        """
        if seconds <= 0:
            return start
        target = self._worked_until(start) + seconds
        index = bisect_left(self.worked, target)
        if index >= len(self.worked):
            return None
        return self.starts[index - 1] + timedelta(seconds=target - self.worked[index - 1])

    def ahead(self, start, count):
        """The next ``count`` intervals from ``start`` on, as pairs; the first may be cut."""
        index = bisect_right(self.stops, start)
        pairs = zip(self.starts[index : index + count], self.stops[index:], strict=False)
        return [(max(begin, start), end) for begin, end in pairs]


class RoundTheClock:
    """The line of those who always work: every second counts."""

    def between(self, start, stop):
        return max(0.0, (stop - start).total_seconds())

    def add(self, start, seconds):
        return start + timedelta(seconds=max(0, seconds))

    def ahead(self, start, count):
        """None: no interval has an end."""


ROUND_THE_CLOCK = RoundTheClock()
