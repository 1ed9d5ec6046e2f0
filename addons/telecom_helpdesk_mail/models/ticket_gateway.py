from odoo import api, fields, models
from odoo.tools import get_lang
from odoo.tools.mail import (
    decode_message_header,
    email_normalize_all,
    parse_contact_from_email,
)

from ..tools.subject import strip_subject
from .company_partner import is_known_to, known_to


class TelecomTicket(models.Model):
    """Mails that come in: who wrote, which ticket they make or land on."""

    _inherit = "telecom.ticket"

    mail_alias_id = fields.Many2one(
        "mail.alias",
        string="Written to",
        compute="_compute_mail_alias_id",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        index="btree_not_null",
        help="Address that the customer wrote to. Answers leave from it, whichever team works "
        "on the ticket.",
    )

    @api.depends("company_id")
    def _compute_mail_alias_id(self):
        # A ticket that moves to another company answers from an address of that company.
        for ticket in self:
            companies = ticket.mail_alias_id.sudo().alias_domain_id.company_ids
            if companies and ticket.company_id not in companies:
                ticket.mail_alias_id = False

    # Who wrote

    def _partner_find_from_emails(
        self, records_emails, filter_found=None, ban_emails=None, no_create=False, **kwargs
    ):
        if not no_create:
            # The web client makes a contact of whomever an agent answers. An unknown sender gets
            # the answer without (see _answers_unknown_customer).
            unknown = self.sudo().filtered(lambda ticket: not ticket.partner_id)
            addresses = email_normalize_all(
                ",".join(unknown.filtered("partner_email").mapped("partner_email"))
            )
            ban_emails = [*(ban_emails or ()), *addresses]
        return super()._partner_find_from_emails(
            records_emails,
            filter_found=known_to(self.sudo().company_id, filter_found),
            ban_emails=ban_emails,
            no_create=no_create,
            **kwargs,
        )

    # A new ticket

    @api.model
    def _one_ticket_per_company(self, mail, routes):
        """``routes`` that make tickets, one for each company, and those that answer one.

        Who writes to two of our addresses has one problem, not two. The address named first
        gets it.
        """
        addresses = email_normalize_all(decode_message_header(mail, "To", separator=","))

        def place(route):
            name = route[4].alias_full_name if route[4] else None
            return addresses.index(name) if name in addresses else len(addresses)

        kept, companies = [], set()
        for route in sorted(routes, key=place):
            company = self._gateway_team(route[2]).company_id
            if route[1] or company not in companies:
                kept.append(route)
                companies.add(company)
        return kept

    @api.model
    def _gateway_team(self, values):
        team_id = (values or {}).get("team_id")
        return self.env["telecom.ticket.team"].sudo().browse(team_id)

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        team = self._gateway_team(custom_values)
        company = team.company_id or self.env.company
        tickets = self.with_context(
            lang=get_lang(self.env, company.partner_id.lang).code, telecom_opening_mail=True
        )
        sender = self.env["res.partner"].browse(msg_dict.get("author_id") or ())
        if not is_known_to(company, sender):
            sender = sender.browse()
        # False instead of None: looked for and not found, nobody needs to look again.
        msg_dict["author_id"] = sender.id
        name, address = parse_contact_from_email(msg_dict.get("email_from"))
        values = {"mail_alias_id": team.alias_id.id, "partner_id": sender.id}
        if self._is_agent(sender):
            # A colleague writes about a customer, whom an agent has to choose.
            values["partner_id"] = address = False
        elif not sender:
            values["partner_name"] = name
        # The context goes on to the message: it opens the ticket, it answers nobody.
        return super(TelecomTicket, tickets).message_new(
            {
                **msg_dict,
                "subject": (msg_dict.get("subject") or "").strip(),
                "email_from": address,
                "cc": msg_dict.get("cc_filtered"),
            },
            {**values, **(custom_values or {})},
        )

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        # Odoo's message_new asks for everything about every field, to learn whether there is a
        # field for the subject: a tenth of the time that a mail takes.
        if attributes is None and self.env.context.get("telecom_opening_mail"):
            attributes = ["type"]
        return super().fields_get(allfields, attributes)

    def _detect_loop_sender_domain(self, email_from_normalized):
        # Odoo's "ilike" would read every ticket there is, for each mail.
        return [("partner_email", "=", email_from_normalized)]

    # An answer

    def message_update(self, msg_dict, update_vals=None):
        msg_dict["author_id"] = msg_dict.get("author_id") or False
        return super().message_update({**msg_dict, "cc": msg_dict.get("cc_filtered")}, update_vals)

    def message_post(self, *, author_id=None, email_from=None, **kwargs):
        ticket = self
        if kwargs.get("message_type") == "email":
            if not self.env.context.get("lang"):
                lang = get_lang(self.env, self.sudo().company_id.partner_id.lang).code
                ticket = self.with_context(lang=lang)
            author, _email = ticket._message_compute_author(author_id, email_from)
            ticket._set_mail_visibility(self.env["res.partner"].browse(author or ()), kwargs)
        return super(TelecomTicket, ticket).message_post(
            author_id=author_id, email_from=email_from, **kwargs
        )

    def _set_mail_visibility(self, author, kwargs):
        """Make a mail from ``author`` a public message or an internal note, in ``kwargs``."""
        get_id = self.env["ir.model.data"]._xmlid_to_res_id
        if self._is_automatic_mail() and not self.env.context.get("telecom_opening_mail"):
            # Sent on to others it would meet their robots, and so on.
            kwargs.update(is_internal=True, subtype_id=get_id("mail.mt_note"))
        elif not self._is_agent(author):
            # Whatever it answers: what a customer says is no secret to the customer.
            kwargs.update(is_internal=False, subtype_id=get_id("mail.mt_comment"))

    @api.model
    def _is_automatic_mail(self):
        """Whether the mail that is being processed says that no human wrote it."""
        return bool(self.env.context.get("telecom_mail_hints", {}).get("automatic"))

    def _is_automatic(self, message):
        return super()._is_automatic(message) or (
            message.message_type == "email" and self._is_automatic_mail()
        )

    def _on_agent_reply(self, message):
        # A colleague's mail that opened the ticket answers nobody.
        if self.env.context.get("telecom_opening_mail"):
            return None
        return super()._on_agent_reply(message)

    # A late answer

    def _continue_in(self, author, kwargs):
        # No robot opens a ticket anew.
        return self if self._is_automatic_mail() else super()._continue_in(author, kwargs)

    def _prepare_follow_up_values(self, author, kwargs):
        copied = self._mail_cc_sanitized_raw_dict(kwargs.get("incoming_email_cc"))
        return {
            **super()._prepare_follow_up_values(author, kwargs),
            "name": strip_subject(kwargs.get("subject"), self.number) or self.name,
            "mail_alias_id": self.mail_alias_id.id,
            "email_cc": ", ".join(copied.values()),
        }
