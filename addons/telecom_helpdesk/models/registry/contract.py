from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Whoever changes one of these may end a contract, or have another take over from it.
VALIDITY_FIELDS = frozenset({"date_end", "date_start", "state"})


class TelecomContract(models.Model):
    """Support contract between the operator and one customer."""

    _name = "telecom.contract"
    _description = "Support Contract"
    _inherit = [
        "telecom.guard.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "telecom.due.owner.mixin",
    ]
    _order = "date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Reference",
        required=True,
        copy=False,
        default=lambda self: self.env._("New"),
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, index=True, check_company=True
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    type_id = fields.Many2one("telecom.contract.type", required=True, index=True, tracking=True)
    date_start = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    date_end = fields.Date(tracking=True, help="Last day of support. Empty: until cancelled.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("active", "Active"),
            ("expired", "Expired"),
            ("cancelled", "Terminated"),
        ],
        default="draft",
        required=True,
        index=True,
        tracking=True,
        copy=False,
    )
    service_ids = fields.One2many("telecom.service", "contract_id", string="Services")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    note = fields.Html()

    _name_unique = models.UniqueIndex(
        "(company_id, name)", "A contract with this reference exists already."
    )

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for contract in self:
            if contract.date_end and contract.date_end < contract.date_start:
                raise ValidationError(
                    self.env._("Contract %(name)s ends before it starts.", name=contract.name)
                )

    @api.model
    def _check_customer_of(self, records):
        """Raise when one of ``records`` (tickets, services) has somebody else's contract."""
        for record in records:
            contract = record.contract_id.sudo()
            customer = record.commercial_partner_id.sudo()
            if contract and customer and contract.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "Contract %(contract)s belongs to %(owner)s, not to %(customer)s.",
                        contract=contract.name,
                        owner=contract.commercial_partner_id.name,
                        customer=customer.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]  # the caller's stay as they are
        for vals in vals_list:
            if vals.get("name", self.env._("New")) == self.env._("New"):
                company = vals.get("company_id") or self.env.company.id
                vals["name"] = (
                    self.env["ir.sequence"].with_company(company).next_by_code("telecom.contract")
                )
        contracts = super().create(vals_list)
        contracts._plan_due()
        contracts._hand_tickets_on()
        return contracts

    def write(self, vals):
        result = super().write(vals)
        is_validity_changed = not VALIDITY_FIELDS.isdisjoint(vals)
        if is_validity_changed:
            self._plan_due()
        if "type_id" in vals:
            self.env["telecom.ticket"]._find_open("contract_id", self)._follow_tier()
        if is_validity_changed:
            self._hand_tickets_on()
        return result

    def action_activate(self):
        self.write({"state": "active"})

    def action_cancel(self):
        self.write({"state": "cancelled"})

    def _is_valid_on(self, day):
        """Whether the contract gives support on ``day`` (a date)."""
        self.ensure_one()
        return (
            self.state == "active"
            and self.date_start <= day
            and (not self.date_end or day <= self.date_end)
        )

    # By the scheduler

    def _get_expiry_due(self):
        if self.state != "active" or not self.date_end:
            return False
        return datetime.combine(self.date_end + timedelta(days=1), time.min)

    def _on_expiry_due(self, now):
        if self.state == "active" and self.date_end and self.date_end < now.date():
            self.state = "expired"
