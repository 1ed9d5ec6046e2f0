from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import get_lang

from ...tools.incoming_mail import IncomingMail
from ...tools.subject import strip_subject


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

    @api.model
    def _is_being_opened(self):
        """Whether a mail is opening the ticket in hand."""
        incoming = IncomingMail.of(self.env)
        return bool(incoming) and incoming.is_opening

    @api.model
    def _is_automatic_mail(self):
        """Whether the mail that is being processed says that no human wrote it."""
        incoming = IncomingMail.of(self.env)
        return bool(incoming and incoming.hints.get("automatic"))

    # A new ticket

    @api.model
    def _prepare_opening(self, msg_dict, custom_values):
        """How a ticket is made from a mail (``msg_dict``) and its alias's ``custom_values``.

        :return: the model, in the language of the company, and the ticket's values
        """
        IncomingMail.of(self.env).is_opening = True
        team = self._gateway_team(custom_values)
        company = team.company_id or self.env.company
        self._fetch_contacts(msg_dict, company)
        tickets = self.with_context(lang=get_lang(self.env, company.partner_id.lang).code)
        return tickets, {
            "mail_alias_id": team.alias_id.id,
            **tickets._prepare_sender_values(msg_dict, team),
            **(custom_values or {}),
        }

    @api.model
    def _fetch_contacts(self, msg_dict, company):
        # They are read one by one further on: together they are one query.
        sender = self.env["res.partner"].browse(msg_dict.get("author_id") or ())
        contacts = sender | sender.commercial_partner_id | company.partner_id
        (contacts | self.env.user.partner_id).sudo().mapped("lang")

    @api.model
    def _fill_customer_message(self, vals_list):
        if self._is_being_opened() and not self._is_automatic_mail():
            for vals in vals_list:
                if vals.get("partner_email"):
                    # The message would write it a moment later: the row is written once.
                    vals.setdefault("last_customer_message_at", self._due_now())

    def _notify_viewers(self, message):
        # A ticket that is being made is on nobody's screen.
        if not self._is_being_opened():
            super()._notify_viewers(message)

    # An answer

    @api.model
    def _note_answer(self, msg_dict):
        """A mail (``msg_dict``) answers a ticket."""
        if incoming := IncomingMail.of(self.env):
            incoming.is_opening = False
        # False instead of None: looked for and not found, nobody needs to look again.
        msg_dict["author_id"] = msg_dict.get("author_id") or False

    def _is_parent_known(self, parent_id):
        """Whether the gateway has found message ``parent_id`` on this ticket a moment ago."""
        parent = self.env["mail.message"].sudo().browse(parent_id or ())
        return bool(IncomingMail.of(self.env)) and (
            (parent.model, parent.res_id) == (self._name, self.id)
        )

    # What is said

    def _in_company_lang(self):
        """This ticket in a language, where nobody said in which: the company's."""
        if self.env.context.get("lang"):
            return self
        return self.with_context(
            lang=get_lang(self.env, self.sudo().company_id.partner_id.lang).code
        )

    def _check_mail_author(self, author_id, email_from, kwargs):
        """Who wrote a mail, as far as it is sure, and who may read it (in ``kwargs``).

        :return: author's id and sender, as for ``message_post``
        """
        author_id, email_from = self._message_compute_author(author_id, email_from)
        author = self.env["res.partner"].browse(author_id or ())
        author_id = self._set_mail_visibility(author, kwargs).id
        if author and not author_id:
            # Without proof it bears the address that it came with, not ours.
            email_from = IncomingMail.of(self.env).message_dict["email_from"]
        return author_id, email_from

    def _set_mail_visibility(self, author, kwargs):
        """Make a mail from ``author`` a public message or an internal note, in ``kwargs``.

        :return: the author, as far as it is sure
        """
        is_opening = self._is_being_opened()
        is_agent = self._is_agent(author)
        if is_agent and not self._is_proven(author):
            IncomingMail.of(self.env).unproven = author
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

    def _is_automatic(self, message):
        return super()._is_automatic(message) or (
            message.message_type == "email" and self._is_automatic_mail()
        )

    def _on_agent_reply(self, message):
        # A colleague's mail that opened the ticket answers nobody.
        if self._is_being_opened():
            return None
        return super()._on_agent_reply(message)

    def _on_customer_message(self, message):
        super()._on_customer_message(message)
        if self.undeliverable_email:
            self.undeliverable_email = False

    # Afterwards

    def _after_mail(self, incoming, copied):
        """A mail landed on this ticket: who follows it now, what colleagues should know."""
        incoming.tickets.append(self.id)
        hints = incoming.hints
        team = self.team_id
        if copied and team.mail_follow_copied and not hints.get("automatic"):
            self._follow_copied(copied)
        files = []
        if team.mail_keep_original or hints.get("keep_original"):
            files.append((self.env._("original mail") + ".eml", incoming.raw))
        lines = self._get_mail_remarks(incoming)
        if lines or files:
            self._message_log(
                body=Markup("<ul>%s</ul>") % Markup().join(lines) if lines else "",
                attachment_ids=[(4, file.id) for file in self._keep_files(files)],
            )
        if incoming.unproven:
            self._notify_unproven(incoming)

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

    # A mail that came back

    def _tell_bounced(self, email, partner):
        """See ``_message_receive_bounce``."""
        incoming = IncomingMail.of(self.env)
        reason = incoming and incoming.hints.get("bounce", {}).get("reason")
        for ticket in self.sudo():
            lang = get_lang(self.env, ticket.company_id.partner_id.lang).code
            ticket = ticket.with_context(lang=lang)
            is_colleague = bool(partner) and all(map(ticket._is_agent, partner))
            if email and not is_colleague:
                ticket.undeliverable_email = email
            told = ticket._get_people_to_notify(ticket.user_id)
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
            if incoming:
                incoming.tickets.append(ticket.id)

    # A late answer

    def _continue_in(self, author, kwargs):
        # No robot opens a ticket anew.
        return self if self._is_automatic_mail() else super()._continue_in(author, kwargs)

    def _prepare_follow_up_values(self, author, kwargs):
        copied = self._mail_cc_sanitized_raw_dict(kwargs.get("incoming_email_cc"))
        values = {
            **super()._prepare_follow_up_values(author, kwargs),
            "name": strip_subject(kwargs.get("subject"), self.number) or self.name,
            "mail_alias_id": self.mail_alias_id.id,
            "email_cc": ", ".join(copied.values()),
        }
        if kwargs.get("message_type") == "email":
            values["mail_lang"] = self.mail_lang
            values.update(self._plan_acknowledgement(values))
        return values
