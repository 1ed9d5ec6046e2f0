import uuid

from odoo import models
from odoo.tools import email_normalize


class TelecomTicket(models.Model):
    """A ticket gets another customer: the former one's contacts lose access and notifications."""

    _inherit = "telecom.ticket"

    def _part_from_former(self, change):
        for ticket in self.sudo():
            if contact := change.before(ticket, "partner_id"):
                account = change.before(ticket, "commercial_partner_id")
                ticket._remove_former_customer(contact, account, change.vals)

    def _remove_former_customer(self, contact, account, vals):
        """This one ticket was ``contact``'s, of ``account``, before ``vals`` were written."""
        if self.partner_id:
            # Not even where the new customer cannot be reached.
            details = self._get_contact_details()
            self.write({name: details[name] for name in details.keys() - vals.keys()})
        if self.commercial_partner_id == account:
            self.message_unsubscribe(partner_ids=contact.ids)
            return
        if self.is_done:
            self.tier_id = self._find_tier()
        people = self.message_partner_ids.filtered(lambda one: not self._may_be_notified(one))
        copied = set(self._mail_cc_sanitized_raw_dict(self.email_cc))
        known = self.env["res.partner"].search([("email_normalized", "in", list(copied))])
        copied -= set(known.filtered(self._may_be_notified).mapped("email_normalized"))
        self._take_off(people | contact, copied)

    def _may_be_notified(self, partner):
        """Whether ``partner`` may be notified of this one ticket, whoever its customer was."""
        accounts = self.commercial_partner_id | self.service_id.supplier_id.commercial_partner_id
        return not partner.partner_share or partner.commercial_partner_id in accounts

    def _take_off(self, people, addresses):
        """Unsubscribe ``people`` (res.partner) and ``addresses`` in copy from these tickets.

        Links to the tickets that they were sent lead nowhere from then on.
        """
        for ticket in self:
            copied = ticket._mail_cc_sanitized_raw_dict(ticket.email_cc)
            kept = [raw for raw in copied.values() if email_normalize(raw) not in addresses]
            ticket.message_unsubscribe(partner_ids=(ticket.message_partner_ids & people).ids)
            ticket.email_cc = ", ".join(kept) or False
            ticket.access_token = ticket.access_token and str(uuid.uuid4())
