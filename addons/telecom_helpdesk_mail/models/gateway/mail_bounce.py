from odoo import api, models
from odoo.tools import email_normalize, email_normalize_all

from ...filters.parsed_mail import ParsedMail
from ...tools.incoming_mail import MailQuarantined


class MailThread(models.AbstractModel):
    """Bounces: detecting them, and finding the recipient that they are about."""

    _inherit = "mail.thread"

    @api.model
    def _is_bounce(self, incoming, message, message_dict):
        """Whether a mail says that one of ours did not arrive, for good."""
        bounce = incoming.hints.get("bounce")
        if bounce:
            return not bounce["temporary"]
        # Other reports say that a mail was read, or that it has arrived.
        if incoming.hints.get("automatic"):
            return False
        if (email_normalize(message_dict["email_from"]) or "").startswith("mailer-daemon@"):
            return True
        # Humans write to the bounce address as well: somebody is to look at that.
        to = self.env["mail.alias.domain"]._without_tags(message_dict["to"])
        bounces = self.env["mail.alias.domain"]._get_address_book().bounces
        is_to_bounces = not bounces.isdisjoint(email_normalize_all(to))
        return is_to_bounces and ParsedMail(message).has_null_sender

    @api.model
    def _correct_bounce(self, incoming, message_dict, result):
        """Put right what Odoo found out about a mail that came back (``result``)."""
        bounce = incoming.hints.get("bounce")
        if not bounce and not result["is_bounce"]:
            return
        ids = bounce["message_ids"] if bounce else []
        messages = self.env["mail.message"].sudo()
        messages = messages.search([("message_id", "in", ids)], order="id desc", limit=1)
        if not result["is_bounce"]:
            # The mail is late, not lost: a line in the thread that it belongs to.
            if messages and not message_dict.get("parent_id"):
                message_dict["references"] = " ".join(ids)
            incoming.hints.setdefault("automatic", "notice")
            return
        if not result["bounced_message"]:
            result.update(bounced_message=messages, bounced_msg_ids=ids)
        # Odoo takes whoever was notified besides, where the customer is no contact.
        result["bounced_email"], result["bounced_partner"] = self._find_bounced(
            bounce["addresses"] if bounce else [], result["bounced_message"]
        )

    @api.model
    def _find_bounced(self, named, message):
        """Address that did not get ``message`` (mail.message, may be empty), and its contacts.

        :param named: addresses that the report names; where it names none, it is about whom the
            message was for, if that is one address: outside before colleagues
        :return: False for the address where nobody knows
        """
        partners = message.notification_ids.res_partner_id
        colleagues = partners.filtered(lambda partner: not partner.partner_share)
        outside = (partners - colleagues).mapped("email_normalized")
        outside += email_normalize_all(message.outgoing_email_to or "")
        inside = colleagues.mapped("email_normalized")
        if named:
            # A customer's server may have sent it on: that is not what we know them by.
            address = next((one for one in named if one in outside + inside), named[0])
        else:
            likely = outside or inside
            address = likely[0] if len(likely) == 1 else False
        if not address:
            return False, partners.browse()
        return address, partners.search([("email_normalized", "=", address)])

    @api.model
    def _take_bounce(self, incoming, message_dict):
        """A mail came back, and Odoo has marked who did not get it.

        :raises MailQuarantined: it belongs to no ticket
        """
        message = message_dict["bounced_message"]
        if not message.res_id:
            raise MailQuarantined("bounce", incoming.hints.get("bounce", {}).get("reason", ""))
        incoming.routed = True
        if not message_dict["bounced_email"] and message.model == "telecom.ticket":
            # Odoo has nobody to mark, and says nothing.
            ticket = self.env["telecom.ticket"].browse(message.res_id).exists()
            ticket._message_receive_bounce(False, message_dict["bounced_partner"])
