import ast
import re

from odoo import models
from odoo.tools import consteq, hmac

from ...tools.subject import number_subject, strip_subject

# Message-IDs in References: enough for any mail program to find the thread, and few enough
# that none cuts them (RFC 5322, section 3.6.4, would let the list grow with each mail).
MAX_REFERENCES = 9


class TelecomTicket(models.Model):
    """One thread in every mail program: References, In-Reply-To and subject.

    Thunderbird and Apple Mail follow References and In-Reply-To. Gmail wants the same base
    subject besides (RFC 5256, section 2.1, takes "Re:" and the number in brackets away).
    Outlook compares Thread-Topic, which is the subject of the first mail without prefixes.
    """

    _inherit = "telecom.ticket"

    def _get_public_ancestors(self, message):
        """Messages before ``message`` that the customer knows, oldest first.

        Not too many: the first, which mail programs take for the root, and the last ones.
        """
        domain = [
            ("model", "=", self._name),
            ("res_id", "=", self.id),
            ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
            ("is_internal", "=", False),
            ("message_id", "!=", False),
        ]
        if message:
            domain.append(("id", "<", message.id))
        messages = self.env["mail.message"].sudo()
        newest = messages.search(domain, order="id desc", limit=MAX_REFERENCES - 1)
        if len(newest) == MAX_REFERENCES - 1:
            newest = newest[:-1] | messages.search(domain, order="id", limit=1)
        return newest.sorted("id")

    def _get_thread_subject(self, messages):
        """Subject of the conversation (``messages``, oldest first) without prefixes and number.

        The one that the customer sees, even after an agent gave the ticket a better one.
        """
        subject = strip_subject(messages.filtered("subject")[-1:].subject, self.number)
        if "[" in subject:
            # A late answer, or one to a ticket that was merged, has another number in front.
            for other in self._get_merged() | self.sudo().follow_up_of_id:
                subject = strip_subject(subject, other.number)
        return subject or self.name

    def _get_merged(self):
        tickets = self.sudo().with_context(active_test=False)
        return tickets.search([("merged_into_id", "=", self.id)])

    def _message_compute_subject(self):
        subject = self._get_thread_subject(self._get_public_ancestors(None))
        return number_subject(subject, self.number)

    def _notify_by_email_get_base_mail_values(
        self, message, recipients_data, additional_values=None
    ):
        if not self:
            return super()._notify_by_email_get_base_mail_values(
                message, recipients_data, additional_values=additional_values
            )
        additional = dict(additional_values or {})
        ancestors = self._get_public_ancestors(message)
        subject = message.subject or self._get_thread_subject(ancestors)
        headers = {"Thread-Topic": strip_subject(subject, self.number) or self.name}
        if ancestors:
            headers["In-Reply-To"] = ancestors[-1].message_id
        additional["headers"] = {**headers, **(additional.get("headers") or {})}
        values = super()._notify_by_email_get_base_mail_values(
            message, recipients_data, additional_values=additional
        )
        values["references"] = " ".join((ancestors + message.sudo()).mapped("message_id"))
        # What others wrote keeps their subject.
        if message.message_type != "email" or self._is_agent(message.author_id):
            values["subject"] = number_subject(subject, self.number)
        return values

    # Proof that an answer comes from a colleague

    def _get_internal_reference(self):
        """Message-ID that only mails to colleagues about this ticket have in References.

        Mail programs give References back, so an answer that holds it comes from somebody who
        got such a mail. A stranger can forge a colleague's address, not this.
        """
        self.ensure_one()
        domain = self._get_support_alias().alias_domain_id or self.sudo().company_id.alias_domain_id
        return f"<{self._sign_internal()}@{domain.sudo().name or 'helpdesk.invalid'}>"

    def _sign_internal(self):
        return hmac(self.env(su=True), "telecom_helpdesk_mail", (self.id, "internal"))

    def _is_proven_internal(self, references):
        """Whether ``references``, text with Message-IDs, proves an answer of a colleague.

        Whatever domain it has: a team's address may have changed meanwhile.
        """
        self.ensure_one()
        found = re.findall(r"<([0-9a-f]{64})@[^<>\s]+>", references or "")
        if not found:
            return False
        # Mails about tickets merged into this one are answered here.
        signatures = [ticket._sign_internal() for ticket in self + self._get_merged()]
        return any(consteq(one, other) for one in found for other in signatures)

    def _notify_by_email_get_final_mail_values(
        self, recipient_ids, mail_values, additional_values=None
    ):
        values = super()._notify_by_email_get_final_mail_values(
            recipient_ids, mail_values, additional_values=additional_values
        )
        recipients = self.env["res.partner"].sudo().browse(recipient_ids)
        if self and recipients and all(self._is_agent(partner) for partner in recipients):
            # In front: some programs drop what is in the middle when the list grows.
            values["references"] = f"{self._get_internal_reference()} {values['references']}"
            # With customers in To, a colleague's "answer all" would go to them past the
            # helpdesk, from a private address and with the proof in it.
            headers = ast.literal_eval(values.get("headers") or "{}")
            headers.pop("X-Msg-To-Add", None)
            values["headers"] = repr(headers)
        return values
