from odoo import api, models
from odoo.tools import ormcache

from odoo.addons.telecom_helpdesk.models.ticket.ticket_stage import DONE_STATES

from ...tools.clock import Clock
from ..policy.sla_policy_matching import MATCHED_FIELDS

# Ids of tickets that are just being created: what is promised for them is agreed in the end.
STARTING = "telecom_sla_starting"
# More than a person waits for is done in the background.
MAX_AT_ONCE = 500


class TelecomTicket(models.Model):
    """What is promised for a ticket: agreed when it comes in, and anew when it changes."""

    _inherit = "telecom.ticket"

    def _put_promises_off(self, change):
        """New tickets are promised nothing before all else is decided (``_make_promises``)."""
        self.env.cr.cache.setdefault(STARTING, set()).update(self.ids)

    def _follow_sla_change(self, change):
        self._rematch_sla()

    def _follow_archiving(self, change):
        """Archived tickets are out of everybody's sight, and so are their promises. When they come
        back they catch up: with what is promised now, and with what somebody has to be told."""
        self = self.sudo()
        restored = self.filtered("active")
        if todo := restored.filtered(lambda ticket: ticket.state not in DONE_STATES):
            recounted = todo.filtered(lambda ticket: ticket._has_other_hours())
            todo._follow_sla(recounted, "restored")
            todo._advance_sla(self._due_now())
        rows = self._get_sla_clocks()
        rows._plan_due("restored")
        rows.ticket_id._refresh_sla_activities(anew=restored)

    def _follow_sla(self, recounted, because=None):
        """Have what policies promise now count for these tickets, and for ``recounted`` (some of
        them, or others) the working hours as they are now.

        :param because: why alerts may be late, if it is neither of these
        """
        other = self._find_other_terms()
        changed = self.browse(other)
        with (changed | recounted)._noting_sla():
            # Former terms ran out, or not, by the hours as they are now.
            if recounted:
                recounted._recount_sla(because or "hours")
            if changed:
                changed._take_terms(other, quiet=True, because=because or "terms")

    @api.model
    @ormcache()
    def _get_sla_fields(self):
        """Names of the fields that decide about promises, and of what they are computed from."""
        return self.env["telecom.ticket.rule"]._find_sources(MATCHED_FIELDS)

    def _follow_tier(self):
        super()._follow_tier()
        self._rematch_sla()

    def _rematch_sla(self):
        """Something changed that policies go by: agree on other terms where they follow.

        Finished tickets keep what was promised, until they are reopened.
        """
        starting = self.env.cr.cache.get(STARTING, ())
        tickets = self.sudo().filtered(
            lambda ticket: ticket.id not in starting and ticket.state not in DONE_STATES
        )
        if not tickets:
            return
        if len(tickets) <= MAX_AT_ONCE:
            tickets._agree_sla_terms()
        else:
            self.env["telecom.sla.policy"].sudo().search(
                [("active", "=", True)]
            )._plan_open_tickets()

    def _agree_sla_terms(self, reason=None, quiet=False):
        """Promise each ticket what the first policy that matches it says.

        Where that differs from what was promised so far, it counts from now on, and the thread
        says so; first terms count from the ticket's creation.

        :param reason: why, in words for the log
        :param quiet: no alerts about what first terms say for the past
        """
        starting = self.env.cr.cache.get(STARTING, set())
        new = self.filtered(lambda ticket: ticket.id in starting)
        starting.difference_update(new.ids)
        # One that was over when it was made, such as an old one that is imported, needs no promise.
        new_and_over = new.filtered(lambda ticket: ticket.state in DONE_STATES)
        if other := (self - new_and_over)._find_other_terms():
            changed = self.sudo().browse(other)
            with (changed - new)._noting_sla(reason):
                changed._take_terms(other, reason, quiet)

    def _find_other_terms(self):
        """``{ticket id: values of telecom.sla.term}`` where other terms apply than so far."""
        matched = self.env["telecom.sla.policy"]._match(self)
        return {
            ticket.id: matched[ticket.id]
            for ticket in self.sudo()
            if ticket.sla_term_id._differs_from(matched[ticket.id])
        }

    def _take_terms(self, values, reason=None, quiet=False, because="terms"):
        """Log ``values`` (``{ticket id: values of telecom.sla.term}``) and have them count."""
        now = self._due_now()
        # Without terms there is no clock yet: new tickets ask for none.
        rows = self.sudo().filtered("sla_term_id")._get_sla_clocks()
        terms = self.env["telecom.sla.term"].create(
            [
                {
                    **values[ticket.id],
                    "ticket_id": ticket.id,
                    "at": now,
                    "reason": reason,
                    "is_quiet": quiet and not ticket.sla_term_id,
                }
                for ticket in self
            ]
        )
        for ticket, term in zip(self, terms, strict=True):
            ticket._write_due({"sla_term_id": term.id, "sla_policy_id": term.policy_id.id})
        self._apply_sla_terms(rows, because)

    def _apply_sla_terms(self, rows=None, because="terms"):
        """Other terms were agreed (``sla_term_id``): clocks go on by them, new ones start.

        :param rows: their clocks, where they are at hand
        :param because: why alerts may be late
        """
        now = self._due_now()
        tickets = self.sudo().filtered("sla_term_id")
        rows = tickets._get_sla_clocks() if rows is None else rows
        rows_of = rows.grouped("ticket_id")
        new, known, started = self.browse(), self.browse(), []
        for ticket in tickets:
            own = rows_of.get(ticket, rows.browse())
            terms = ticket.sla_term_id._get_terms()
            missing = [
                metric
                for metric in ("first_response", "resolution")
                if terms[metric].target and not own._find(metric)
            ]
            is_new = not own and ticket.create_date.replace(microsecond=0) == now
            if is_new and not ticket.first_response_at:
                new += ticket
                started += [
                    (ticket, Clock.start(metric, now, terms[metric], ticket.state))
                    for metric in missing
                ]
            elif not ticket._log_missed_events(own, terms) and not missing:
                known += ticket
        if known:
            known._step_sla(
                lambda ticket, clock: clock.on_terms(
                    now, ticket.sla_term_id._get_terms()[clock.metric]
                ),
                rows=rows.filtered(lambda row: row.ticket_id in known),
                because=because,
            )
        if new:
            new._update_sla(self.env["telecom.sla.clock"]._start(started, because))
        (tickets - new - known)._rebuild_sla(because)
