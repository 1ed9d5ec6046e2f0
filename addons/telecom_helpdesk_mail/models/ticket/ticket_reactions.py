from odoo import api, models

from odoo.addons.telecom_helpdesk.tools.change import Reaction


class TelecomTicket(models.Model):
    _inherit = "telecom.ticket"

    @api.model
    def _get_reactions(self):
        reactions = super()._get_reactions()
        reactions.add(
            "own_values",
            Reaction("a mail that opens it is to be acknowledged", "_fill_acknowledgement"),
            Reaction(
                "the mail that opens it is the customer's last message", "_fill_customer_message"
            ),
        )
        return reactions
