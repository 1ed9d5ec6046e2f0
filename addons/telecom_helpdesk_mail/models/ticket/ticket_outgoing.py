from odoo import models
from odoo.tools.mail import formataddr, parse_contact_from_email

LAYOUT = "telecom_helpdesk_mail.mail_layout"
# What Odoo sends by itself (RFC 3834): no robot should answer. "All" would keep Exchange from
# telling us of an address that does not exist.
AUTOMATIC_TYPES = ("auto_comment", "notification", "out_of_office", "user_notification")
AUTOMATIC_HEADERS = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "OOF, AutoReply",
}


class TelecomTicket(models.Model):
    """Outgoing mails: sender address and name."""

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

    def _get_announcement_addresses(self, author):
        # An answer is a new mail to the team, and opens a ticket of the customer's own.
        addresses = super()._get_announcement_addresses(author)
        if address := self._get_from_address(author):
            alias, company = self._get_support_alias(), self.sudo().company_id
            addresses["email_from"] = address
            addresses["reply_to"] = formataddr((company.name, alias.alias_full_name))
        return addresses

    def _get_relay_address(self, message):
        """What a customer's ``message`` has in From when it is sent on to others, such as
        ``"Carla Contact (via Acme Telecom)" <support@acme.example>``; None for other messages.

        The customer's own address there would fail their domain's SPF and DMARC: we are not
        their mail server.
        """
        alias = self and self._get_support_alias()
        if not alias or self._is_agent(message.author_id):
            return None
        name, address = parse_contact_from_email(message.email_from)
        name = " ".join((message.author_id.name or name or address or "").split())
        company = self.sudo().company_id.name
        return formataddr((f"{name} (via {company})".strip(), alias.alias_full_name))

    def _speak_for_team(self, author_id, email_from, kwargs):
        """An agent's public message goes out in the team's name, in its layout (in ``kwargs``).

        :return: author's id and sender, as for ``message_post``
        """
        kwargs["email_layout_xmlid"] = kwargs.get("email_layout_xmlid") or LAYOUT
        author = self.env["res.partner"].browse(
            self._message_compute_author(author_id, email_from)[0] or ()
        )
        if not self._is_agent(author) or not (address := self._get_from_address(author)):
            return author_id, email_from
        if kwargs.get("message_type") == "email":
            # A mail program signs by itself.
            kwargs.setdefault("email_add_signature", False)
        return author.id, address

    def _get_reply_addresses(self, author_ids):
        """Reply-To by ticket id, of those that have an address.

        :param author_ids: id of the author (res.partner), by ticket id; may lack some
        """
        addresses = {}
        robot = self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
        for ticket in self:
            if alias := ticket._get_support_alias():
                author_id = author_ids.get(ticket.id)
                if author_id == robot:
                    author_id = ticket.sudo().company_id.partner_id.id
                addresses[ticket.id] = self._notify_get_reply_to_formatted_email(
                    alias.alias_full_name, author_id=author_id
                )
        return addresses

    def _get_sender_headers(self, message):
        """Headers of the mail that ``message`` becomes: who sends it, and whether a human does."""
        headers = {}
        if sender := self._get_relay_address(message):
            headers["From"] = sender
        if message.message_type in AUTOMATIC_TYPES:
            headers.update(AUTOMATIC_HEADERS)
        return headers
