from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

OTHERS = Domain("res_model", "!=", "telecom.ticket")


class RatingRating(models.Model):
    """What customers said of a ticket is for those who may read the ticket and its conversation.

    Odoo lets every colleague read, and write, every rating.
    """

    _inherit = "rating.rating"

    @api.model
    def _get_ticket_domain(self):
        """Ratings of tickets that the present user may know."""
        tickets = self.env["telecom.ticket"]
        if not (tickets._knows_conversation() and tickets.has_access("read")):
            return Domain.FALSE
        return ~OTHERS & Domain("res_id", "in", tickets.with_context(active_test=False)._search([]))

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, bypass_access=False, **kwargs):
        """All of Odoo's reading by domain, groups and counts included, goes through here."""
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & (OTHERS | self._get_ticket_domain())
        return super()._search(domain, offset, limit, order, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        """Odoo's one question for records by id; who may not gets the function that makes the
        error."""
        result = super()._check_access(operation)
        if self.env.su or not any(self._ids):
            return result
        forbidden = result[0] if result else self.browse()
        of_tickets = (self - forbidden).sudo().filtered_domain(~OTHERS).sudo(False)
        if operation == "read" and of_tickets:
            of_tickets -= of_tickets.search([("id", "in", of_tickets.ids)])
        if not of_tickets:
            return result
        return forbidden + of_tickets, lambda: AccessError(
            self.env._("What a customer said of a ticket stays as it is.")
        )
