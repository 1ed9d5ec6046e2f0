from datetime import timedelta

from odoo import fields, models


class TelecomTicket(models.Model):
    """States of a ticket: what is logged, stamped and planned when they change."""

    _inherit = "telecom.ticket"

    transition_ids = fields.One2many("telecom.ticket.transition", "ticket_id", readonly=True)
    resolved_at = fields.Datetime(readonly=True, copy=False, string="Resolved on")
    closed_at = fields.Datetime(readonly=True, copy=False, string="Closed on")
    reopen_count = fields.Integer(readonly=True, copy=False)

    def action_resolve(self):
        self._set_state("resolved")

    def action_close(self):
        self._set_state("closed")

    def action_reopen(self):
        self._set_state("open")

    def action_cancel(self):
        self._set_state("cancelled")

    def _set_state(self, state, reason=None):
        """Move each ticket to its team's first stage with ``state``.

        :param reason: why, in words for the log; set where the software decides
        """
        tickets = self.filtered(lambda ticket: ticket.state != state)
        stages = self.env["telecom.ticket.stage"].search([("state", "=", state)])
        by_stage = tickets.grouped(lambda ticket: ticket._pick_stage(state, stages))
        for stage, group in by_stage.items():
            group.with_context(telecom_transition_reason=reason).stage_id = stage

    def _log_transitions(self, before):
        """Log the state changes since ``before`` ({ticket id: state}) and follow them up."""
        now = self._due_now()
        changed = self.filtered(lambda ticket: ticket.state != before.get(ticket.id))
        if not changed:
            return
        transitions = (
            self.env["telecom.ticket.transition"]
            .sudo()
            .create(
                [
                    {
                        "ticket_id": ticket.id,
                        "state_from": before.get(ticket.id),
                        "state_to": ticket.state,
                        "at": now,
                        "user_id": self.env.uid,
                        "reason": self.env.context.get("telecom_transition_reason"),
                    }
                    for ticket in changed
                ]
            )
        )
        changed._stamp_states(before, now)
        changed._on_transition(transitions)

    def _stamp_states(self, before, now):
        """Set the instants that follow from a state just reached at ``now``."""
        resolved = self.filtered(lambda ticket: ticket.state in ("resolved", "closed"))
        resolved.filtered(lambda ticket: not ticket.resolved_at).resolved_at = now
        resolved.filtered(lambda ticket: ticket.state == "closed").closed_at = now
        taken_up = (self - resolved).filtered(
            lambda ticket: before.get(ticket.id) in ("resolved", "closed")
        )
        taken_up.write({"resolved_at": False, "closed_at": False})
        for ticket in taken_up.filtered(lambda ticket: ticket.state != "cancelled"):
            ticket.reopen_count += 1

    def _on_transition(self, transitions):
        """Hook: ``transitions`` (telecom.ticket.transition) of these tickets were logged."""
        self._plan_due()

    # Auto-close, on the clockwork

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        if "team_id" in vals:
            self._plan_due()

    def _get_next_due(self):
        instant = super()._get_next_due()
        days = self.team_id.sudo().auto_close_days
        if self.state != "resolved" or not days:
            return instant
        close_at = self.resolved_at + timedelta(days=days)
        return min(instant, close_at) if instant else close_at

    def _on_due(self, now):
        days = self.team_id.auto_close_days
        if self.state == "resolved" and days and self.resolved_at + timedelta(days=days) <= now:
            self._set_state(
                "closed", self.env._("Resolved for %(days)s days without an answer", days=days)
            )

    def _get_due_responsible(self):
        return self._get_manager() or self.user_id or super()._get_due_responsible()
