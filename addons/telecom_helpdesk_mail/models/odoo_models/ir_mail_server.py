from odoo import api, models
from odoo.tools import email_normalize


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    def _build_email__(self, email_from, *args, headers=None, **kwargs):
        """A mail's own From takes the place of its message's.

        Relies on: headers may override From, says Odoo; it adds a second one, which Python
        refuses.
        """
        headers = dict(headers or {})
        email_from = headers.pop("From", None) or email_from
        return super()._build_email__(email_from, *args, headers=headers, **kwargs)

    @api.model
    def _find_mail_server(self, email_from, mail_servers=None):
        """Answers to customers keep the address of their team in From.

        Relies on: what it gives is (server, sender). A server without a sender filter takes any
        sender; Odoo then prefers the domain's notification address, which is right for a user's
        private address and wrong for ours.
        """
        server, sender = super()._find_mail_server(email_from, mail_servers)
        sender_filter = server.from_filter if server else self._get_default_from_filter()
        if sender != email_from and not sender_filter and self._is_support_address(email_from):
            sender = email_from
        return server, sender

    @api.model
    def _is_support_address(self, address):
        return email_normalize(address) in self.env["mail.alias"]._get_support_addresses()

    @api.model
    def _is_own_address(self, address):
        """Whether mails to ``address`` (normalized) come back to this database."""
        return self.env["mail.alias.domain"]._get_address_book().holds(address)
