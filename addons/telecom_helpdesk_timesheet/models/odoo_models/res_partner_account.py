from odoo import models


class ResPartner(models.Model):
    """Time that was approved or billed stays with its customer, who may now be part of another.

    What may still change follows its ticket.
    """

    _inherit = "res.partner"

    def _follow_account(self):
        super()._follow_account()
        parts = self.filtered(lambda partner: partner.commercial_partner_id != partner)
        entries = self.env["account.analytic.line"].search(
            [("ticket_id", "!=", False), ("partner_id", "in", parts.ids)]
        )
        for account, carried in entries.grouped(
            lambda entry: entry.partner_id.commercial_partner_id
        ).items():
            carried._write_billing({"partner_id": account.id})
