from odoo import models
from odoo.tools.mail import email_split, formataddr, parse_contact_from_email

LAYOUT = "telecom_helpdesk_mail.mail_layout"
# What Odoo sends by itself (RFC 3834): no robot should answer. "All" would keep Exchange from
# telling us of an address that does not exist.
AUTOMATIC_TYPES = ("auto_comment", "notification", "out_of_office", "user_notification")
AUTOMATIC_HEADERS = {
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "OOF, AutoReply",
}


class TelecomTicket(models.Model):
    """Mails that go out: from which address, under which name."""

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

    def message_post(self, *, author_id=None, email_from=None, **kwargs):
        if self._is_public_post(kwargs):
            author = self.env["res.partner"].browse(
                self._message_compute_author(author_id, email_from)[0] or ()
            )
            if self._is_agent(author) and (address := self._get_from_address(author)):
                author_id, email_from = author.id, address
                if kwargs.get("message_type") == "email":
                    # A mail program signs by itself.
                    kwargs.setdefault("email_add_signature", False)
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
        robot = self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root")
        for ticket in self:
            if alias := ticket._get_support_alias():
                author_id = (author_ids or {}).get(ticket.id)
                if author_id == robot:
                    author_id = ticket.sudo().company_id.partner_id.id
                addresses[ticket.id] = self._notify_get_reply_to_formatted_email(
                    alias.alias_full_name, author_id=author_id
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
        headers = {}
        if sender := self._get_relay_address(message):
            headers["From"] = sender
        if message.message_type in AUTOMATIC_TYPES:
            headers.update(AUTOMATIC_HEADERS)
        additional["headers"] = {**headers, **(additional.get("headers") or {})}
        return super()._notify_by_email_get_base_mail_values(
            message, recipients_data, additional_values=additional
        )

    def _notify_by_email_prepare_rendering_context(self, message, **kwargs):
        values = super()._notify_by_email_prepare_rendering_context(message, **kwargs)
        team = values["record"].sudo().team_id if self._is_agent(message.author_id) else None
        values["team_signature"] = team and team.mail_signature
        return values

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        # Odoo writes to those who are no contacts in the agent's language.
        for data in recipients:
            if self and not data["id"]:
                data["lang"] = self._get_customer_lang()
        return recipients

    def _notify_by_email_get_headers(self, headers=None):
        headers = super()._notify_by_email_get_headers(headers=headers)
        # Odoo adds everybody outside to To; alone there, the customer gets a stray comma.
        if len(email_split(headers.get("X-Msg-To-Add"))) == 1:
            del headers["X-Msg-To-Add"]
        return headers

    def _track_template(self, changes):
        result = super()._track_template(changes)
        if "stage_id" in result:
            template, options = result["stage_id"]
            # For several tickets at once Odoo would send them as a mass mailing, which knows
            # neither the thread nor the address that the customer wrote to.
            options = {**options, "composition_mode": "comment", "email_layout_xmlid": LAYOUT}
            result["stage_id"] = (template, options)
        return result
