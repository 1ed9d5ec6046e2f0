import smtplib

from odoo import api, models

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...tools.smtp_reply import find_refusal


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    @api.model
    def send_email(self, message, *args, **kwargs):
        """Note what the mail server says of the helpdesk's mails (``mail.mail._send``)."""
        attempt = self.env.context.get("telecom_attempt")
        if attempt is None:
            return super().send_email(message, *args, **kwargs)
        try:
            return super().send_email(message, *args, **kwargs)
        except smtplib.SMTPServerDisconnected as error:
            # Odoo would give up the batch here, with what has left already.
            attempt.trouble = str(error)
            raise MailDeliveryException(str(error)) from error
        except MailDeliveryException as error:
            reply = error.__context__
            if reason := find_refusal(reply):
                addresses = self.env.context.get("send_validated_to") or [message["To"]]
                attempt.refused.update(dict.fromkeys(addresses, reason))
                # Odoo's word for an address that takes no mail: it goes on with the others.
                raise AssertionError(self.NO_VALID_RECIPIENT) from error
            attempt.trouble = str(reply or error)
            raise
