from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL


class TelecomIncidentAdd(models.TransientModel):
    """Add services to an incident by criteria, however many they are."""

    _name = "telecom.incident.add"
    _description = "Add Services to a Major Incident"
    _inherit = ["telecom.wizard.mixin"]

    incident_id = fields.Many2one("telecom.ticket", required=True)
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    type_ids = fields.Many2many("telecom.service.type", string="Service Types")
    site_ids = fields.Many2many(
        "res.partner", "telecom_incident_add_site_rel", string="Sites", check_company=True
    )
    city = fields.Char(help="City of the site, or of the customer where there is no site.")
    supplier_id = fields.Many2one("res.partner", check_company=True)
    supplier_reference = fields.Char(help="The whole reference, or a part that all have in common.")
    customer_ids = fields.Many2many(
        "res.partner", "telecom_incident_add_customer_rel", string="Customers", check_company=True
    )
    service_ids = fields.Many2many("telecom.service", string="Single Services", check_company=True)
    service_count = fields.Integer(compute="_compute_service_count")

    @api.depends("incident_id")
    def _compute_company_id(self):
        for wizard in self:
            incident = wizard.incident_id._origin._filtered_access("read")
            wizard.company_id = incident.company_id

    @api.depends(
        "type_ids", "site_ids", "city", "supplier_id", "supplier_reference", "customer_ids",
        "service_ids",
    )  # fmt: skip
    def _compute_service_count(self):
        for wizard in self:
            wizard.service_count = self.env["telecom.service"].search_count(wizard._get_domain())

    def _get_conditions(self):
        """What was chosen: Domains by the field of the wizard."""
        conditions = {}
        if self.type_ids:
            conditions["type_ids"] = Domain("type_id", "in", self.type_ids._origin.ids)
        if self.site_ids:
            conditions["site_ids"] = Domain("site_partner_id", "in", self.site_ids._origin.ids)
        if self.city:
            city = self.city.strip()
            conditions["city"] = Domain("site_partner_id.city", "=ilike", city) | (
                Domain("site_partner_id", "=", False) & Domain("partner_id.city", "=ilike", city)
            )
        if self.supplier_id:
            conditions["supplier_id"] = Domain("supplier_id", "=", self.supplier_id._origin.id)
        if self.supplier_reference:
            conditions["supplier_reference"] = Domain(
                "supplier_reference", "ilike", self.supplier_reference.strip()
            )
        if self.customer_ids:
            accounts = self.customer_ids._origin.commercial_partner_id
            conditions["customer_ids"] = Domain("commercial_partner_id", "in", accounts.ids)
        return conditions

    def _get_domain(self):
        """Services in use that meet all that was chosen, and the single ones."""
        conditions = self._get_conditions()
        chosen = Domain.AND(conditions.values()) if conditions else Domain.FALSE
        return (
            Domain("company_id", "=", self.company_id.id)
            & Domain("state", "!=", "ceased")
            & (chosen | Domain("id", "in", self.service_ids._origin.ids))
        )

    def action_add(self):
        self.ensure_one()
        incident = self.incident_id
        incident.check_access("write")
        self.env.flush_all()
        # In the database itself: an exchange has thousands of services.
        query = self.env["telecom.service"]._search(self._get_domain(), order="id")
        added = self.env.execute_query(
            SQL(
                """INSERT INTO telecom_incident_service_rel (incident_id, service_id)
                   SELECT %s, service.id FROM (%s) AS service
                   ON CONFLICT DO NOTHING RETURNING service_id""",
                incident.id,
                query.select(),
            )
        )
        if not added:
            raise UserError(self.env._("No service is new to the incident. Choose others."))
        self.env.invalidate_all(flush=False)
        incident._message_log(body=self._describe(len(added)))
        return {"type": "ir.actions.act_window_close"}

    def _describe(self, count):
        """What was added, for the incident's thread."""
        lines = []
        for name in [*self._get_conditions(), *(["service_ids"] if self.service_ids else [])]:
            field = self._fields[name]
            value = self[name]
            if field.relational:
                shown = value[:10].mapped("display_name") + (["…"] if len(value) > 10 else [])
                value = ", ".join(shown)
            label = field.get_description(self.env, ["string"])["string"]
            lines.append(Markup("<li>%s: %s</li>") % (label, value))
        text = escape(self.env._("Services added: %(count)s", count=count))
        return Markup("<p>%s</p><ul>%s</ul>") % (text, Markup().join(lines))
