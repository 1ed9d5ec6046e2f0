from odoo import fields, models


class TelecomServiceType(models.Model):
    """Kind of service that the operator sells: SIP trunk, broadband, ..."""

    _name = "telecom.service.type"
    _description = "Service Type"
    _inherit = ["telecom.guard.mixin", "telecom.configuration.mixin"]
    _is_shared = True
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    icon = fields.Char(
        default="fa-plug", help="Font Awesome name shown beside services of this type."
    )
    identifier_label = fields.Char(
        translate=True,
        help="What the identifier of such a service is called: circuit, number, ...",
    )
