from odoo import fields, models

TIME_BILLING = [("billable", "Billed"), ("free", "Free of Charge")]


class TelecomTicketCategory(models.Model):
    """Whether customers pay for work on such tickets."""

    _inherit = "telecom.ticket.category"

    time_billing = fields.Selection(
        TIME_BILLING,
        string="Work Is",
        help="Whether customers pay for time on such tickets, and on those of the categories "
        "below that do not say. Empty: as the contract type has it, or the rate.",
    )

    def _find_time_billing(self):
        """This category, or the nearest one above, that says whether time is billed; or empty."""
        category = self.sudo()
        while category and not category.time_billing:
            category = category.parent_id
        return category
