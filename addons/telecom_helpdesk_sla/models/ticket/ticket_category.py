from odoo import models


class TelecomTicketCategory(models.Model):
    _inherit = "telecom.ticket.category"

    def write(self, vals):
        result = super().write(vals)
        if "parent_id" in vals:
            # Those below have moved along.
            moved = self.search([("id", "child_of", self.ids)])
            self.env["telecom.ticket"]._find_open("category_id", moved)._rematch_sla()
        return result
