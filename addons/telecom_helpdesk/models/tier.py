from odoo import fields, models

PRIORITIES = [("0", "Low"), ("1", "Normal"), ("2", "High"), ("3", "Critical")]


class TelecomTier(models.Model):
    """Level of service that a customer has bought: Standard, Premium, ..."""

    _name = "telecom.tier"
    _description = "Customer Tier"
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
    active = fields.Boolean(default=True)

    # A translated name is stored with its languages: English, the source, tells them apart.
    _name_unique = models.UniqueIndex(
        "(lower(name->>'en_US'))", "A tier of this name exists already."
    )
