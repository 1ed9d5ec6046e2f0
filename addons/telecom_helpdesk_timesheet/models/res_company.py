from odoo import fields, models


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
