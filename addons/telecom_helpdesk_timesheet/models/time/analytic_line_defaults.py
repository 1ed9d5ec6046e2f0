from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Date


class AccountAnalyticLine(models.Model):
    """What an entry on a ticket needs besides what its agent says is filled in."""

    _inherit = "account.analytic.line"

    @api.model
    def _fill_log_values(self, vals_list):
        """Complete the values (dicts, in place) of new entries on tickets.

        :raises AccessError: somebody who may not see one of the tickets
        :raises UserError: what is missing, and who can provide it
        """
        tickets = self.env["telecom.ticket"].browse({vals["ticket_id"] for vals in vals_list})
        tickets._check_can_log()
        for vals in vals_list:
            ticket = tickets.browse(vals["ticket_id"]).sudo()
            vals["company_id"] = ticket.company_id.id
            self._fill_project(vals, ticket)
            vals["name"] = vals.get("name") or ticket.name
            vals.pop("partner_id", None)  # the ticket's
        self._fill_employees(vals_list)

    def _fill_changed_values(self, vals):
        """Complete the values (dict, in place) that these entries are changed by."""
        if vals.get("ticket_id"):
            ticket = self.env["telecom.ticket"].browse(vals["ticket_id"])
            ticket._check_can_log()
            if any(line.ticket_id != ticket for line in self.sudo()):
                self._fill_project(vals, ticket.sudo())
        elif "project_id" in vals and "ticket_id" not in vals:
            for ticket in self.sudo().ticket_id:
                self._fill_project(vals, ticket)
        if vals.get("date") and "started_at" not in vals and len(self) == 1 and self.started_at:
            # Another day, the same time of day.
            days = Date.to_date(vals["date"]) - self._get_local_day(self.started_at)
            vals["started_at"] = self.started_at + timedelta(days=days.days)

    @api.model
    def _fill_project(self, vals, ticket):
        """Odoo books time on projects: put time on a ticket on the one for support."""
        project = ticket.company_id._get_support_project()
        if (vals.get("project_id") or project.id) != project.id:
            other = self.env["project.project"].sudo().browse(vals["project_id"])
            raise UserError(
                self.env._(
                    "Time on tickets is booked on the project “%(project)s”, not on “%(other)s”.",
                    project=project.name,
                    other=other.name,
                )
            )
        vals["project_id"] = project.id

    @api.model
    def _fill_employees(self, vals_list):
        """Odoo books time of employees: find that of each entry's user.

        :raises UserError: somebody has none
        """
        default = self.env.context.get("default_employee_id")
        open_vals = [vals for vals in vals_list if not vals.get("employee_id", default)]
        if not open_vals:
            return
        users = self.env["res.users"].browse(
            {vals.get("user_id") or self._default_user() for vals in open_vals}
        )
        companies = self.env["res.company"].browse({vals["company_id"] for vals in open_vals})
        employees = (
            self.env["hr.employee"]
            .sudo()
            .search(
                [
                    ("user_id", "in", users.ids),
                    ("company_id", "in", (companies | self.env.companies).ids),
                ]
            )
        )
        for vals in open_vals:
            user_id = vals.get("user_id") or self._default_user()
            own = employees.filtered(
                lambda employee, user_id=user_id: employee.user_id.id == user_id
            )
            here = own.filtered(
                lambda employee, vals=vals: employee.company_id.id == vals["company_id"]
            )
            # Who is employed by one company of the group alone works for the others too.
            employee = here[:1] or (own if len(own) == 1 else own.browse())
            if not employee:
                self._refuse_without_employee(
                    users.browse(user_id), companies.browse(vals["company_id"])
                )
            vals["employee_id"] = employee.id

    @api.model
    def _refuse_without_employee(self, user, company):
        makers = (
            self.env["res.users"]
            .sudo()
            .search(
                [
                    ("all_group_ids", "in", self.env.ref("hr.group_hr_user").ids),
                    ("company_ids", "in", company.ids),
                    ("share", "=", False),
                ],
                order="id",
                limit=3,
            )
        )
        raise UserError(
            self.env._(
                "%(user)s has no employee record in %(company)s, and Odoo books time of employees "
                "only. Ask one of those who manage employees (%(makers)s) to make one: Employees > "
                "New, with %(user)s as the related user.",
                user=user.sudo().name,
                company=company.sudo().name,
                makers=", ".join(makers.mapped("name")) or self.env._("nobody yet"),
            )
        )
