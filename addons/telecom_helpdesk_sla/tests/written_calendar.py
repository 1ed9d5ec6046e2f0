"""Working hours as a person writes them down, for tables of worked cases."""

from datetime import date, datetime, time, timedelta

import pytz

from ..tools.worktime import WorkTimeline

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def read_duration(text):
    """Seconds of "1:30" (hours, minutes) or "1:30:05"."""
    hours, minutes, seconds = [*map(int, text.split(":")), 0][:3]
    return hours * 3600 + minutes * 60 + seconds


class WrittenCalendar:
    """Working hours of one place.

    :param zone: name of its time zone
    :param week: ``{"Mon-Fri": "09:00-12:00 13:30-18:00", "Sat": "09:00-12:00"}``, wall clock
    :param days_off: each "2026-07-14", "05-01" (every year) or "2026-08-10..2026-08-21"
    :param other_hours: ``{"2026-03-03": "06:00-14:00"}``: instead of the week's on that day
    :param breaks: ``{"2026-03-02": "12:00-13:00"}``: cut out of that day's hours

    A day off wins over everything else.
    """

    def __init__(self, zone, week, days_off=(), other_hours=None, breaks=None):
        self.zone = pytz.timezone(zone)
        self.week = {day: hours for days, hours in week.items() for day in self.read_days(days)}
        self.days_off = [(first, last or first) for first, _, last in map(self.split, days_off)]
        self.other_hours = other_hours or {}
        self.cuts = [
            self.localize(date.fromisoformat(day), window)
            for day, windows in (breaks or {}).items()
            for window in windows.split()
        ]

    def split(self, days):
        return days.partition("..")

    def read_days(self, text):
        first, _, last = text.partition("-")
        return WEEK[WEEK.index(first) : WEEK.index(last or first) + 1]

    def to_utc(self, local):
        """A naive wall-clock time here, as a naive time in UTC."""
        return self.zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    def localize(self, day, window):
        begin, end = (timedelta(seconds=read_duration(text)) for text in window.split("-"))
        midnight = datetime.combine(day, time())
        return self.to_utc(midnight + begin), self.to_utc(midnight + end)

    def is_day_off(self, day):
        whole, yearly = f"{day:%Y-%m-%d}", f"{day:%m-%d}"
        return any(first <= whole <= last or first == yearly for first, last in self.days_off)

    def get_intervals(self, day):
        """Pairs of instants (naive UTC) between which ``day`` (date) is worked."""
        if self.is_day_off(day):
            return []
        windows = self.other_hours.get(f"{day:%Y-%m-%d}", self.week.get(WEEK[day.weekday()], ""))
        pairs = [self.localize(day, window) for window in windows.split()]
        for begin, end in self.cuts:
            pairs = [
                rest for pair in pairs
                for rest in ((pair[0], min(pair[1], begin)), (max(pair[0], end), pair[1]))
            ]  # fmt: skip
        return [(begin, end) for begin, end in pairs if begin < end]

    def get_line(self, first, last):
        """A ``WorkTimeline`` of the days from ``first`` to ``last`` (dates)."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return WorkTimeline([pair for day in days for pair in self.get_intervals(day)])
