from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def write(self, vals):
        """Odoo asks about the document when an activity is made, not when it is moved."""
        result = super().write(vals)
        if not self.env.su and {"res_id", "res_model_id"} & vals.keys():
            moved = self.sudo().filtered(lambda activity: activity.res_model == "telecom.ticket")
            self.env["telecom.ticket"].browse(moved.mapped("res_id")).check_access("write")
        return result
