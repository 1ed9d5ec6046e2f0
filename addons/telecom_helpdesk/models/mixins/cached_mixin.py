from odoo import api, models


class TelecomCachedMixin(models.AbstractModel):
    """Few rows that are read all the time: methods under ``ormcache`` may read them.

    The registry's cache is cleared, on every server, when rows come, change or go.
    """

    _name = "telecom.cached.mixin"
    _description = "Cached Mixin"

    # Names of fields that no cached method reads.
    _uncached_fields = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env.registry.clear_cache()
        return records

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - self._uncached_fields:
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result
