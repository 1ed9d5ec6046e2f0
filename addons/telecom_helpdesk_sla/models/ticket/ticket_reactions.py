from odoo import api, models

from odoo.addons.telecom_helpdesk.tools.change import Reaction


class TelecomTicket(models.Model):
    _inherit = "telecom.ticket"

    @api.model
    def _get_reactions(self):
        reactions = super()._get_reactions()
        reactions.add(
            "created",
            Reaction("promises wait until all else is decided", "_put_promises_off"),
            before="_start_at_minimum",
        )
        reactions.add(
            "written",
            Reaction(
                "whoever has it now gets the activity about its deadline",
                "_follow_agent",
                changed={"user_id"},
            ),
            Reaction(
                "the policy that matches it now says what is promised",
                "_follow_sla_change",
                changed=self._get_sla_fields(),
            ),
            Reaction(
                "archived, its clocks tell nobody; restored, they catch up",
                "_follow_archiving",
                changed={"active"},
            ),
        )
        return reactions
