"""Hours as Odoo stores them, counted in whole minutes, so that nothing is lost to rounding."""

from math import floor

# Odoo stores hours as floats: 0.1 h may come as 5.999999 minutes.
EPSILON = 1e-6


def to_minutes(hours):
    """Whole minutes of ``hours`` (float), half a minute up."""
    return floor((hours or 0) * 60 + 0.5 + EPSILON)


def to_hours(minutes):
    """``minutes`` (int) as Odoo stores them: float hours."""
    return minutes / 60


def round_up(minutes, step):
    """``minutes`` (int) up to the next multiple of ``step`` (int; 0: as they are)."""
    return -(-minutes // step) * step if step > 0 else minutes
