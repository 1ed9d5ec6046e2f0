from hashlib import sha1

from odoo import api, models
from odoo.tools import email_normalize, email_normalize_all

from ...tools.same_mail import is_same_files, is_same_subject, is_same_text


class MailThread(models.AbstractModel):
    """Detecting duplicates: copies arrive by other channels, by mailing lists, or twice."""

    _inherit = "mail.thread"

    @api.model
    def _is_copy(self, incoming, custom_values):
        """Whether a mail whose Message-ID is known here is that mail.

        One Message-ID is no proof of that: some devices have but one. Nor is a copy what goes to
        another company of ours than the first one did: each gets its own ticket.
        """
        message_id = incoming.message_dict["message_id"]
        known = self.env["mail.message"].sudo().search([("message_id", "=", message_id)])
        incoming.companies = self._find_unserved(incoming, known, custom_values)
        if incoming.companies:
            return False
        taken = self.env["telecom.mail.receipt"].sudo()._find_taken(message_id)
        return taken.digest == incoming.digest or any(
            self._is_same_mail(message, incoming) for message in known
        )

    @api.model
    def _find_unserved(self, incoming, known, custom_values):
        """Companies of ours that a mail is addressed to and that have no ticket of it.

        :param known: messages (mail.message) that it became
        """
        unserved = self.env["res.company"].sudo()
        # An answer is where it belongs.
        if not known or incoming.is_own_copy or incoming.message_dict.get("parent_id"):
            return unserved
        recipients = email_normalize_all(incoming.message_dict["recipients"])
        tickets = self.env["telecom.ticket"].sudo()
        teams = self.env["mail.alias"]._find_teams(recipients)
        teams = teams or tickets._gateway_team(custom_values)
        on_tickets = known.filtered(lambda message: message.model == tickets._name)
        return teams.company_id - tickets.browse(on_tickets.mapped("res_id")).company_id

    @api.model
    def _is_same_mail(self, message, incoming):
        """Whether what came is the mail that ``message`` was, with or without a footer."""
        if incoming.is_own_copy:
            return True
        parsed = incoming.message_dict
        sender = email_normalize(parsed["email_from"])
        # A list may write in its own name, and name the author for answers.
        senders = {sender, incoming.hints.get("reply_to") or sender}
        is_senders = email_normalize(message.email_from) in senders
        if message.message_type != "email":
            # One of ours that came back.
            book = self.env["mail.alias.domain"]._get_address_book()
            return is_senders or book.holds(sender or "")
        return (
            is_senders
            and parsed.get("date") == str(message.date)
            and is_same_subject(parsed.get("subject"), message.subject)
            and is_same_text(parsed["body"], message.body)
            and is_same_files(
                {self._get_checksum(file) for file in parsed["attachments"]},
                set(message.sudo().attachment_ids.mapped("checksum")),
            )
        )

    @api.model
    def _get_checksum(self, file):
        """Checksum of a file that Odoo read in a mail, as of the attachment that it becomes."""
        content = file.content
        if isinstance(content, str):
            content = content.encode((file.info or {}).get("encoding") or "utf-8")
        elif not isinstance(content, bytes):
            content = content.as_bytes()
        return sha1(content, usedforsecurity=False).hexdigest()
