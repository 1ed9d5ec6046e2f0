from odoo import fields, models


class TelecomContractType(models.Model):
    """Kind of support contract: 9 to 5, around the clock, ..."""

    _name = "telecom.contract.type"
    _description = "Support Contract Type"
    _inherit = ["telecom.guard.mixin", "telecom.configuration.mixin"]
    _is_shared = True
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    tier_id = fields.Many2one(
        "telecom.tier",
        help="Tickets under such a contract get this tier, whatever the customer's own.",
    )
    description = fields.Text(translate=True)

    def write(self, vals):
        result = super().write(vals)
        if "tier_id" in vals:
            self.env["telecom.ticket"]._find_open("contract_id.type_id", self)._follow_tier()
        return result
