import ast
import re
from datetime import timedelta

from odoo import api, models
from odoo.tools import consteq, hmac

from ...tools.incoming_mail import IncomingMail

# A colleague is notified this often per hour of mails in their name that may be forged.
MOST_UNPROVEN = 3


class TelecomTicket(models.Model):
    """Whether a mail in a colleague's name is theirs."""

    _inherit = "telecom.ticket"

    def _is_proven(self, author):
        """Whether a mail that says that it comes from the colleague ``author`` does.

        Our own server says so of the very address that the author has; or the mail answers one
        of ours to colleagues, which hold a reference that nobody else knows. Else it would be
        enough to forge a sender to speak to customers in our name.
        """
        incoming = IncomingMail.of(self.env)
        if not incoming or incoming.is_from(author.email_normalized):
            return True
        references = f"{incoming.message_dict['references']} {incoming.message_dict['in_reply_to']}"
        return bool(self) and self._is_proven_internal(references)

    # What proves it: a reference

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

    def _add_proof(self, values):
        """Have a mail (``values`` of mail.mail) bear the proof."""
        # In front: some programs drop what is in the middle when the list grows.
        values["references"] = f"{self._get_internal_reference()} {values['references']}"
        # With customers in To, a colleague's "answer all" would go to them past the
        # helpdesk, from a private address and with the proof in it.
        headers = ast.literal_eval(values.get("headers") or "{}")
        headers.pop("X-Msg-To-Add", None)
        values["headers"] = repr(headers)

    # What has no proof

    def _notify_unproven(self, incoming):
        """Note on the ticket that a mail in a colleague's name is unproven, and notify the
        colleague, within limits.
        """
        colleague = incoming.unproven
        told = colleague
        if incoming.hints.get("automatic") or self._count_unproven(colleague) >= MOST_UNPROVEN:
            told = colleague.browse()
        if self._is_being_opened():
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
        """How often ``colleague`` was notified within the last hour, up to the limit."""
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
