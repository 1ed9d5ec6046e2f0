from datetime import datetime, timedelta

from pytz import timezone, utc

from odoo import fields, models

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_hours, to_minutes

from ...tools.hours_split import WORKING, find_borders, split

# A break is told from the end of a day by what comes before and after it.
AROUND = timedelta(days=1)
# The borders of hours that began long ago and never end.
ALWAYS = (datetime.min,)  # noqa: DTZ901 (naive, as Odoo stores instants)


class AccountAnalyticLine(models.Model):
    """Work in working hours and out of them has its own entries, as its price differs."""

    _inherit = "account.analytic.line"

    hours_period = fields.Selection(
        [("working", "Working Hours"), ("out", "Out of Hours")],
        string="Time of Day",
        help="Whether the work was done in the working hours of the customer's contract.",
    )

    def _split_by_hours(self, segments=None):
        """Cut these entries where they cross the border of working hours.

        What is locked, is not on a ticket, or does not say when it began stays as it is. The
        first part keeps the entry; the others are new ones that follow it. Doing it again
        changes nothing.

        :param segments: pairs (from, to) of naive UTC datetimes in which the work was done,
            where there were pauses; for one entry
        :return: these entries with the new ones
        """
        lines = self
        for line in self._get_unlocked().sudo():
            if not line.ticket_id:
                continue
            if not line.started_at:
                if not line.hours_period:
                    line.hours_period = WORKING
                continue
            first, *others = line._prepare_parts(segments)
            changed = {name: value for name, value in first.items() if line[name] != value}
            if changed:
                line.write(changed)
            if others:
                parts = line._create_parts(others)
                line._notify_split(parts)
                lines |= parts.sudo(self.env.su)
        return lines

    def _prepare_parts(self, segments=None):
        """Values of each part of this entry (list of dicts): when, how long, time of day."""
        self.ensure_one()
        minutes = to_minutes(self.unit_amount)
        start = self.started_at
        segments = segments or [(start, start + timedelta(minutes=minutes))]
        zone = self._get_agent_timezone()

        def get_day(instant):
            return utc.localize(instant).astimezone(zone).date()

        borders = self._find_borders(segments[0][0], segments[-1][1])
        parts = split(segments, borders, minutes, get_day)
        if len(parts) < 2:
            # Nothing to cut: the time stays as it was logged, to the second.
            period = parts[0].period if parts else self.hours_period or WORKING
            return [{"date": get_day(start), "hours_period": period}]
        return [
            {
                "started_at": part.start,
                "date": get_day(part.start),
                "unit_amount": to_hours(part.minutes),
                "hours_period": part.period,
            }
            for part in parts
        ]

    def _create_parts(self, parts):
        """New entries that go on where this one ends; the same work, billed alike."""
        by_default = self.billable == self._default_billable()[self.id]
        if not self.piece:
            self._write_billing({"piece": self.id})
        kept = {
            "message_id": self.message_id.id,
            "billable": self.billable,
            "billable_percent": self.billable_percent,
            "former_agents": self.former_agents,
            "piece": self.piece,
        }
        # Logged by the same person, whoever has it split by what they change.
        lines = (
            self.with_user(self.create_uid)
            .sudo()
            .create([{**vals, **part, **kept} for part in parts for vals in self.copy_data()])
            .with_env(self.env)
        )
        if by_default:
            for line_id, billable in lines._default_billable().items():
                line = lines.browse(line_id)
                if line.billable != billable:
                    line.billable = billable
        return lines

    def _notify_split(self, parts):
        """Tell whoever saved this entry that it became several: it is shorter now."""
        entries = self + parts
        labels = dict(self._fields["hours_period"]._description_selection(self.env))
        lengths = ", ".join(
            f"{format_hours(to_minutes(entry.unit_amount))} ({labels[entry.hours_period]})"
            for entry in entries
        )
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "info",
                "message": self.env._(
                    "%(ticket)s: this work crosses the border of working hours and became "
                    "%(count)s entries: %(lengths)s.",
                    ticket=self.ticket_id.number,
                    count=len(entries),
                    lengths=lengths,
                ),
            },
        )

    def _find_borders(self, start, stop):
        """Beginnings and ends of working hours around ``start`` to ``stop`` (naive UTC).

        Where there are no hours to go by, all hours are working hours.
        """
        calendar = self._get_support_calendar()
        if (
            self.contract_id.type_id.support_always
            or not calendar
            or calendar.flexible_hours
            or not calendar.attendance_ids
        ):
            return ALWAYS
        start, stop = start - AROUND, stop + AROUND
        timeline = calendar._get_work_timeline(self.company_id, start, stop)
        return find_borders(
            (begin, end)
            for begin, end in zip(timeline.starts, timeline.stops, strict=True)
            if end >= start and begin <= stop
        )

    def _get_support_calendar(self):
        """Working hours (resource.calendar) that decide what an hour costs."""
        return (
            self.contract_id.type_id.support_calendar_id
            or self.ticket_id.team_id.resource_calendar_id
            or self.company_id.resource_calendar_id
        )

    def _get_agent_timezone(self):
        """Time zone in which the one who worked has their days."""
        name = self.user_id.tz or self.employee_id.tz or self.company_id.resource_calendar_id.tz
        return timezone(name or "UTC")

    def _get_local_day(self, instant):
        """Date of ``instant`` (naive UTC) for the one who worked."""
        return (
            utc.localize(fields.Datetime.to_datetime(instant))
            .astimezone(self._get_agent_timezone())
            .date()
        )
