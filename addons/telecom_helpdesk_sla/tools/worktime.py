"""Working time, as the core counts it: rules and promises must agree on what an hour is."""

from odoo.addons.telecom_helpdesk.tools.worktime import ROUND_THE_CLOCK, RoundTheClock, WorkTimeline

__all__ = ["ROUND_THE_CLOCK", "RoundTheClock", "WorkTimeline"]
