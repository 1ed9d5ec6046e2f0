from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _get_forbidden_access(self, operation):
        """Keep automatic notes on tickets inside, too.

        Odoo hides internal comments from people outside, yet lets them read by its id
        whatever the software noted on a document that they see: changes of fields, why
        a rule fired, which other ticket this one is tied to.
        """
        forbidden = super()._get_forbidden_access(operation)
        if operation != "read" or self.env.user._is_internal():
            return forbidden
        return forbidden + (self - forbidden).sudo().filtered(
            lambda message: (
                message.model == "telecom.ticket"
                and message.message_type != "user_notification"
                and (message.is_internal or not message.subtype_id or message.subtype_id.internal)
            )
        ).with_env(self.env)
