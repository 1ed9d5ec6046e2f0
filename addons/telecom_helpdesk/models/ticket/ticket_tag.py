from random import randint

from odoo import fields, models


class TelecomTicketTag(models.Model):
    _name = "telecom.ticket.tag"
    _description = "Ticket Tag"
    _inherit = ["telecom.guard.mixin", "telecom.configuration.mixin"]
    _order = "name"

    name = fields.Char(required=True, translate=True)
    color = fields.Integer(default=lambda self: randint(1, 11))

    # A translated name is stored with its languages: English, the source, tells them apart.
    _name_unique = models.UniqueIndex(
        "(lower(name->>'en_US'))",
        "A tag of this name exists already, perhaps among the archived ones.",
    )
