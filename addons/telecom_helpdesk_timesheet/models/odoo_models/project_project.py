from odoo import api, models


class ProjectProject(models.Model):
    """The company's support project, and what a project has cost."""

    _name = "project.project"
    _inherit = ["project.project", "telecom.cost.mixin"]
    _cost_fields = frozenset({"analytic_account_balance"})

    @api.constrains("company_id")
    def _check_is_support_project(self):
        companies = self.env["res.company"].sudo()
        companies.search([("telecom_support_project_id", "in", self.ids)])._check_support_project()
