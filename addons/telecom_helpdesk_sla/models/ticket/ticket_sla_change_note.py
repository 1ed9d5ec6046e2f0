from contextlib import contextmanager
from typing import NamedTuple

from babel.dates import format_skeleton, format_time, get_timezone
from markupsafe import Markup
from pytz import utc

from odoo import SUPERUSER_ID, models
from odoo.tools import get_lang
from odoo.tools.misc import babel_locale_parse

from odoo.addons.telecom_helpdesk.tools.durations import describe_seconds


class PromiseStatus(NamedTuple):
    """Status of an open promise as shown in the thread; equal values give the same text."""

    at: object = None  # deadline (naive UTC), be it past or to come
    left: int = 0  # seconds, where time stands still and there is no deadline


class TelecomTicket(models.Model):
    """What the thread says when promises change: policy and deadlines, before and after.

    It has one text for all: in the language of the ticket's company, and in the time zone of the
    working hours that count.
    """

    _inherit = "telecom.ticket"

    @contextmanager
    def _noting_sla(self, reason=None):
        """Leave a note on those tickets whose policy or deadlines what happens inside changes."""
        # The software's own work, as rules are.
        tickets = self.with_user(SUPERUSER_ID)
        before = tickets._read_promise_status()
        zones = {ticket.id: ticket._get_sla_zone() for ticket in tickets}
        yield
        after = tickets._read_promise_status()
        changed = tickets.filtered(lambda ticket: before[ticket.id] != after[ticket.id])
        for company, group in changed.grouped("company_id").items():
            lang = get_lang(self.env, company.partner_id.lang).code
            bodies = {
                ticket.id: ticket._render_sla_note(
                    before[ticket.id],
                    after[ticket.id],
                    # Where nothing is promised any more, as it was told before.
                    ticket._get_sla_zone() if ticket.sla_policy_id else zones[ticket.id],
                    reason,
                )
                for ticket in group.with_context(lang=lang)
            }
            group._message_log_batch(bodies)

    def _read_promise_status(self):
        """``{ticket id: (policy, {metric: PromiseStatus})}``, of what is not kept yet."""
        standing = {ticket.id: (ticket.sla_policy_id, {}) for ticket in self}
        rows = self.env["telecom.sla.clock"].search_fetch(
            [
                ("ticket_id", "in", self.ids),
                ("state", "in", ("running", "paused", "missed")),
                ("reached_at", "=", False),
                ("ended_at", "=", False),
                ("waived_at", "=", False),
            ],
            [
                "ticket_id",
                "metric",
                "breached_at",
                "deadline",
                "target_seconds",
                "consumed_seconds",
            ],
        )
        for row in rows:
            _policy, by_metric = standing[row.ticket_id.id]
            at = row.breached_at or row.deadline
            left = 0 if at else row.target_seconds - row.consumed_seconds
            by_metric[row.metric] = PromiseStatus(at, left)
        return standing

    def _render_sla_note(self, before, after, zone, reason):
        """HTML; ``before`` and ``after`` as ``_read_promise_status`` gives them for a ticket."""
        (policy_before, clocks_before), (policy, clocks) = before, after
        nothing = self.env._("none")
        policy_before, policy = (p.with_env(self.env).name for p in (policy_before, policy))
        if policy == policy_before:
            head = self.env._("SLA policy %s", policy or nothing)
        else:
            head = self.env._("SLA policy: %s", f"{policy_before or nothing} → {policy or nothing}")
        note = Markup("<p><b>%s</b>%s</p>") % (head, f" ({reason})" if reason else "")
        metrics = dict(
            self.env["telecom.sla.clock"]._fields["metric"]._description_selection(self.env)
        )
        lines = [
            f"{label}: {self._describe_promise_status(clocks_before.get(metric), zone)} → "
            f"{self._describe_promise_status(clocks.get(metric), zone)}"
            for metric, label in metrics.items()
            if clocks_before.get(metric) != clocks.get(metric)
        ]
        if not lines:
            return note
        items = Markup().join(Markup("<li>%s</li>") % line for line in lines)
        times = self.env._("Times: %s", zone)
        return note + Markup("<ul>%s</ul><p>%s</p>") % (items, times)

    def _describe_promise_status(self, standing, zone):
        if not standing:
            return self.env._("none")
        if not standing.at:
            return self.env._("%s left, paused", describe_seconds(self.env, standing.left))
        instant = self._format_sla_instant(standing.at, zone)
        return self.env._("%s, breached", instant) if standing.at <= self._due_now() else instant

    def _get_sla_zone(self):
        """Name of the time zone that this ticket's deadlines are thought in."""
        term, company = self.sla_term_id, self.company_id
        return term.calendar_id.tz or company.resource_calendar_id.tz or "UTC"

    def _format_sla_instant(self, at, zone):
        """Such as "Tue, Jul 14, 5:00 PM", in the language of the context."""
        locale = babel_locale_parse(get_lang(self.env).code)
        local = utc.localize(at).astimezone(get_timezone(zone))
        day = format_skeleton("MMMEd", local, locale=locale)
        return f"{day}, {format_time(local, 'short', locale=locale)}"
