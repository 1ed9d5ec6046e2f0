import ast
from collections import defaultdict

from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _on_left(self):
        super()._on_left()
        if self.model == "telecom.ticket" and self.message_type == "auto_comment":
            self._call_document_hook("_on_automatic_mail_left")

    def _get_sender_header(self):
        """From in the mail's own headers, where it is not that of its message."""
        self.ensure_one()
        if "'From'" not in (self.headers or ""):
            return None
        return ast.literal_eval(self.headers).get("From")

    def _split_by_mail_configuration(self):
        """Mails with a From of their own have their server chosen by that.

        Relies on: it gives (server id, alias domain id, sender of the envelope, ids) for each group
        of mails; Odoo groups them by the sender of the message.
        """
        own = defaultdict(self.browse)
        for mail in self:
            if sender := mail._get_sender_header():
                own[sender, mail.record_alias_domain_id, mail.mail_server_id] += mail
        others = self.browse().concat(*own.values())
        yield from super(MailMail, self - others)._split_by_mail_configuration()
        if own:
            yield from self._split_own_senders(own)

    def _split_own_senders(self, own):
        """As ``_split_by_mail_configuration``, for ``own``: {(From, domain, server): mails}."""
        all_servers = self.env["ir.mail_server"].sudo()
        all_servers = all_servers.search([("active", "=", True)], order="sequence, id")
        for (sender, domain, server), mails in own.items():
            smtp_from = sender
            if not server:
                server, smtp_from = server.with_context(
                    domain_notifications_email=domain.sudo().default_from_email,
                    domain_bounce_address=domain.sudo().bounce_email,
                )._find_mail_server(sender, mails[0]._filter_mail_mail_servers(all_servers))
            yield server.id if server else False, domain.id, smtp_from, mails.ids
