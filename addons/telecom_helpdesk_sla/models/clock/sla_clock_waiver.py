from markupsafe import Markup

from odoo import models
from odoo.exceptions import AccessError, UserError


class TelecomSlaClock(models.Model):
    """A manager may waive a breach that was not the support team's fault. It stays on record."""

    _inherit = "telecom.sla.clock"

    def action_waive(self):
        """Ask the manager why (button on the clock)."""
        self._check_may_waive()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "telecom_helpdesk_sla.telecom_sla_waive_action"
            ),
            "context": {"default_clock_ids": self.ids},
        }

    def action_unwaive(self):
        """Revoke a waiver: the promise counts as breached again."""
        self._check_may_waive()
        waived = self.sudo().filtered("waived_at")
        notes = {
            clock: self.env._("Waiver revoked: %s", clock._describe_promise()) for clock in waived
        }
        values = {"waived_at": False, "waived_by_id": False, "waiver_reason": False}
        waived._write_waiver(values, notes)

    def _waive(self, reason):
        """Waive these breached promises, with a ``reason`` (text).

        :raises AccessError: the user is no manager of the helpdesk
        :raises UserError: there is no reason, or a promise was not missed
        """
        self._check_may_waive()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Enter a reason for those who read the report."))
        if kept := self.filtered(lambda clock: clock.state != "missed"):
            raise UserError(
                self.env._(
                    "Only a breached promise can be waived. Not breached: %s",
                    ", ".join(clock._describe_promise() for clock in kept),
                )
            )
        clocks = self.sudo().filtered(lambda clock: not clock.waived_at)
        values = {
            "waived_at": self._due_now(),
            "waived_by_id": self.env.uid,
            "waiver_reason": reason,
        }
        notes = {
            clock: self.env._(
                "Waived: %(promise)s. %(reason)s",
                promise=clock._describe_promise(),
                reason=reason,
            )
            for clock in clocks
        }
        clocks._write_waiver(values, notes)

    def _write_waiver(self, values, notes):
        """Write ``values``, and plan, show and note what they change; ``notes`` are
        ``{clock: text}``."""
        with self._keeping_activities():
            self._write_due(values)
            self._plan_due()
        self.ticket_id._update_sla()
        bodies = {}
        for clock, text in notes.items():
            ticket_id = clock.ticket_id.id
            bodies[ticket_id] = bodies.get(ticket_id, Markup()) + Markup("<p>%s</p>") % text
        self.ticket_id.with_user(self.env.user).sudo()._message_log_batch(bodies)

    def _check_may_waive(self):
        if not self.env.user.has_group("telecom_helpdesk.group_manager"):
            raise AccessError(self.env._("Only managers of the helpdesk can waive an SLA breach."))
        self.check_access("read")

    def _describe_promise(self):
        metrics = dict(self._fields["metric"]._description_selection(self.env))
        return f"{self.ticket_id.display_name}, {metrics[self.metric]}"
