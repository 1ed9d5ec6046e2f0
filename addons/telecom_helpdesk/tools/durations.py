"""Durations: hours as Odoo stores them, the whole minutes to count with, and their texts."""

from math import floor

# Odoo stores hours as floats: 0.1 h may come as 5.999999 minutes.
EPSILON = 1e-6


def to_minutes(hours):
    """Whole minutes of ``hours`` (float), half a minute up."""
    return floor((hours or 0) * 60 + 0.5 + EPSILON)


def to_hours(minutes):
    """``minutes`` (int) as Odoo stores them: float hours."""
    return minutes / 60


def format_hours(minutes):
    """``minutes`` (int, not negative) in figures, such as "1:05"."""
    return f"{minutes // 60}:{minutes % 60:02}"


def describe_seconds(env, seconds):
    """``seconds`` (int) in words, such as "1 h 30 min"; what is less than a minute is cut off, as
    the browser does, so that nobody is promised more than there is.
    """
    hours, minutes = divmod(max(seconds, 0) // 60, 60)
    if not hours and not minutes:
        return env._("%s s", max(seconds, 0))
    if not hours:
        return env._("%s min", minutes)
    if not minutes:
        return env._("%s h", hours)
    return env._("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
