import base64
import binascii

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError, UserError


class MailThread(models.AbstractModel):
    """The door for `telecom-mailgate.py`, which a mail server pipes mails to."""

    _inherit = "mail.thread"

    @api.model
    def telecom_receive_mail(self, mail):
        """Take one mail. True means that it is kept, once this transaction is committed.

        Odoo's JSON-2 API carries no bytes, hence ``mail`` is the raw mail in base64. (XML-RPC
        does, but is to go, and answers with a fault where ``message_process`` returns nothing.)

        :raise AccessError: the user is neither in the group "Mail Gateway" nor an administrator.
            Such a user needs no other rights: as with Odoo's fetch, the system does the work.
        :raise UserError: ``mail`` is no base64
        """
        self._check_hands_over_mail()
        try:
            raw = base64.b64decode(mail, validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise UserError(self.env._("The mail has to be in base64.")) from error
        self.with_user(SUPERUSER_ID).message_process(False, raw)
        return True

    @api.model
    def _check_hands_over_mail(self):
        """:raises AccessError: this user is not one by whom mail comes in

        Whoever hands over a raw mail says who wrote it, and what our mail server thought of that.
        """
        if not (
            self.env.su
            or self.env.user.has_group("telecom_helpdesk_mail.group_mail_gateway")
            or self.env.is_system()
        ):
            raise AccessError(self.env._("You may not hand over incoming mail."))
