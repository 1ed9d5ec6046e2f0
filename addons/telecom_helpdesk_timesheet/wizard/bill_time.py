from hashlib import sha256

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_hours, to_minutes

from ..models.billing.billing_run import GROUPINGS, PreviewOutdated

# What the accountant reads of a customer, and bills.
SHOWN = (
    "partner_id",
    "currency_id",
    "entry_count",
    "billed_hours",
    "included_hours",
    "invoiced_hours",
    "amount",
    "target",
    "problem",
)


class TelecomBillTime(models.TransientModel):
    """Preview of a billing run, before anything is written."""

    _name = "telecom.bill.time"
    _description = "Bill Support Time"
    _inherit = ["telecom.wizard.mixin"]

    _fixed_fields = frozenset({"company_id"})

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    date_until = fields.Date(
        string="Work Until", help="Work after this day is left for the next time. Empty: all."
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        domain=["|", ("parent_id", "=", False), ("is_company", "=", True)],
        help="Empty: every customer with approved time.",
    )
    grouping = fields.Selection(
        GROUPINGS,
        string="Invoice Lines",
        required=True,
        default=lambda self: self.env.company.telecom_billing_grouping,
    )
    invoice_date = fields.Date(help="Of new invoices. Empty: the day on which they are confirmed.")
    line_ids = fields.One2many(
        "telecom.bill.time.line", "wizard_id", compute="_compute_line_ids", store=True
    )
    # Of the preview that the accountant looks at: the form brings back the one that it was shown,
    # which may be hours old when it is saved.
    fingerprint = fields.Char(compute="_compute_fingerprint", store=True, readonly=False)
    has_changed = fields.Boolean(readonly=True)
    price_day = fields.Char(string="Prices and Exchange Rates", compute="_compute_price_day")
    is_empty = fields.Boolean(compute="_compute_result")
    problem_count = fields.Integer(compute="_compute_result")

    @api.depends("company_id", "date_until", "partner_ids", "grouping", "invoice_date")
    def _compute_line_ids(self):
        for wizard in self:
            run = self.env["telecom.billing.run"]
            run._check_may_bill(wizard.company_id._origin, wizard.partner_ids._origin)
            run = run.new(wizard._prepare_run()).sudo()
            wizard.line_ids = [
                Command.clear(),
                *(Command.create(values) for values in run._preview(wizard.partner_ids)),
            ]

    @api.depends("company_id", "date_until", "partner_ids", "grouping", "invoice_date")
    def _compute_fingerprint(self):
        for wizard in self:
            wizard.fingerprint = wizard._get_fingerprint()

    def _get_fingerprint(self):
        """Text that is another one once the preview shows anything else, or other time."""
        run = self.env["telecom.billing.run"].new(self._prepare_run())
        shown = [run._get_fingerprint(self.partner_ids), *self.line_ids._get_shown()]
        return sha256(repr(shown).encode()).hexdigest()

    @api.depends("company_id", "invoice_date")
    def _compute_price_day(self):
        for wizard in self:
            run = self.env["telecom.billing.run"].new(wizard._prepare_run())
            if day := run._get_price_day():
                wizard.price_day = self.env._(
                    "Of the day of the invoice: %s, unless the draft has another date",
                    format_date(self.env, day),
                )
            else:
                wizard.price_day = self.env._("Of the day of the work")

    @api.depends("line_ids.entry_count", "line_ids.problem")
    def _compute_result(self):
        for wizard in self:
            wizard.is_empty = not any(wizard.line_ids.mapped("entry_count"))
            wizard.problem_count = len(wizard.line_ids.filtered("problem"))

    def _prepare_run(self):
        return {
            "company_id": self.company_id.id,
            "date_until": self.date_until,
            "grouping": self.grouping,
            "invoice_date": self.invoice_date,
        }

    def action_bill(self):
        """Bill what the preview shows, and open what came of it.

        Where that would be anything else by now, it is shown anew instead.
        """
        self.ensure_one()
        self.check_access("write")
        if self.fingerprint != self._get_fingerprint():
            return self._show_preview_again()
        try:
            # What is put on invoices is compared on the way: all is taken back where it differs.
            with self.env.cr.savepoint():
                run = self.env["telecom.billing.run"]._start(
                    self.company_id,
                    until=self.date_until,
                    partners=self.partner_ids._origin,
                    shown=self.line_ids._get_shown(),
                    grouping=self.grouping,
                    invoice_date=self.invoice_date,
                )
        except PreviewOutdated:
            return self._show_preview_again()
        return {
            "type": "ir.actions.act_window",
            "res_model": "telecom.billing.run",
            "res_id": run.id,
            "views": [(False, "form")],
            "name": run.display_name,
        }

    def _show_preview_again(self):
        self.sudo()._compute_line_ids()
        self.sudo().write({"fingerprint": self._get_fingerprint(), "has_changed": True})
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "telecom_helpdesk_timesheet.telecom_bill_time_action"
            ),
            "res_id": self.id,
        }


class TelecomBillTimeLine(models.TransientModel):
    """One customer in the preview."""

    _name = "telecom.bill.time.line"
    _description = "Bill Support Time: Customer"
    _inherit = ["telecom.wizard.mixin"]

    wizard_id = fields.Many2one(
        "telecom.bill.time", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    entry_count = fields.Integer(string="Entries", readonly=True)
    spent_hours = fields.Float(string="Spent", readonly=True)
    approved_hours = fields.Float(string="Approved", readonly=True)
    billed_hours = fields.Float(string="To Bill", readonly=True)
    included_hours = fields.Float(string="Included", readonly=True)
    invoiced_hours = fields.Float(string="To Invoice", readonly=True)
    amount = fields.Monetary(string="Untaxed Amount", readonly=True)
    contracts = fields.Char(readonly=True, help="Contracts that covered the work on its day.")
    coverers = fields.Text(
        string="Covered by", readonly=True, help="Contracts and packs, and how many hours of them."
    )
    reckoning = fields.Text(
        string="How It Is Counted",
        readonly=True,
        help="Where the minimum or the step makes it more than what was approved.",
    )
    target = fields.Char(string="Onto", readonly=True)
    problem = fields.Text(string="What Is Left, and Why", readonly=True)

    def _get_shown(self):
        """What the accountant reads in these lines: list of tuples."""
        return [
            self._tell_apart(
                {
                    name: line[name]._origin.id if line._fields[name].relational else line[name]
                    for name in SHOWN
                }
            )
            for line in self.sudo()
        ]

    @api.model
    def _tell_apart(self, values):
        """Tuple that is equal for ``values`` of lines in which the accountant reads the same."""
        shown = (values[name] or 0 for name in SHOWN)
        return tuple(round(value, 6) if isinstance(value, float) else value for value in shown)

    @api.model
    def _describe(self, line, charges, problems, draft, is_hidden):
        """Values of a preview line for what a run's ``line`` would put on ``draft``.

        :param is_hidden: whether its customer is not to be named
        """
        entries = self.env["account.analytic.line"].sudo().union(*[c.entries for c in charges])
        return {
            **self._describe_amounts(line, charges, problems, draft, is_hidden),
            "spent_hours": sum(entries.mapped("unit_amount")),
            "approved_hours": sum(entries.mapped("approved_hours")),
            "contracts": ", ".join(entries.contract_id.mapped("name")),
            "coverers": "\n".join(
                self.env._("%(hours)s h: %(coverer)s", hours=format_hours(covered), coverer=source)
                for source, covered in entries._find_coverers().items()
            ),
            "reckoning": entries._summarize_calculation(),
        }

    @api.model
    def _describe_amounts(self, line, charges, problems, draft, is_hidden):
        """The values of ``_describe`` that must still hold when it is billed: ``SHOWN``."""
        entries = self.env["account.analytic.line"].sudo().union(*[c.entries for c in charges])
        minutes = sum(charge.minutes for charge in charges)
        if draft:
            target = draft.display_name
        elif minutes:
            target = self.env._("New invoice")
        else:
            target = self.env._("No invoice: all is covered") if charges else False
        return {
            "partner_id": not is_hidden and line.partner_id.id,
            "currency_id": line.currency_id.id,
            "entry_count": len(entries),
            "billed_hours": to_hours(sum(to_minutes(e.billed_hours) for e in entries)),
            "included_hours": to_hours(sum(to_minutes(e.included_hours) for e in entries)),
            "invoiced_hours": to_hours(minutes),
            "amount": sum(charge.amount for charge in charges),
            "target": target,
            "problem": "\n".join(problems),
        }
