from odoo import fields, models


class TelecomContractDue(models.Model):
    """What the scheduler does with a contract, and when: one row per concern."""

    _name = "telecom.contract.due"
    _description = "Automatic Step of a Contract"
    _inherit = ["telecom.due.step.mixin"]
    _rec_name = "kind"
    _due_record = "contract_id"
    _due_cron = "telecom_helpdesk.ir_cron_contract_due"

    contract_id = fields.Many2one("telecom.contract", required=True, ondelete="cascade")
    # What is due at the same instant is done in this order.
    kind = fields.Selection(
        [("expiry", "Expire"), ("start", "Start")], string="Step", required=True
    )

    _once = models.UniqueIndex(
        "(contract_id, kind)", "A contract has one row for each kind of step."
    )


class TelecomContract(models.Model):
    _inherit = "telecom.contract"

    due_ids = fields.One2many(
        "telecom.contract.due", "contract_id", string="Automatic Steps", readonly=True, copy=False
    )
