from odoo import api, fields, models


class AccountAnalyticLine(models.Model):
    """Time on a ticket: who, when, how long, and whether the customer pays for it."""

    _inherit = "account.analytic.line"

    ticket_id = fields.Many2one(
        "telecom.ticket",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    contract_id = fields.Many2one(
        "telecom.contract",
        string="Support Contract",
        compute="_compute_contract_id",
        store=True,
        index="btree_not_null",
        help="Contract of the ticket: its hours are used up first.",
    )
    started_at = fields.Datetime(
        help="When the work began. It decides which part of it lies outside working hours."
    )
    message_id = fields.Many2one(
        "mail.message",
        string="Answer",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="Answer that this time was logged with.",
    )

    @api.depends("ticket_id.contract_id")
    def _compute_contract_id(self):
        for line in self._get_unlocked():
            line.contract_id = line.ticket_id.contract_id

    @api.depends("ticket_id.commercial_partner_id")
    def _compute_partner_id(self):
        of_tickets = self.filtered("ticket_id")
        super(AccountAnalyticLine, self - of_tickets)._compute_partner_id()
        for line in of_tickets._get_unlocked():
            line.partner_id = line.ticket_id.commercial_partner_id
