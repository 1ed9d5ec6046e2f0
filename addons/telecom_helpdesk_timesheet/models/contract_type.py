from odoo import models


class TelecomContractType(models.Model):
    _inherit = "telecom.contract.type"
