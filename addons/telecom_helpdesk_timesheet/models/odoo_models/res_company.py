from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import frozendict

from ..billing.billing_run import GROUPINGS

PRICE_DAYS = [("work", "Of the day of the work"), ("invoice", "Of the day of the invoice")]


class ResCompany(models.Model):
    """How a company books, reviews and bills the time on its tickets."""

    _inherit = "res.company"
    _bounds = frozendict(
        {
            "telecom_approval_reminder_days": (0, 366),
            "telecom_billing_day": (0, None),
            "telecom_billing_reminder_days": (0, 366),
            "telecom_budget_percent": (1, 100),
            "telecom_long_day_hours": (0, 24),
            "telecom_pack_warning_percent": (0, 100),
            "telecom_timer_reminder_hours": (None, 8_760),  # a year
        }
    )

    telecom_support_project_id = fields.Many2one(
        "project.project",
        string="Support Project",
        help="Odoo books time on projects: time on tickets goes on this one.",
    )
    telecom_timer_reminder_hours = fields.Integer(
        string="Timer Reminder",
        default=4,
        help="An agent whose timer has been running for so many hours is asked whether they still "
        "work. 0: never.",
    )

    # Review

    telecom_approve_own_time = fields.Boolean(
        string="Managers May Approve Their Own Time",
    )
    telecom_long_day_hours = fields.Integer(
        string="Check Time Longer than",
        default=12,
        help="More hours than this in one entry, or of one agent on one day, are marked for "
        "whoever approves them, and are not approved together with other time. 0: never.",
    )
    telecom_approval_reminder_days = fields.Integer(
        string="Remind of Time to Approve after",
        default=3,
        help="Managers get a mail, once a day, while time has been waiting for their approval for "
        "more days than this. 0: never.",
    )

    # Hours that were agreed or bought

    telecom_budget_percent = fields.Integer(
        string="Warn of Agreed Hours at",
        default=80,
        required=True,
        help="Share of the agreed hours, in percent, from which on somebody is notified.",
    )
    telecom_pack_warning_percent = fields.Integer(
        string="Warn of Packs at",
        default=20,
        help="Percent of a pack's hours that are left. The customer's salesperson is notified, "
        "else a manager of the helpdesk, once for each pack. 0: nobody is.",
    )
    telecom_pack_tell_customer = fields.Boolean(
        string="Notify the Customer Too",
        help="By mail to whom the invoice was for, once for each pack.",
    )

    # Billing

    telecom_billing_day = fields.Integer(
        string="Bill Support Time on Day",
        help="Day of the month on which approved time is put on invoices automatically, 1 to 28. "
        "0: only by hand.",
    )
    telecom_billing_grouping = fields.Selection(
        GROUPINGS, string="Support Lines on Invoices", default="ticket", required=True
    )
    telecom_billing_user_id = fields.Many2one(
        "res.users",
        string="Notified of What Is Left Out",
        ondelete="set null",
        help="Who is notified of what could not be billed automatically. Empty: an accountant.",
    )
    telecom_billing_append_sheet = fields.Boolean(
        string="Append Time Sheet to Invoices", default=True
    )
    telecom_price_day = fields.Selection(
        PRICE_DAYS,
        string="Prices and Exchange Rates",
        default="work",
        required=True,
        help="Whose day decides which prices of the customer's pricelist hold, and at which "
        "exchange rate they are converted. The day of the invoice is its date or, as long as it "
        "has none, the day on which the time is put on it. Prices by quantity go by all the work "
        "that is billed to a customer at once.",
    )
    telecom_billing_reminder_days = fields.Integer(
        string="Show Time Not Billed after",
        default=31,
        help="The dashboard shows managers the time that was approved more days ago than this and "
        "is not billed. 0: never.",
    )

    _telecom_billing_day_in_month = models.Constraint(
        "CHECK (telecom_billing_day BETWEEN 0 AND 28)",
        "Choose a day from 1 to 28, which every month has, or 0 to bill by hand only.",
    )

    @api.constrains("telecom_support_project_id")
    def _check_support_project(self):
        for company in self.sudo():
            project = company.telecom_support_project_id
            if project and project.company_id != company:
                raise ValidationError(
                    self.env._(
                        "The support project of %(company)s has to be one of its own, and "
                        "“%(project)s” is not.",
                        company=company.name,
                        project=project.name,
                    )
                )

    @api.constrains("telecom_timer_reminder_hours")
    def _check_timer_reminder_hours(self):
        for company in self:
            if company.telecom_timer_reminder_hours < 0:
                raise ValidationError(
                    self.env._(
                        "After how many hours are agents asked about a running timer? 0 means "
                        "never."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Each company that Odoo makes needs a project for its support time. Who may make a company
        is not always allowed to make a project."""
        companies = super().create(vals_list)
        companies.sudo()._create_support_project()
        companies.filtered("telecom_billing_day")._plan_billing()
        return companies

    def write(self, vals):
        """Odoo saves the settings of ``res.config.settings`` here: what is planned by them is
        planned anew."""
        result = super().write(vals)
        if "telecom_billing_day" in vals:
            self._plan_billing()
        if "telecom_timer_reminder_hours" in vals:
            self._plan_timers()
        return result

    def _get_support_project(self):
        """Project (project.project, as superuser) that this company's time on tickets goes on.

        :raises UserError: it does not take time any more
        """
        company = self.sudo()
        company._create_support_project()
        project = company.telecom_support_project_id
        if not project.active or not project.allow_timesheets:
            raise UserError(
                self.env._(
                    "Time on tickets of %(company)s is booked on the project “%(project)s”, which "
                    "is archived or takes no timesheets. Choose another in Settings > Helpdesk.",
                    company=company.name,
                    project=project.name,
                )
            )
        return project

    def _create_support_project(self):
        """Make the project that time on tickets is booked on, where there is none yet."""
        for company in self.filtered(lambda company: not company.telecom_support_project_id):
            company.telecom_support_project_id = (
                self.env["project.project"]
                .with_company(company)
                .create(
                    {
                        "name": self.env._("Support"),
                        "company_id": company.id,
                        "allow_timesheets": True,
                        "privacy_visibility": "employees",
                    }
                )
            )

    def _plan_billing(self):
        for company in self:
            self.env["telecom.billing.run"]._plan_next(company)

    def _plan_timers(self):
        running = [("ticket_id.company_id", "in", self.ids), ("running_since", "!=", False)]
        self.env["telecom.ticket.timer"].sudo().search(running)._plan_due()
