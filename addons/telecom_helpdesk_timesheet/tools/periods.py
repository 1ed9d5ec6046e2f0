"""Months, quarters and years counted from a contract's first day."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

MONTHS = {"month": 1, "quarter": 3, "year": 12}


def add_months(anchor, count):
    """The same day ``count`` months later; the last of the month where there is none.

    Counted from ``anchor`` each time: what begins on January 31 goes on from February 28 to
    March 31.
    """
    return anchor + relativedelta(months=count)


def count_months(anchor, day):
    """Whole months from ``anchor`` to ``day``: 0 in the first month; below 0 before it."""
    count = (day.year - anchor.year) * 12 + day.month - anchor.month
    return count if add_months(anchor, count) <= day else count - 1


def find_first(anchor, unit, day):
    """First day of the period of ``unit`` (a key of ``MONTHS``) that ``day`` lies in."""
    count = count_months(anchor, day)
    return add_months(anchor, count - count % MONTHS[unit])


def find_last(anchor, unit, start):
    """Last day of the period that begins on ``start``, a first day of a month from ``anchor``."""
    return add_months(anchor, count_months(anchor, start) + MONTHS[unit]) - timedelta(days=1)


def iterate(anchor, unit, start, until):
    """Pairs (first day, last day) of periods from ``start`` on, up to the one of ``until``."""
    while start <= until:
        stop = find_last(anchor, unit, start)
        yield start, stop
        start = stop + timedelta(days=1)


def prorate(minutes, start, stop, last):
    """Share of ``minutes`` (int) for the days from ``start`` to ``stop`` of a period that would go
    on to ``last``: whole minutes, up."""
    return -(-minutes * count_days(start, stop) // count_days(start, last))


def count_days(start, stop):
    """Days from ``start`` to ``stop``, both counted."""
    return (stop - start).days + 1
