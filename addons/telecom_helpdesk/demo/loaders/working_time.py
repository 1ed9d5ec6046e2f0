import re
from bisect import bisect_right
from datetime import timedelta, timezone

UNITS = {"d": 9 * 3600, "h": 3600, "m": 60}  # a day is a working day of the desk


def seconds(text):
    """Seconds in ``text`` such as ``1d 2h 30m``."""
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([dhm])", text))


class WorkingTime:
    """Working time of one calendar between two instants (naive UTC), to be added to others."""

    def __init__(self, calendar, start, stop):
        start, stop = start.replace(tzinfo=timezone.utc), stop.replace(tzinfo=timezone.utc)
        self.starts, self.worked, total = [], [], 0
        for begin, end, _attendance in calendar._work_intervals_batch(start, stop)[False]:
            self.starts.append(begin.astimezone(timezone.utc).replace(tzinfo=None))
            self.worked.append(total)
            total += (end - begin).total_seconds()
        self.worked.append(total)

    def add(self, instant, worked):
        """Instant ``worked`` seconds of work after ``instant``, or before it where negative."""
        index = bisect_right(self.starts, instant) - 1
        length = self.worked[index + 1] - self.worked[index]
        target = self.worked[index] + worked
        target += min((instant - self.starts[index]).total_seconds(), length)
        index = bisect_right(self.worked, target) - 1
        return self.starts[index] + timedelta(seconds=target - self.worked[index])
