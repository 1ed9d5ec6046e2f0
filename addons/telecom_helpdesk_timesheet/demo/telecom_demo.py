from odoo import api, models


class TelecomDemo(models.AbstractModel):
    _inherit = "telecom.demo"

    @api.model
    def _load_time(self):
        from .loaders import worked_time

        worked_time.load(self._operator_env())
