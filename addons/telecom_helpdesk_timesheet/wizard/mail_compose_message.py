from odoo import fields, models


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    telecom_minutes = fields.Integer(string="Log Minutes")

    def _action_send_mail_comment(self, res_ids):
        messages = super()._action_send_mail_comment(res_ids)
        if self.telecom_minutes and self.model == "telecom.ticket":
            for message in messages:
                ticket = self.env["telecom.ticket"].browse(message.res_id)
                ticket._log_reply(ticket._check_minutes(self.telecom_minutes), False, message)
        return messages
