from odoo import fields, models


class TelecomTicketAssign(models.TransientModel):
    """Who gets a selection of tickets."""

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

    def action_assign(self):
        self.ensure_one()
        user = self.user_id
        return self.ticket_ids._in_bulk(
            lambda tickets: tickets.write({"user_id": user.id}),
            self.env._(
                "%(count)s tickets are assigned to %(user)s.", count="%(count)s", user=user.name
            ),
        )
