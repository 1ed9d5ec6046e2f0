from odoo import models


class TelecomTicketCategory(models.Model):
    _inherit = "telecom.ticket.category"
