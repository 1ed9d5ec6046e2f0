from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    telecom_team_ids = fields.Many2many(
        "telecom.ticket.team",
        "telecom_ticket_team_member_rel",
        "user_id",
        "team_id",
        string="Helpdesk Teams",
    )
