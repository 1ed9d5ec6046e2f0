from odoo import fields, models


class ProjectProject(models.Model):
    _name = "project.project"
    _inherit = ["project.project", "telecom.guard.mixin"]

    is_telecom_deployment = fields.Boolean(
        string="Deployment",
        help="This project installs services for its customer; the helpdesk shows it.",
    )
    telecom_service_ids = fields.Many2many(
        "telecom.service",
        "telecom_project_service_rel",
        "project_id",
        "service_id",
        string="Services",
        groups="telecom_helpdesk.group_agent",
        domain="[('commercial_partner_id.child_ids', 'parent_of', partner_id)]",
        help="Services that this deployment puts in place.",
    )
