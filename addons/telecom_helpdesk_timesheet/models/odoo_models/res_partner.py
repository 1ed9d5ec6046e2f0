from odoo import api, fields, models
from odoo.exceptions import UserError

from ..time.analytic_line_guard import LOCKED_STATES


class ResPartner(models.Model):
    """The time on a customer's tickets, and what becomes of what is theirs when they join another
    account."""

    _inherit = "res.partner"

    telecom_time_hours = fields.Float(
        string="Support Hours",
        compute="_compute_telecom_time_hours",
        groups="telecom_helpdesk.group_agent",
        help="Time on this customer's tickets, as far as you may see it.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_telecom_time_hours(self):
        groups = self.env["account.analytic.line"]._read_group(
            [("partner_id", "in", self.ids), ("ticket_id", "!=", False)],
            ["partner_id"],
            ["unit_amount:sum"],
        )
        hours = {partner.id: total for partner, total in groups}
        for partner in self:
            partner.telecom_time_hours = hours.get(partner._origin.id, 0.0)

    def action_open_telecom_time(self):
        """Open the time on this customer's tickets."""
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "telecom_helpdesk_timesheet.account_analytic_line_action"
            ),
            "domain": [("ticket_id", "!=", False), ("partner_id", "=", self.id)],
            "context": {"search_default_group_by_ticket": 1},
        }

    def _follow_account(self):
        super()._follow_account()
        self._hand_over_time()
        self._hand_over_packs()
        self._hand_over_budgets()

    def _hand_over_time(self):
        """Time that was approved or billed stays with its customer, who may now be part of another.

        What may still change follows its ticket.
        """
        parts = self.filtered(lambda partner: partner.commercial_partner_id != partner)
        entries = self.env["account.analytic.line"].search(
            [("ticket_id", "!=", False), ("partner_id", "in", parts.ids)]
        )
        for account, carried in entries.grouped(
            lambda entry: entry.partner_id.commercial_partner_id
        ).items():
            carried._write_billing({"partner_id": account.id})

    def _find_hidden(self):
        """Those of these customers whom the present user may not see, also as superuser."""
        people = self.with_user(self.env.user)
        return self - people._filtered_access("read").with_env(self.env)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_approved_time(self):
        entries = self.env["account.analytic.line"].sudo()
        for partner in self:
            domain = [
                ("partner_id", "=", partner.id),
                ("ticket_id", "!=", False),
                ("billing_state", "in", LOCKED_STATES),
            ]
            if entries.search_count(domain, limit=1):
                raise UserError(
                    self.env._(
                        "Support time of %s was approved. Archive the customer instead, or merge "
                        "it with another.",
                        partner.display_name,
                    )
                )
