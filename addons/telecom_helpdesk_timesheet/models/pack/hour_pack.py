from odoo import api, fields, models
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes

PACK_STATES = [
    ("active", "Active"),
    ("used", "Used Up"),
    ("expired", "Expired"),
    ("waiting", "On Hold"),
    ("cancelled", "Cancelled"),
]


class TelecomHourPack(models.Model):
    """Hours of support that a customer bought beforehand, on an invoice, and what became of them.

    An hour is an hour, whatever the rate of the work: what the rate's minimum and step make of the
    work is used up.
    """

    _name = "telecom.hour.pack"
    _description = "Hour Pack"
    _inherit = [
        "telecom.allotment.mixin",
        "telecom.guard.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "telecom.due.mixin",
    ]
    _is_software_owned = True
    # Whoever is notified that hours run low may mark it as done.
    _mail_post_access = "read"
    _order = "date_start desc, id desc"
    _due_cron = "telecom_helpdesk_timesheet.ir_cron_hour_pack_due"

    name = fields.Char(
        string="Purchase",
        required=True,
        readonly=True,
        help="The invoice that the hours were bought with.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    contact_id = fields.Many2one(
        "res.partner",
        string="Bought by",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Who the invoice was for.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    product_id = fields.Many2one("product.product", required=True, readonly=True)
    invoice_line_id = fields.Many2one(
        "account.move.line",
        required=True,
        readonly=True,
        ondelete="restrict",
        groups="account.group_account_invoice",
    )
    invoice_id = fields.Many2one(
        related="invoice_line_id.move_id",
        string="Invoice",
        groups="account.group_account_invoice",
    )
    unit_hours = fields.Float(
        string="Hours per Unit", readonly=True, help="As the product had it when it was sold."
    )
    date_start = fields.Date(string="From", required=True, readonly=True)
    date_end = fields.Date(
        string="Expires", readonly=True, help="Last day of work that it covers. Empty: no end."
    )
    bought_hours = fields.Float(string="Bought", readonly=True)
    credited_hours = fields.Float(
        string="Taken Back",
        readonly=True,
        help="By a credit note, or as the invoice was cancelled.",
    )
    used_hours = fields.Float(string="Used", readonly=True, help="By work that was approved.")
    left_hours = fields.Float(string="Left", readonly=True)
    lost_hours = fields.Float(string="Lost", readonly=True, help="Hours that nobody used in time.")
    used_percent = fields.Float(string="Used (%)", compute="_compute_used_percent")
    # As mails to the customer say it.
    bought_text = fields.Char(compute="_compute_texts")
    left_text = fields.Char(compute="_compute_texts")
    state = fields.Selection(
        PACK_STATES,
        required=True,
        readonly=True,
        default="active",
        index=True,
        help="On hold: its invoice is a draft again, and it covers no further work meanwhile.",
    )
    warned_at = fields.Datetime(string="Warned on", readonly=True)

    _line_unique = models.UniqueIndex("(invoice_line_id)")
    _not_overdrawn = models.Constraint(
        "CHECK (left_hours >= 0 AND used_hours >= 0 AND credited_hours >= 0)",
        "A pack cannot cover more hours than were bought.",
    )

    @api.depends("name", "bought_hours")
    def _compute_display_name(self):
        for pack in self:
            pack.display_name = self.env._(
                "%(hours)s h of %(invoice)s",
                hours=format_hours(to_minutes(pack.bought_hours)),
                invoice=pack.name,
            )

    @api.depends("bought_hours", "credited_hours", "used_hours")
    def _compute_used_percent(self):
        for pack in self:
            granted = pack.bought_hours - pack.credited_hours
            pack.used_percent = 100 * pack.used_hours / granted if granted else 0

    @api.depends("bought_hours", "left_hours")
    def _compute_texts(self):
        for pack in self:
            pack.bought_text = format_hours(to_minutes(pack.bought_hours))
            pack.left_text = format_hours(to_minutes(pack.left_hours))

    @api.model
    def _find_current(self, customers):
        """Packs (as superuser) of ``customers`` that may cover work of today, the first to be used
        first, and those that are used up: ``{(customer, company): packs}``."""
        today = self.env["telecom.contract"]._get_today()
        packs = self.sudo().search(
            [
                ("partner_id", "in", customers.ids),
                ("state", "in", ("active", "used")),
                ("date_start", "<=", today),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", today),
            ],
            order="date_start, id",
        )
        return packs.grouped(lambda pack: (pack.partner_id, pack.company_id))

    @api.model
    def _get_waiting_minutes(self, accounts):
        """Minutes of billable work that nobody approved yet: ``{(customer, company): int}``.

        :param accounts: pairs (customer, company)
        """
        if not accounts:
            return {}
        customers = self.env["res.partner"].union(*[customer for customer, _company in accounts])
        groups = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                [
                    ("partner_id", "in", customers.ids),
                    ("ticket_id", "!=", False),
                    ("billing_state", "=", "to_approve"),
                    ("billable", "=", True),
                ],
                ["partner_id", "company_id"],
                ["unit_amount:sum"],
            )
        )
        return {(customer, company): to_minutes(hours) for customer, company, hours in groups}

    def _describe_left_hours(self, waiting=0):
        """What is left of these packs of one customer, in words.

        :param waiting: minutes of work that nobody approved yet
        """
        active = self.filtered(lambda pack: pack.state == "active")
        if not active:
            return self.env._("packs of hours are used up")
        text = self.env._(
            "%s h left in packs", format_hours(sum(to_minutes(pack.left_hours) for pack in active))
        )
        if days := [pack.date_end for pack in active if pack.date_end]:
            until = format_date(self.env, min(days))
            text = self.env._("%(left)s, to be used first until %(until)s", left=text, until=until)
        if waiting:
            hours = format_hours(waiting)
            text = self.env._("%(left)s; %(hours)s h wait for approval", left=text, hours=hours)
        return text
