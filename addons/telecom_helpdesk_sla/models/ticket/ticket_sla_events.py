from odoo import models

from odoo.addons.telecom_helpdesk.models.ticket.ticket_stage import DONE_STATES

from ...tools.clock import Clock


class TelecomTicket(models.Model):
    """What happens to a ticket, and what becomes of its clocks then: one step each, without
    reading the logs."""

    _inherit = "telecom.ticket"

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
            taken_up = tickets.filtered(
                lambda ticket: before[ticket.id] in DONE_STATES and not ticket.is_done
            )
            if taken_up:
                taken_up._reopen_sla(at)
        super()._on_transition(transitions)

    def _reopen_sla(self, at):
        """These tickets were reopened at ``at``."""
        # Hours that changed while nobody was waiting count when somebody is again.
        if recounted := self.filtered(lambda ticket: ticket._has_other_hours()):
            recounted._recount_sla()
        for ticket in self.filtered("unanswered_since"):
            ticket._start_question(at)

    def _on_customer_message(self, message):
        # If this reopens the ticket, the reopening starts a question already.
        is_known = self.unanswered_since or self.is_done
        super()._on_customer_message(message)
        if self.sla_term_id and not is_known:
            self._start_question(self._due_now())

    def _on_agent_reply(self, message):
        is_first = not self.first_response_at
        super()._on_agent_reply(message)
        if self.sla_term_id:
            self._end_questions(self._due_now(), is_first)

    def _start_question(self, at):
        """The customer waits for an answer since ``at``, be it the first or another one."""
        metric = "next_response" if self.first_response_at else "first_response"
        terms = self.sla_term_id._get_terms()[metric]
        if not terms.target:
            return
        rows = self._get_sla_clocks()
        if not rows._find_questions() and not rows._find_started(at):
            self.env["telecom.sla.event"]._log(self, at, "asked")
            rows += rows._start([(self, Clock.start(metric, at, terms, self.state))])
            self._update_sla(rows)

    def _end_questions(self, at, is_first):
        """An agent answered at ``at`` whatever the customer waits for.

        :param is_first: nobody had answered before: that is logged even if nobody waits
        """
        rows = self._get_sla_clocks()
        waiting = rows._find_questions() or rows.filtered(lambda row: row.ended_at == at)
        if waiting or (is_first and rows._find("first_response")):
            self.env["telecom.sla.event"]._log(self, at, "answered")
            self._step_sla(lambda _ticket, clock: clock.on_answer(at), rows=rows)

    def _log_missed_events(self, rows, terms):
        """Log what happened before anything was promised, and counts now that something is.

        :param rows: the ticket's clocks (telecom.sla.clock) so far
        :param terms: ``{metric: Terms}`` that hold from now on
        :return: whether there was anything
        """
        answered_at = self.first_response_at
        log = self.env["telecom.sla.event"]._log
        is_unknown = answered_at and terms["first_response"].target
        if is_unknown := bool(is_unknown and not rows._find("first_response")):
            log(self, answered_at, "answered")
        metric = "next_response" if answered_at else "first_response"
        if not self.unanswered_since or not terms[metric].target or rows._find_questions():
            return is_unknown
        taken_up_at = self._get_reopened_at()
        asked_at = max(filter(None, (self.unanswered_since, taken_up_at)))
        # What a ticket came with is no other question.
        is_other = asked_at > answered_at if answered_at else taken_up_at
        if not is_other or rows._find_started(asked_at):
            return is_unknown
        log(self, asked_at, "asked")
        return True

    def _get_reopened_at(self):
        """When this ticket was last reopened; False: never."""
        transitions = self.env["telecom.ticket.transition"].search(
            [
                ("ticket_id", "=", self.id),
                ("state_from", "in", DONE_STATES),
                ("state_to", "not in", DONE_STATES),
            ],
            order="at desc, id desc",
            limit=1,
        )
        return transitions.at

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
        if self.unanswered_since and not unanswered_since and self.first_response_at:
            # What was answered here meanwhile was another question.
            instants = (
                self.unanswered_since,
                self._get_reopened_at(),
                self.first_response_at,
                last_agent_reply_at,
            )
            asked_at, rows = max(filter(None, instants)), self._get_sla_clocks()
            is_promised = self.sla_term_id.next_response_seconds
            if is_promised and not rows._find_questions() and not rows._find_started(asked_at):
                events._log(self, asked_at, "asked")
        self._rebuild_sla()

    def _move_message(self, message, new):
        waited_since = self.unanswered_since
        super()._move_message(message, new)
        if self.sla_term_id and self.unanswered_since != waited_since:
            self._withdraw_question()

    def _withdraw_question(self):
        """What the customer waited for went to another ticket, and is promised there. Another
        question of theirs, which may be left, is promised from when they asked it."""
        rows = self._get_sla_clocks()
        question, asked_at = rows._find_questions(), self.unanswered_since
        log = self.env["telecom.sla.event"]._log
        if question and not question.breached_at:
            # As if it had never been asked here.
            log(self, question.started_at, "withdrawn")
            asked_at = asked_at and max(filter(None, (asked_at, self._get_reopened_at())))
            if asked_at and not rows._find_started(asked_at):
                log(self, asked_at, "asked")
        elif question and not asked_at:
            log(self, self._due_now(), "withdrawn")
        self._rebuild_sla()
