from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

ACCOUNTANT = "account.group_account_invoice"
GROUPINGS = [
    ("ticket", "A line for each ticket"),
    ("entry", "A line for each entry"),
    ("single", "One line in all"),
]


class PreviewOutdated(Exception):
    """What is about to be billed is not what the preview showed."""


class TelecomBillingRun(models.Model):
    """Approved time of a company is billed: when, by whom, and what came of it."""

    _name = "telecom.billing.run"
    _description = "Billing Run"
    _inherit = ["telecom.guard.mixin", "mail.thread", "mail.activity.mixin", "telecom.due.mixin"]
    # Whoever is notified of what was left out may mark it as done.
    _mail_post_access = "read"
    _order = "id desc"
    _due_cron = "telecom_helpdesk_timesheet.ir_cron_billing_run_due"

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    origin = fields.Selection(
        [("manual", "Manual"), ("automatic", "Automatic")],
        required=True,
        readonly=True,
        default="manual",
    )
    state = fields.Selection(
        [("planned", "Planned"), ("running", "Running"), ("done", "Done")],
        required=True,
        readonly=True,
        default="done",
    )
    user_id = fields.Many2one(
        "res.users", string="By", readonly=True, default=lambda self: self.env.user
    )
    planned_at = fields.Datetime(readonly=True)
    begun_at = fields.Datetime(string="Billed on", readonly=True)
    date_until = fields.Date(
        string="Work Until", readonly=True, help="Work after this day is left for the next time."
    )
    grouping = fields.Selection(GROUPINGS, string="Invoice Lines", readonly=True)
    invoice_date = fields.Date(readonly=True)
    move_id = fields.Many2one(
        "account.move",
        string="Onto",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Draft that the time was added to. Empty: each customer's next.",
    )
    line_ids = fields.One2many(
        "telecom.billing.run.line", "run_id", string="Customers", readonly=True
    )
    invoice_count = fields.Integer(compute="_compute_result")
    reason = fields.Char(
        string="Why No Invoice", compute="_compute_result", help="Why this run made no invoice."
    )
    problem_count = fields.Integer(string="With Problems", compute="_compute_result")
    waiting_count = fields.Integer(string="Still to Come", compute="_compute_result")

    _planned_once = models.UniqueIndex("(company_id) WHERE state = 'planned'")

    @api.depends("begun_at", "planned_at", "company_id")
    def _compute_display_name(self):
        for run in self:
            at = run.begun_at or run.planned_at
            day = format_date(self.env, at and fields.Datetime.context_timestamp(run, at).date())
            run.display_name = self.env._("Billing of %s", day)

    @api.depends("date_until", "line_ids.move_id", "line_ids.problem", "line_ids.state", "state")
    def _compute_result(self):
        for run in self:
            lines = run.sudo().line_ids
            run.invoice_count = len(lines.move_id)
            run.problem_count = len(lines.filtered("problem"))
            run.waiting_count = len(lines.filtered(lambda line: line.state == "waiting"))
            run.reason = run.state == "done" and not lines.move_id and run._explain_nothing()

    def _explain_nothing(self):
        """Why this run, which is over, put nothing on an invoice, in words."""
        states = set(self.sudo().line_ids.mapped("state"))
        if "billed" in states:
            return self.env._("No invoice is left: what this run made was deleted since.")
        if states == {"covered"}:
            return self.env._("No invoice: contracts or packs cover all of the time.")
        if states:
            return self.env._("No invoice: the time was left, for the reasons below.")
        if self.date_until:
            return self.env._(
                "No invoice: no approved time up to %s waited to be billed.",
                format_date(self.env, self.date_until),
            )
        return self.env._("No invoice: no approved time waited to be billed.")

    # Running

    @api.model
    def _start(self, company, *, until=None, partners=None, grouping=None, shown=None, **options):
        """Bill what is approved, now, as the current user.

        :param partners: customers (res.partner) to bill; all if empty
        :param grouping: see ``GROUPINGS``; the company's if empty
        :param shown: what the preview showed of each customer, see ``_get_shown`` of
            ``telecom.bill.time.line``; None: there was no preview
        :param options: further values of the run, such as ``invoice_date``
        :return: the run, whose lines say what came of each customer
        :raises AccessError: the user may not make invoices
        :raises PreviewOutdated: it would not be what was ``shown``; roll back what was written
        """
        if not self.env.su:
            self._check_may_bill(company, partners)
        run = self.sudo().create(
            {
                "company_id": company.id,
                "begun_at": self._due_now(),
                "date_until": until,
                "grouping": grouping or company.telecom_billing_grouping,
                **options,
            }
        )
        lines = run._make_lines(partners).with_env(self.env)
        if shown is not None:
            if len(shown) != len(lines):
                raise PreviewOutdated
            shown = dict(zip(lines.ids, shown, strict=True))
        lines.with_company(company)._bill(shown)
        return run.with_env(self.env)

    @api.model
    def _check_may_bill(self, company, partners=None):
        """:raises AccessError: the present user does not bill for ``company``, or has no access
        to one of ``partners``"""
        people = self.with_user(self.env.user)  # not as superuser, as whom previews are computed
        if not people.env.user.has_group(ACCOUNTANT):
            raise AccessError(self.env._("Only those who may make invoices bill support time."))
        if company not in people.env.companies:
            raise AccessError(self.env._("You do not bill support time of this company."))
        if partners:
            partners.with_env(people.env).check_access("read")

    def _get_invoicing_day(self):
        """The day (date) that a new invoice is of."""
        return self.invoice_date or self._get_today(self.company_id)

    def _get_price_day(self, draft=None):
        """The day (date) whose prices and exchange rates count for what goes on ``draft``
        (account.move), or on a new invoice; None: each entry's own."""
        if self.company_id.sudo().telecom_price_day == "work":
            return None
        return (draft and draft.sudo().invoice_date) or self._get_invoicing_day()

    def _find_obstacle(self):
        """Why this run can make no new invoice, in words; or False."""
        company = self.company_id.sudo()
        journals = self.env["account.journal"].sudo()
        journal = journals.search(
            [*journals._check_company_domain(company), ("type", "=", "sale")], limit=1
        )
        if not journal:
            return self.env._("%s has no sales journal.", company.name)
        day = self._get_invoicing_day()
        user_company = company.with_user(self.env.user)
        if locks := user_company._get_violated_lock_dates(day, True, journal):
            return self.env._(
                "The period of %(date)s is closed: the books are locked until %(lock)s. A later "
                "invoice date helps.",
                date=format_date(self.env, day),
                lock=format_date(self.env, locks[-1][0]),
            )
        return False

    def _make_lines(self, partners=None):
        """One line for each customer and currency with approved time."""
        entries = self.env["account.analytic.line"]._find_to_bill(
            self.company_id, self.date_until, partners
        )
        return (
            self.env["telecom.billing.run.line"]
            .sudo()
            .create(
                [
                    {"run_id": self.id, "partner_id": partner.id, "currency_id": currency.id}
                    for partner, currency in entries._group_by_account()
                ]
            )
        )

    # Run by the scheduler

    def _get_next_due(self):
        if self.state == "planned":
            return self.planned_at
        if self.state == "running":
            # Its customers are billed meanwhile, perhaps by several servers: look again.
            return self._due_now() + timedelta(minutes=1)
        return super()._get_next_due()

    def _on_due(self, now):
        for run in self:
            if run.state == "planned":
                run._begin(now)
            elif not run.waiting_count:
                run._end()

    def _begin(self, now):
        """Have every customer's time billed, and plan the next run.

        The scheduler bills each customer as a row of its own: a failure of one does not block the
        others.
        """
        company = self.company_id
        self.write(
            {
                "state": "running",
                "begun_at": now,
                "invoice_date": self._get_today(company, now),
                "grouping": company.telecom_billing_grouping,
            }
        )
        self._make_lines().with_company(company)._plan_due()
        self._plan_next(company)

    def _end(self):
        """All customers are done: notify somebody of what was left out."""
        self.state = "done"
        if self.problem_count:
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("Support time was left (customers: %s)", self.problem_count),
                user_id=self._get_due_responsible().id,
            )

    def _get_due_responsible(self):
        """Who set up automatic billing, if they still may bill; else another accountant."""
        return self.env["telecom.agent"]._get_people_to_notify(
            self.company_id.telecom_billing_user_id,
            company=self.company_id,
            group=ACCOUNTANT,
            fallback=ACCOUNTANT,
        )[:1]

    def action_open_invoices(self):
        """Open the invoices that this run's time went on."""
        self.ensure_one()
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type"),
            "domain": [("id", "in", self.line_ids.move_id.ids)],
            "context": {"default_move_type": "out_invoice"},
        }
