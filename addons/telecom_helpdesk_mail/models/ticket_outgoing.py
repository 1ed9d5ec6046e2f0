from odoo import models
from odoo.tools.mail import email_split, formataddr

from ..tools.subject import number_subject

LAYOUT = "telecom_helpdesk_mail.mail_layout"
# Message-IDs in References: enough for any mail program to find the thread.
MAX_REFERENCES = 10


class TelecomTicket(models.Model):
    """Mails that go out: from which address, under which name, in which thread."""

    _inherit = "telecom.ticket"

    def _get_support_alias(self):
        """Address (mail.alias) that mails of this ticket leave from; may be empty.

        The one that the customer wrote to, else the team's.
        """
        self.ensure_one()
        ticket = self.sudo()
        for alias in (ticket.mail_alias_id, ticket.team_id.alias_id):
            if alias.alias_name and alias.alias_domain_id:
                return alias
        return self.env["mail.alias"]

    def _get_from_address(self, author):
        """What a mail written by ``author`` has in From, such as
        ``"Julie Martin (Acme Telecom)" <support@acme.example>``; False without an address.
        """
        alias = self._get_support_alias()
        if not alias:
            return False
        name = self.sudo().company_id.name
        if author != self.env.ref("base.partner_root"):
            name = f"{author.name} ({name})"
        return formataddr((name, alias.alias_full_name))

    def message_post(self, *, author_id=None, email_from=None, **kwargs):
        if self._is_public_post(kwargs):
            author = self.env["res.partner"].browse(
                self._message_compute_author(author_id, email_from)[0] or ()
            )
            if self._is_agent(author) and (address := self._get_from_address(author)):
                author_id, email_from = author.id, address
            kwargs["email_layout_xmlid"] = kwargs.get("email_layout_xmlid") or LAYOUT
        return super().message_post(author_id=author_id, email_from=email_from, **kwargs)

    def _message_get_suggested_recipients_batch(self, *args, **kwargs):
        suggested = super()._message_get_suggested_recipients_batch(*args, **kwargs)
        # Odoo proposes an address with a name and the same without as two people.
        for ticket_id, recipients in suggested.items():
            by_email = {}
            for recipient in recipients:
                known = by_email.setdefault(recipient["email"] or id(recipient), recipient)
                known["name"] = known["name"] or recipient["name"]
            suggested[ticket_id] = list(by_email.values())
        return suggested

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        addresses = {}
        for ticket in self:
            if alias := ticket._get_support_alias():
                addresses[ticket.id] = self._notify_get_reply_to_formatted_email(
                    alias.alias_full_name, author_id=(author_ids or {}).get(ticket.id)
                )
        others = self.filtered(lambda ticket: ticket.id not in addresses)
        if others or not self:
            ids = others.ids or [False]
            addresses |= super(TelecomTicket, others)._notify_get_reply_to_batch(
                defaults and {id_: defaults[id_] for id_ in ids},
                author_ids and {id_: author_ids[id_] for id_ in ids},
            )
        return addresses

    def _notify_by_email_get_base_mail_values(
        self, message, recipients_data, additional_values=None
    ):
        additional = dict(additional_values or {})
        ancestors = self._get_public_ancestors(message)
        if ancestors:
            headers = {"In-Reply-To": ancestors[-1].message_id}
            additional["headers"] = {**headers, **(additional.get("headers") or {})}
        values = super()._notify_by_email_get_base_mail_values(
            message, recipients_data, additional_values=additional
        )
        values["references"] = " ".join((ancestors + message.sudo()).mapped("message_id"))
        # What others wrote keeps their subject.
        if message.message_type != "email" or self._is_agent(message.author_id):
            values["subject"] = number_subject(message.subject or self.name, self.number)
        return values

    def _notify_by_email_get_headers(self, headers=None):
        headers = super()._notify_by_email_get_headers(headers=headers)
        # Odoo adds everybody outside to To; alone there, the customer gets a stray comma.
        if len(email_split(headers.get("X-Msg-To-Add"))) == 1:
            del headers["X-Msg-To-Add"]
        return headers

    def _get_public_ancestors(self, message):
        """Messages before ``message`` that the customer knows, oldest first, not too many."""
        return (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("id", "<", message.id),
                    ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
                    ("is_internal", "=", False),
                    ("message_id", "!=", False),
                ],
                order="id desc",
                limit=MAX_REFERENCES,
            )
            .sorted("id")
        )
