from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL


class TelecomService(models.Model):
    """A service says which major incident hits it now."""

    _inherit = "telecom.service"

    affecting_incident_ids = fields.Many2many(
        "telecom.ticket",
        string="Affected by",
        compute="_compute_affecting_incident_ids",
        search="_search_affecting_incident_ids",
        help="Major incidents and maintenance windows that affect this service now.",
    )

    @api.depends("site_partner_id")
    def _compute_affecting_incident_ids(self):
        tickets = self.env["telecom.ticket"]
        under_way, _linking = tickets._get_incidents_under_way()
        affected = (
            tickets._find_affected(list(under_way), self._origin.ids, []) if under_way else {}
        )
        allowed = self.env.companies.ids
        for service in self:
            ids = affected.get(("service", service._origin.id), ())
            service.affecting_incident_ids = tickets.browse(
                id_ for id_ in ids if under_way[id_] in allowed
            )

    @api.model
    def _search_affecting_incident_ids(self, operator, value):
        """By ids of incidents, over or not."""
        if operator != "in":
            return NotImplemented
        incidents = self.env["telecom.ticket"].browse(id_ for id_ in value if id_)
        incidents = incidents._filtered_access("read")
        services = SQL(
            "(SELECT service_id FROM (%s) AS affected)", incidents._sql_affected_services()
        )
        return [("id", "in", services)]

    def action_open_affecting_incident(self):
        self.ensure_one()
        self.check_access("read")
        return self.affecting_incident_ids.sorted("id")[-1:]._get_incident_action()

    def action_not_affected(self):
        """Take the services off the incident whose list of services this is."""
        self.check_access("read")
        incident = self.env["telecom.ticket"].browse(self.env.context.get("telecom_incident_id"))
        incident.ensure_one()
        incident.check_access("write")
        named = self & incident.affected_service_ids
        if by_site := self - named:
            raise UserError(
                self.env._(
                    "%(service)s is affected through its site, %(site)s. Take the site off the "
                    "incident instead.",
                    service=by_site[:1].display_name,
                    site=by_site[:1].site_partner_id.display_name,
                )
            )
        incident.affected_service_ids = [Command.unlink(service.id) for service in named]
