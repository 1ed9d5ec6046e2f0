from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.hours import to_minutes
from .contract_period import format_hours


class AccountMove(models.Model):
    """Invoices that bill support time, and what becomes of it when they change."""

    _inherit = "account.move"

    support_time_count = fields.Integer(compute="_compute_support_time_count")
    waiting_support_hours = fields.Float(
        compute="_compute_waiting_support_hours",
        help="Approved time of this customer that could go on this draft.",
    )

    @api.depends("invoice_line_ids.support_time_ids")
    def _compute_support_time_count(self):
        counts = dict(
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [("invoice_line_id.move_id", "in", self.ids)],
                ["invoice_line_id"],
                ["__count"],
            )
        )
        for move in self:
            move.support_time_count = sum(
                counts.get(line, 0) for line in move.invoice_line_ids._origin
            )

    @api.depends("commercial_partner_id", "company_id", "currency_id", "state", "move_type")
    def _compute_waiting_support_hours(self):
        self.waiting_support_hours = 0
        for move in self.filtered(lambda m: m.move_type == "out_invoice" and m.state == "draft"):
            waiting = move._find_waiting_support_time()
            move.waiting_support_hours = sum(waiting.mapped("billed_hours"))

    def _find_waiting_support_time(self):
        """Approved entries (account.analytic.line) that could go on this one draft."""
        customer = self.commercial_partner_id
        entries = self.env["account.analytic.line"]
        if not customer:
            return entries
        found = entries._find_to_bill(self.company_id, partners=customer)
        return found._group_by_account().get((customer, self.currency_id), entries)

    def _get_support_lines(self):
        """Lines of this one invoice that bill support time, in their order."""
        return self.invoice_line_ids.filtered("is_support_time").sorted(
            lambda line: (line.sequence, line.id)
        )

    # Buttons

    def action_add_support_time(self):
        """Put the customer's approved time on this draft."""
        self.ensure_one()
        if self.move_type != "out_invoice" or self.state != "draft":
            raise UserError(self.env._("Support time goes on draft invoices to customers only."))
        run = self.env["telecom.billing.run"]._start(
            self.company_id, partners=self.commercial_partner_id, move_id=self.id
        )
        if problem := "\n".join(filter(None, run.line_ids.mapped("problem"))):
            if not run.line_ids.filtered(lambda line: line.state == "billed"):
                raise UserError(problem)
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "message": problem,
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        return True

    def action_open_support_time(self):
        """Open the entries behind this invoice."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "telecom_helpdesk_timesheet.account_analytic_line_action_billed"
            ),
            "domain": [("invoice_line_id.move_id", "=", self.id)],
            "context": {"create": False},
        }

    # What becomes of the time

    def button_cancel(self):
        lines = self.invoice_line_ids.filtered("is_support_time")
        lines.support_time_ids._free_from_invoice()
        # What is cancelled keeps its lines, even if it is reset to draft on the way there.
        lines.is_support_time = False
        result = super().button_cancel()
        lines.is_support_time = True
        return result

    def button_draft(self):
        result = super().button_draft()
        self._take_off_support_time()
        return result

    def _take_off_support_time(self):
        """Take support time off these drafts: as it is free again, it could be billed twice."""
        bodies = {}
        for move in self.filtered(lambda move: move.move_type == "out_invoice"):
            lines = move.invoice_line_ids.filtered("is_support_time")
            if not lines:
                continue
            entries = lines.support_time_ids.sudo()
            minutes = sum(to_minutes(entry.billed_hours) for entry in entries)
            lines.unlink()
            bodies[move.id] = escape(
                self.env._(
                    "Support time was taken off: %(count)s entries, %(hours)s h, are free again. "
                    "“Add Support Time” puts what is approved back on.",
                    count=len(entries),
                    hours=format_hours(minutes),
                )
            )
        if bodies:
            self.browse(bodies)._message_log_batch(bodies=bodies)

    def copy(self, default=None):
        moves = super().copy(default)
        lines = moves.invoice_line_ids.filtered("is_support_time")
        if (default or {}).get("reversed_entry_id"):
            lines.is_support_time = False
        else:
            # The time was billed by the original.
            lines.unlink()
        return moves
