from odoo import models

from .product_template import PACK_BOUNDS


class ProductProduct(models.Model):
    """A variant shows, and takes, the template's hours of a pack: the same bounds hold."""

    _name = "product.product"
    _inherit = ["product.product", "telecom.guard.mixin"]
    _bounds = PACK_BOUNDS
