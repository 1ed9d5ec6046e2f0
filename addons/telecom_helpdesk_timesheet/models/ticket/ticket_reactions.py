from odoo import api, models

from odoo.addons.telecom_helpdesk.tools.change import Reaction


class TelecomTicket(models.Model):
    _inherit = "telecom.ticket"

    @api.model
    def _get_reactions(self):
        reactions = super()._get_reactions()
        reactions.add(
            "written",
            Reaction(
                "the agreed hours go to the company with it",
                "_move_budgets",
                changed={"company_id"},
            ),
        )
        return reactions
