from odoo import fields, models


class TelecomContractPeriod(models.Model):
    """Hours that a contract includes from one day to another, and what became of them."""

    _name = "telecom.contract.period"
    _description = "Contract Period"
    _order = "date_start desc, id desc"

    contract_id = fields.Many2one("telecom.contract", required=True, index=True, ondelete="cascade")
    date_start = fields.Date(required=True)
    date_end = fields.Date(required=True)
    hours = fields.Float(string="Included", help="Hours granted for this period.")
    carried_hours = fields.Float(
        string="Carried Over", readonly=True, help="Hours left from earlier periods."
    )
    used_hours = fields.Float(string="Used", readonly=True)
    left_hours = fields.Float(string="Left", readonly=True)
    lost_hours = fields.Float(string="Lost", readonly=True)

    _contract_start_unique = models.UniqueIndex(
        "(contract_id, date_start)", "This period of the contract exists already."
    )
