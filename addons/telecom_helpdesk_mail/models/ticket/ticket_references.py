from odoo import models

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

    def _number_subject(self, subject):
        return number_subject(subject, self.number)

    def _prepare_thread(self, message):
        """What puts the mail of ``message`` into the conversation's thread.

        :return: headers (dict), and values of ``mail.mail``
        """
        ancestors = self._get_public_ancestors(message)
        subject = message.subject or self._get_thread_subject(ancestors)
        headers = {"Thread-Topic": strip_subject(subject, self.number) or self.name}
        if ancestors:
            headers["In-Reply-To"] = ancestors[-1].message_id
        values = {"references": " ".join((ancestors + message.sudo()).mapped("message_id"))}
        # What others wrote keeps their subject.
        if message.message_type != "email" or self._is_agent(message.author_id):
            values["subject"] = self._number_subject(subject)
        return headers, values
