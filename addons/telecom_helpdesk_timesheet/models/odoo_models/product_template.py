from odoo import fields, models
from odoo.tools import frozendict

PACK_BOUNDS = frozendict({"support_pack_hours": (0, 10000), "support_pack_months": (0, 1200)})


class ProductTemplate(models.Model):
    """A service that is sold as a pack of support hours."""

    _name = "product.template"
    _inherit = ["product.template", "telecom.guard.mixin"]
    _bounds = PACK_BOUNDS

    support_pack_hours = fields.Float(
        string="Support Hours",
        help="Hours of support in one of this product. Whoever is invoiced for it holds a pack of "
        "them, which approved time uses up before it is invoiced. 0: it is no pack.",
    )
    support_pack_months = fields.Integer(
        string="Hours Expire After",
        help="Months from the day of the invoice. What is not used by then is lost. 0: never.",
    )
