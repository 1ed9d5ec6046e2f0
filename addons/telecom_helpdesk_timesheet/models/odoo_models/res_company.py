from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    telecom_support_project_id = fields.Many2one(
        "project.project",
        string="Support Project",
        help="Odoo books time on projects: time on tickets goes on this one.",
    )
    telecom_approve_own_time = fields.Boolean(
        string="Managers May Approve Their Own Time",
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

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # Who may make a company is not always allowed to make a project.
        companies.sudo()._create_support_project()
        return companies

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


class ProjectProject(models.Model):
    _inherit = "project.project"

    @api.constrains("company_id")
    def _check_is_support_project(self):
        companies = self.env["res.company"].sudo()
        companies.search([("telecom_support_project_id", "in", self.ids)])._check_support_project()
