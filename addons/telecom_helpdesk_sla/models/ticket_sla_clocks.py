from odoo import models

from odoo.addons.telecom_helpdesk.models.ticket_stage import DONE_STATES

from ..tools.clock import Clock
from .sla_clock_fold import CLOCK_FIELDS


class TelecomTicket(models.Model):
    """A ticket's clocks follow what happens to it: one step each, without reading the logs."""

    _inherit = "telecom.ticket"

    # What happens

    def _make_promises(self):
        super()._make_promises()
        self._agree_sla_terms()

    def _on_transition(self, transitions):
        states = {transition.ticket_id.id: transition.state_to for transition in transitions}
        before = {transition.ticket_id.id: transition.state_from for transition in transitions}
        at = transitions[0].at
        if tickets := self.sudo().filtered("sla_term_id"):
            tickets._step_sla(
                lambda ticket, clock: clock.on_state(
                    at, states[ticket.id], ticket.sla_term_id._get_terms()[clock.metric]
                ),
                states=before,
            )
            # Hours that changed while nobody was waiting count when somebody is again.
            tickets.filtered(
                lambda ticket: before[ticket.id] in DONE_STATES and ticket._has_other_hours()
            )._recount_sla()
        super()._on_transition(transitions)

    def _on_customer_message(self, message):
        was_waiting = self.unanswered_since
        super()._on_customer_message(message)
        term = self.sla_term_id
        if term and not was_waiting and self.first_response_at and term.next_response_seconds:
            self._start_next_response(self._due_now())

    def _on_agent_reply(self, message):
        super()._on_agent_reply(message)
        if self.sla_term_id:
            self._end_responses(self._due_now())

    def _start_next_response(self, at):
        """The customer waits for another answer since ``at``."""
        rows = self._get_sla_clocks()
        if not rows._find_next_response(at):
            self.env["telecom.sla.event"]._log(self, at, "asked")
            terms = self.sla_term_id._get_terms()["next_response"]
            clock = Clock.start("next_response", at, terms, self.state)
            rows += rows._start([(self, clock)])
            self._update_sla(rows)

    def _end_responses(self, at):
        """An agent answered at ``at`` whatever the customer waits for."""
        rows = self._get_sla_clocks()
        if any(row.metric != "resolution" and not row.reached_at for row in rows):
            self.env["telecom.sla.event"]._log(self, at, "answered")
            self._step_sla(lambda _ticket, clock: clock.on_answer(at), rows=rows)

    def _log_missed_events(self, rows, terms):
        """Log what happened before anything was promised, and counts now that something is.

        :param rows: the ticket's clocks (telecom.sla.clock) so far
        :param terms: ``{metric: Terms}`` that hold from now on
        :return: whether there was anything
        """
        answered_at, asked_at = self.first_response_at, self.unanswered_since
        log = self.env["telecom.sla.event"]._log
        if not answered_at:
            return False
        was_unknown = terms["first_response"].target and not rows._find("first_response")
        if was_unknown:
            log(self, answered_at, "answered")
        waits = terms["next_response"].target and asked_at and asked_at > answered_at
        if waits and not rows._find_next_response(asked_at):
            log(self, asked_at, "asked")
            return True
        return was_unknown

    def _merge_into(self, target):
        had = (target.first_response_at, target.unanswered_since, target.last_agent_reply_at)
        super()._merge_into(target)
        target._take_over_sla(*had)

    def _take_over_sla(self, first_response_at, unanswered_since, last_agent_reply_at):
        """Tickets were merged into this one: what was said on them counts for its clocks.

        The parameters are what its fields were before.
        """
        if not self.sla_term_id:
            return
        events = self.env["telecom.sla.event"]
        if not first_response_at and self.first_response_at:
            events._log(self, self.first_response_at, "answered")
        asked_at = self.unanswered_since if not unanswered_since else None
        if asked_at and self.first_response_at and self.sla_term_id.next_response_seconds:
            # What was answered here meanwhile was another question.
            asked_at = max(filter(None, (asked_at, self.first_response_at, last_agent_reply_at)))
            if not self._get_sla_clocks()._find_next_response(asked_at):
                events._log(self, asked_at, "asked")
        self._rebuild_sla()

    # Steps

    def _get_sla_clocks(self):
        """Rows (telecom.sla.clock) of these tickets, with all that a step reads, in one query."""
        return (
            self.env["telecom.sla.clock"]
            .sudo()
            .search_fetch([("ticket_id", "in", self.ids)], CLOCK_FIELDS)
        )

    def _step_sla(self, step, states=None, rows=None):
        """Take every clock of these tickets one step on.

        :param step: function of (ticket, ``Clock``) that returns the next ``Clock``
        :param states: ``{ticket id: state}`` before the step, where it is not the present one
        :param rows: their clocks, where they are at hand
        """
        rows = self._get_sla_clocks() if rows is None else rows
        clocks = {}
        for row in rows:
            ticket = row.ticket_id
            state = states[ticket.id] if states else ticket.state
            clocks[row.id] = step(ticket, row._get_clock(state))
        rows._save(clocks)
        self._update_sla(rows)

    def _advance_sla(self, now, rows=None):
        """Time has passed up to ``now``: breaches that nobody saw are missed since they were."""
        tickets = self.sudo()
        rows = tickets._get_sla_clocks() if rows is None else rows
        if stale := rows.filtered(lambda row: row._runs_out_by_former_hours(now)):
            # Hours changed, and nobody has counted by the new ones yet.
            stale.ticket_id._recount_sla()
        tickets._step_sla(lambda _ticket, clock: clock.advance(now), rows=rows)

    def _apply_sla_terms(self, rows=None):
        """Other terms were agreed (``sla_term_id``): clocks go on by them, new ones start.

        :param rows: their clocks, where they are at hand
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
            )
        if new:
            new._update_sla(self.env["telecom.sla.clock"]._start(started))
        (tickets - new - known)._rebuild_sla()
