from odoo import models


class TelecomService(models.Model):
    _inherit = "telecom.service"

    def write(self, vals):
        result = super().write(vals)
        if "type_id" in vals:
            self.env["telecom.ticket"]._find_open("service_id", self)._rematch_sla()
        return result
