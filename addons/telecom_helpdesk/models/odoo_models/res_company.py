from odoo import fields, models

LINK_CHOICES = [("offer", "Offered to the agent"), ("tie", "Linked automatically")]


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "telecom.guard.mixin"]

    telecom_tie_new_tickets = fields.Selection(
        LINK_CHOICES,
        string="New Tickets on Affected Services",
        default="offer",
        required=True,
        help="What a major incident does, unless it says otherwise, with new tickets on the "
        "services that it affects.",
    )
    telecom_leaver_tickets = fields.Selection(
        [
            ("keep", "Stay where they are until the team's leader decides"),
            ("queue", "Go back to the queue"),
        ],
        string="Tickets of Agents Who Leave",
        default="keep",
        required=True,
        help="What becomes of the open tickets of an agent who is archived, or no longer in the "
        "helpdesk. The team's leader gets a list of them either way.",
    )
