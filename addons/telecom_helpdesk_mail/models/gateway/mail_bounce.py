from odoo import api, models
from odoo.tools import email_normalize, email_normalize_all

from ...filters.incoming import Incoming
from ...tools.delivery import SetAside


class MailThread(models.AbstractModel):
    """Mails that came back: what is one, and whom it is about."""

    _inherit = "mail.thread"

    @api.model
    def _detect_is_bounce(self, message, message_dict):
        delivery = self.env.context.get("telecom_mail")
        if not delivery:
            return super()._detect_is_bounce(message, message_dict)
        bounce = delivery.hints.get("bounce")
        if bounce:
            return not bounce["temporary"]
        # Other reports say that a mail was read, or that it has arrived.
        if delivery.hints.get("automatic"):
            return False
        if (email_normalize(message_dict["email_from"]) or "").startswith("mailer-daemon@"):
            return True
        # Humans write to the bounce address as well: somebody is to look at that.
        to = self.env["mail.alias.domain"]._without_tags(message_dict["to"])
        bounces = self.env["mail.alias.domain"]._get_address_book().bounces
        return not bounces.isdisjoint(email_normalize_all(to)) and Incoming(message).has_null_sender

    @api.model
    def _message_parse_extract_bounce(self, email_message, message_dict):
        result = super()._message_parse_extract_bounce(email_message, message_dict)
        delivery = self.env.context.get("telecom_mail")
        bounce = delivery.hints.get("bounce") if delivery else None
        if not delivery or not (bounce or result["is_bounce"]):
            return result
        ids = bounce["message_ids"] if bounce else []
        messages = self.env["mail.message"].sudo()
        messages = messages.search([("message_id", "in", ids)], order="id desc", limit=1)
        if not result["is_bounce"]:
            # The mail is late, not lost: a line in the thread that it belongs to.
            if messages and not message_dict.get("parent_id"):
                message_dict["references"] = " ".join(ids)
            delivery.hints.setdefault("automatic", "notice")
            return result
        if not result["bounced_message"]:
            result.update(bounced_message=messages, bounced_msg_ids=ids)
        # Odoo takes whoever was notified besides, where the customer is no contact.
        result["bounced_email"], result["bounced_partner"] = self._find_bounced(
            bounce["addresses"] if bounce else [], result["bounced_message"]
        )
        return result

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
    def _take_bounce(self, delivery, message_dict):
        """A mail came back, and Odoo has marked who did not get it.

        :raises SetAside: it belongs to nothing here
        """
        message = message_dict["bounced_message"]
        if not message.res_id:
            raise SetAside("bounce", delivery.hints.get("bounce", {}).get("reason", ""))
        delivery.routed = True
        if not message_dict["bounced_email"] and message.model == "telecom.ticket":
            # Odoo has nobody to mark, and says nothing.
            ticket = self.env["telecom.ticket"].browse(message.res_id).exists()
            ticket._message_receive_bounce(False, message_dict["bounced_partner"])
