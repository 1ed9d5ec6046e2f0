from odoo import api, fields, models, tools

PRIORITIES = [("0", "Low"), ("1", "Normal"), ("2", "High"), ("3", "Critical")]


class TelecomTier(models.Model):
    """Level of service that a customer has bought: Standard, Premium, ..."""

    _name = "telecom.tier"
    _description = "Customer Tier"
    _inherit = ["telecom.guard.mixin", "telecom.configuration.mixin", "telecom.cached.mixin"]
    _is_shared = True
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    minimum_priority = fields.Selection(
        PRIORITIES,
        default="0",
        required=True,
        help="Tickets of these customers never start below this priority.",
    )

    # A translated name is stored with its languages: English, the source, tells them apart.
    _name_unique = models.UniqueIndex(
        "(lower(name->>'en_US'))", "A tier of this name exists already."
    )

    @api.model
    @tools.ormcache()
    def _get_minimum_priorities(self):
        """``{tier id: priority}`` of those that give a minimum."""
        tiers = self.sudo().with_context(active_test=False).search([("minimum_priority", ">", "0")])
        return {tier.id: tier.minimum_priority for tier in tiers}
