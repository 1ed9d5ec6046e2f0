from datetime import timedelta

from pytz import UTC

from odoo import fields, models
from odoo.tools import SQL
from odoo.tools.intervals import Intervals

# How far to look for the next working hours of a team, and for people who come back:
# first near, which is cheap and nearly always enough.
HORIZONS = (timedelta(days=4), timedelta(days=35))
CACHE = "telecom_desk"


class TelecomTicketTeam(models.Model):
    """Availability of a team's members, and the order of the round robin."""

    _inherit = "telecom.ticket.team"

    # Ids of users, the one whose last turn was longest ago first.
    turn_order = fields.Json(copy=False, readonly=True)

    def _lock_turns(self):
        """Ids of users in the order of their last turn, kept from other servers.

        They wait here until this transaction ends. Where it handed out turns, theirs is
        refused as too old and begun anew, so that no turn is given twice.
        """
        self.ensure_one()
        [(turns,)] = self.env.execute_query(
            SQL(
                "SELECT turn_order FROM telecom_ticket_team WHERE id = %s FOR NO KEY UPDATE",
                self.id,
            )
        )
        return turns or []

    def _once_a_batch(self, key, read):
        """Result of ``read()``, cached for all tickets that are assigned in one batch."""
        cache = self.env.cr.cache.setdefault(CACHE, {})
        if key not in cache:
            cache[key] = read()
        return cache[key]

    def _forget_batch(self):
        """Availability changed in this transaction: drop the cached results."""
        self.env.cr.cache.pop(CACHE, None)

    def _get_takers(self, now):
        """``{user: level}`` of the active members who take new tickets."""
        return self._once_a_batch(("takers", self.id, now), self._read_takers)

    def _read_takers(self):
        members = self.member_ids.filtered(lambda user: self.company_id in user.company_ids)
        agents = self.env["telecom.agent"]
        away = agents.search([("user_id", "in", members.ids), ("is_available", "=", False)])
        return agents._get_levels(members - away.user_id)

    def _get_presence(self, users, now):
        """Who of ``users`` is at work when this team next works, and else when somebody is.

        :param now: naive UTC datetime
        :return: ``(users, instant)``: those at work; where nobody is, the first instant
            (naive UTC datetime) at which the team and one of them work, else False
        """
        return self._once_a_batch(
            ("presence", self.id, now, *users.ids), lambda: self._read_presence(users, now)
        )

    def _read_presence(self, users, now):
        start = UTC.localize(now)
        resources = self._get_resources(users)
        for horizon in HORIZONS if users else ():
            open_hours = self._get_open_hours(start, start + horizon)
            if not open_hours:
                continue
            moment = next(iter(open_hours))[0]
            hours = self._get_hours_at_work(resources, moment, start + horizon)
            # Whom no resource stands for has no hours of their own.
            present = (users - resources.user_id) + resources.filtered(
                lambda resource, moment=moment, hours=hours: any(
                    begin <= moment < end for begin, end, _row in hours[resource.id]
                )
            ).user_id
            if present:
                return present, False
            returns = [
                begin
                for resource in resources
                for begin, _end, _row in (hours[resource.id] & open_hours)
            ]
            if returns:
                return present, min(returns).astimezone(UTC).replace(tzinfo=None)
        return users.browse(), bool(users) and now + HORIZONS[-1]

    def _get_resources(self, users):
        """What stands for ``users`` in the company of this team, with hours and leave."""
        return self.env["resource.resource"].search(
            [("user_id", "in", users.ids), ("company_id", "in", [self.company_id.id, False])]
        )

    def _get_open_hours(self, start, stop):
        """Working hours of this team (``Intervals``); without a calendar it always works."""
        if not self.resource_calendar_id:
            return Intervals([(start, stop, self.browse())])
        return self.resource_calendar_id._work_intervals_batch(
            start,
            stop,
            # As superuser, Odoo would count other companies' public holidays.
            domain=[
                ("time_type", "=", "leave"),
                ("company_id", "in", [self.company_id.id, False]),
            ],
        )[False]

    def _get_hours_at_work(self, resources, start, stop):
        """``{resource id: Intervals}`` in which each of ``resources`` works.

        Those without a calendar always do, unless they are on leave.
        """
        with_hours = resources.filtered("calendar_id")
        hours, _calendars = with_hours._get_valid_work_intervals(start, stop)
        always = resources - with_hours
        leaves = self.env["resource.calendar.leaves"].search(
            [
                ("resource_id", "in", always.ids),
                ("time_type", "=", "leave"),
                ("date_from", "<", stop.astimezone(UTC).replace(tzinfo=None)),
                ("date_to", ">", start.astimezone(UTC).replace(tzinfo=None)),
            ]
        )
        for resource in always:
            away = leaves.filtered(lambda leave, resource=resource: leave.resource_id == resource)
            hours[resource.id] = Intervals([(start, stop, leaves.browse())]) - Intervals(
                [
                    (UTC.localize(leave.date_from), UTC.localize(leave.date_to), leave)
                    for leave in away
                ]
            )
        return hours
