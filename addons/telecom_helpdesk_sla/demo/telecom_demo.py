from odoo import api, models


class TelecomDemo(models.AbstractModel):
    _inherit = "telecom.demo"

    @api.model
    def _load_holidays(self):
        from .loaders import holidays

        holidays.load(self._operator_env())

    @api.model
    def _load_promises(self):
        from .loaders import promises

        promises.load(self._operator_env())
