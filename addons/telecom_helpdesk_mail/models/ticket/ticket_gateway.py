from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import get_lang

from ...tools.subject import strip_subject

# A colleague is told so often within an hour of mails in their name that may be forged.
MOST_UNPROVEN = 3


class TelecomTicket(models.Model):
    """Mails that come in: what becomes of them on the ticket."""

    _inherit = "telecom.ticket"
    _guarded_fields = frozenset({"mail_alias_id"})

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

    # A new ticket

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        team = self._gateway_team(custom_values)
        company = team.company_id or self.env.company
        tickets = self.with_context(
            lang=get_lang(self.env, company.partner_id.lang).code, telecom_opening_mail=True
        )
        values = {
            "mail_alias_id": team.alias_id.id,
            **tickets._prepare_sender_values(msg_dict, team),
            **(custom_values or {}),
        }
        # The context goes on to the message: it opens the ticket, it answers nobody.
        return super(TelecomTicket, tickets).message_new(
            {
                **msg_dict,
                "subject": (msg_dict.get("subject") or "").strip(),
                "email_from": values["partner_email"],
                "cc": msg_dict.get("cc_filtered"),
            },
            values,
        )

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        # Odoo's message_new asks for everything about every field, to learn whether there is a
        # field for the subject: a tenth of the time that a mail takes.
        if attributes is None and self.env.context.get("telecom_opening_mail"):
            attributes = ["type"]
        return super().fields_get(allfields, attributes)

    # An answer

    @api.private
    def message_update(self, msg_dict, update_vals=None):
        msg_dict["author_id"] = msg_dict.get("author_id") or False
        return super().message_update({**msg_dict, "cc": msg_dict.get("cc_filtered")}, update_vals)

    def message_post(self, *, author_id=None, email_from=None, **kwargs):
        ticket = self
        is_mail = kwargs.get("message_type") == "email"
        is_finished = is_mail and self.sudo().state in ("closed", "cancelled")
        if is_mail:
            if not self.env.context.get("lang"):
                lang = get_lang(self.env, self.sudo().company_id.partner_id.lang).code
                ticket = self.with_context(lang=lang)
            author_id, email_from = ticket._message_compute_author(author_id, email_from)
            author = self.env["res.partner"].browse(author_id or ())
            author_id = ticket._set_mail_visibility(author, kwargs).id
            if author and not author_id:
                # Without proof it bears the address that it came with, not ours.
                email_from = self.env.context["telecom_mail"].parsed["email_from"]
        message = super(TelecomTicket, ticket).message_post(
            author_id=author_id, email_from=email_from, **kwargs
        )
        delivery = self.env.context.get("telecom_mail")
        if is_mail and delivery:
            # A late answer may have gone on to a follow-up.
            landed = ticket.browse(message.res_id) if is_finished else ticket
            landed.sudo()._after_mail(delivery, kwargs.get("incoming_email_cc"))
        return message

    def _set_mail_visibility(self, author, kwargs):
        """Make a mail from ``author`` a public message or an internal note, in ``kwargs``.

        :return: the author, as far as it is sure
        """
        is_opening = bool(self.env.context.get("telecom_opening_mail"))
        is_agent = self._is_agent(author)
        if is_agent and not self._is_proven(author):
            self.env.context["telecom_mail"].unproven = author
            self._make_note(kwargs)
            # Odoo adds whom it answers.
            kwargs["partner_ids"] = []
            return author.browse()
        if self._is_automatic_mail() and not is_opening:
            # Sent on to others it would meet their robots, and so on.
            self._make_note(kwargs)
        elif is_agent and is_opening and self.partner_email:
            # A mail that a colleague forwards: the customer knows it.
            self._make_note(kwargs)
        elif not is_agent:
            # Whatever it answers: what a customer says is no secret to the customer.
            comment_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
            kwargs.update(is_internal=False, subtype_id=comment_id)
        return author

    @api.model
    def _make_note(self, kwargs):
        note_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
        kwargs.update(is_internal=True, subtype_id=note_id)

    def _is_proven(self, author):
        """Whether a mail that says that it comes from the colleague ``author`` does.

        Our own server says so of the very address that the author has; or the mail answers one
        of ours to colleagues, which hold a reference that nobody else knows. Else it would be
        enough to forge a sender to speak to customers in our name.
        """
        delivery = self.env.context.get("telecom_mail")
        if not delivery or delivery.is_from(author.email_normalized):
            return True
        references = f"{delivery.parsed['references']} {delivery.parsed['in_reply_to']}"
        return bool(self) and self._is_proven_internal(references)

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

    def _on_customer_message(self, message):
        super()._on_customer_message(message)
        if self.undeliverable_email:
            self.undeliverable_email = False

    # Afterwards

    def _after_mail(self, delivery, copied):
        """A mail landed on this ticket: who follows it now, what colleagues should know."""
        delivery.tickets.append(self.id)
        hints = delivery.hints
        team = self.team_id
        if copied and team.mail_follow_copied and not hints.get("automatic"):
            self._follow_copied(copied)
        files = []
        if team.mail_keep_original or hints.get("keep_original"):
            files.append((self.env._("original mail") + ".eml", delivery.raw))
        lines = self._get_mail_remarks(delivery)
        if lines or files:
            self._message_log(
                body=Markup("<ul>%s</ul>") % Markup().join(lines) if lines else "",
                attachment_ids=[(4, file.id) for file in self._keep_files(files)],
            )
        if delivery.unproven:
            self._tell_unproven(delivery)

    def _keep_files(self, files):
        """Attachments (ir.attachment) of this ticket for ``files`` (pairs of name and bytes)."""
        return self.env["ir.attachment"].create(
            [
                {"name": name, "raw": content, "res_model": self._name, "res_id": self.id}
                for name, content in files
            ]
        )

    def _follow_copied(self, copied):
        comment_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        known = self._partner_find_from_emails_single([copied], no_create=True)
        self.message_subscribe(known.ids, subtype_ids=[comment_id])

    def _tell_unproven(self, delivery):
        """Say what became of a mail that a colleague may or may not have written.

        The colleague hears of it too, but not of each of many.
        """
        colleague = delivery.unproven
        told = colleague
        if delivery.hints.get("automatic") or self._count_unproven(colleague) >= MOST_UNPROVEN:
            told = colleague.browse()
        if self.env.context.get("telecom_opening_mail"):
            text = self.env._(
                "A mail in the name of %(name)s opened this ticket without proof that it is "
                "theirs. It was kept as an internal note: ask them before you rely on it.",
                name=colleague.name,
            )
        else:
            text = self.env._(
                "A mail in the name of %(name)s came in without proof that it is theirs. It was "
                "kept as an internal note and not sent to the customer. To reach the customer, "
                "answer in Odoo, or answer the mail in which Odoo sent you the customer's message.",
                name=colleague.name,
            )
        self.message_post(
            body=text,
            subtype_xmlid="telecom_helpdesk_mail.mt_unproven",
            message_type="notification",
            partner_ids=told.ids,
        )

    @api.model
    def _count_unproven(self, colleague):
        """How often ``colleague`` was told within an hour, as far as it matters."""
        subtype_id = self.env["ir.model.data"]._xmlid_to_res_id("telecom_helpdesk_mail.mt_unproven")
        return (
            self.env["mail.message"]
            .sudo()
            .search_count(
                [
                    ("subtype_id", "=", subtype_id),
                    ("partner_ids", "in", colleague.ids),
                    ("create_date", ">", self.env.cr.now() - timedelta(hours=1)),
                ],
                limit=MOST_UNPROVEN,
            )
        )

    # A mail that came back

    def _message_receive_bounce(self, email, partner):
        """Mark the address, and tell the agent in charge that the customer got nothing.

        :param email: the address, or False where nobody knows which it was
        """
        super()._message_receive_bounce(email, partner)
        delivery = self.env.context.get("telecom_mail")
        reason = delivery and delivery.hints.get("bounce", {}).get("reason")
        for ticket in self.sudo():
            lang = get_lang(self.env, ticket.company_id.partner_id.lang).code
            ticket = ticket.with_context(lang=lang)
            is_colleague = bool(partner) and all(map(ticket._is_agent, partner))
            if email and not is_colleague:
                ticket.undeliverable_email = email
            told = ticket._get_people_to_tell(ticket.user_id)
            text = (
                ticket.env._("A mail to %(address)s came back.", address=email)
                if email
                else ticket.env._(
                    "A mail of this ticket came back; the report does not say who missed it."
                )
            )
            ticket.message_post(
                body=f"{text} {reason}" if reason else text,
                subtype_xmlid="mail.mt_note",
                message_type="notification",
                partner_ids=told.partner_id.ids,
            )
            if delivery:
                delivery.tickets.append(ticket.id)

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
