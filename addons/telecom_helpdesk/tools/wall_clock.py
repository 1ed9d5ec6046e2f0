"""A time zone in which every time of day is a real instant, that of skipped hours too."""

from datetime import timedelta, tzinfo

from pytz import utc

SECOND = timedelta(seconds=1)


class WallClock(tzinfo):
    """A pytz zone for working hours: ``localize`` as people at work read the clock on the wall.

    A time of the hour that a clock change skips is the instant at which the clocks are put
    forward. pytz takes it for the time an hour later, which cuts off work that is done where a
    window begins with it, and adds some that is not where one ends with it.
    """

    def __init__(self, zone):
        self.zone = zone

    def localize(self, wall):
        at = self.zone.localize(wall)
        if self.zone.normalize(at).replace(tzinfo=None) == wall:
            return at
        return self._find_change(at.astimezone(utc)).astimezone(self.zone)

    def _find_change(self, late):
        """The second (UTC) of the day before ``late`` from which on its offset holds."""
        offset, early = late.astimezone(self.zone).utcoffset(), late - timedelta(days=1)
        late = late.replace(microsecond=0)
        while late - early > SECOND:
            middle = early + timedelta(seconds=(late - early) // SECOND // 2)
            if middle.astimezone(self.zone).utcoffset() == offset:
                late = middle
            else:
                early = middle
        return late

    # What ``datetime`` asks a zone for

    def fromutc(self, instant):
        return self.zone.fromutc(instant.replace(tzinfo=None))

    def utcoffset(self, wall):
        return self.zone.utcoffset(wall and wall.replace(tzinfo=None))

    def dst(self, wall):
        return self.zone.dst(wall and wall.replace(tzinfo=None))

    def tzname(self, wall):
        return self.zone.tzname(wall and wall.replace(tzinfo=None))
