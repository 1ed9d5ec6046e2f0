from odoo import api, fields, models


class TelecomTicketAssign(models.TransientModel):
    """Assign a selection of tickets to an agent."""

    _name = "telecom.ticket.assign"
    _description = "Assign Tickets"
    _inherit = ["telecom.wizard.mixin"]

    ticket_ids = fields.Many2many("telecom.ticket", string="Tickets", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Agent",
        required=True,
        domain=[("telecom_support_level", ">=", "1")],
    )

    holders = fields.Text(string="In Charge Now", compute="_compute_holders")

    @api.depends("ticket_ids")
    def _compute_holders(self):
        for wizard in self:
            tickets = wizard.ticket_ids._origin._filtered_access("read")
            wizard.holders = tickets.filtered("user_id")._describe_assignees()

    def action_assign(self):
        self.ensure_one()
        user = self.user_id
        return self.ticket_ids._in_bulk(
            lambda tickets: tickets.write({"user_id": user.id}),
            self.env._(
                "Tickets assigned to %(user)s: %(count)s.", count="%(count)s", user=user.name
            ),
        )
