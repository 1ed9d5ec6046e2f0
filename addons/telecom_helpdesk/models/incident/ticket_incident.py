from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..odoo_models.res_company import LINK_CHOICES


class TelecomTicket(models.Model):
    """Major incidents: a ticket that stands for one fault which hits many customers.

    Planned maintenance is the same thing with a window. The customers' own tickets are its
    children (``parent_id``), one level deep; how they are linked is in ``ticket_incident_link.py``,
    what is sent to their customers in ``incident_update.py``, and when
    an incident counts in ``ticket_incident_window.py``.
    """

    _inherit = "telecom.ticket"

    parent_id = fields.Many2one(
        "telecom.ticket",
        string="Major Incident",
        index="btree_not_null",
        check_company=True,
        copy=False,
        tracking=True,
        domain="[('incident_kind', '!=', False), ('is_done', '=', False)]",
        help="The incident that this ticket is a consequence of.",
    )
    incident_kind = fields.Selection(
        [("incident", "Major Incident"), ("maintenance", "Planned Maintenance")],
        string="Incident Type",
        copy=False,
        tracking=True,
    )
    is_incident = fields.Boolean(compute="_compute_is_incident", search="_search_is_incident")
    incident_since = fields.Datetime(
        string="Since",
        compute="_compute_incident_defaults",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="When it began, or is planned to. Agents see it beside the tickets of affected "
        "customers.",
    )
    tie_new_tickets = fields.Selection(
        LINK_CHOICES,
        string="New Tickets Are",
        compute="_compute_incident_defaults",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="What becomes of a new ticket on an affected service, whatever the channel.",
    )
    affected_service_ids = fields.Many2many(
        "telecom.service",
        "telecom_incident_service_rel",
        "incident_id",
        "service_id",
        string="Affected Services",
        copy=False,
        check_company=True,
    )
    affected_site_ids = fields.Many2many(
        "res.partner",
        "telecom_incident_site_rel",
        "incident_id",
        "partner_id",
        string="Affected Sites",
        copy=False,
        check_company=True,
        help="Every service delivered there is affected.",
    )
    incident_update_ids = fields.One2many("telecom.incident.update", "incident_id")
    affected_service_count = fields.Integer(
        string="Services Affected", compute="_compute_affected_counts"
    )
    affected_customer_count = fields.Integer(
        string="Customers Affected",
        compute="_compute_affected_counts",
        help="Accounts that have an affected service or a ticket linked to the incident.",
    )

    _incident = models.Index("(company_id, state) WHERE incident_kind IS NOT NULL")

    @api.depends("incident_kind")
    def _compute_is_incident(self):
        for ticket in self:
            ticket.is_incident = bool(ticket.incident_kind)

    @api.model
    def _search_is_incident(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        is_wanted = (True in value) == (operator == "in")
        return Domain("incident_kind", "!=" if is_wanted else "=", False)

    @api.depends("incident_kind", "planned_from")
    def _compute_incident_defaults(self):
        for ticket in self:
            if ticket.incident_kind:
                planned = ticket.incident_kind == "maintenance" and ticket.planned_from
                ticket.incident_since = planned or ticket.incident_since or self._due_now()
                company = ticket.company_id or self.env.company
                ticket.tie_new_tickets = (
                    ticket.tie_new_tickets or company.sudo().telecom_tie_new_tickets
                )
            else:
                ticket.incident_since = ticket.tie_new_tickets = False

    @api.depends("affected_service_ids", "affected_site_ids", "child_ids.commercial_partner_id")
    def _compute_affected_counts(self):
        """Counted by the database in one query: an exchange has thousands of services."""
        self.affected_service_count = self.affected_customer_count = 0
        incidents = self.filtered("incident_kind")
        if not incidents.ids:
            return
        self._flush_affected()
        rows = self.env.execute_query(
            SQL(
                """WITH service AS (%(services)s),
                        account AS (
                            SELECT incident_id, account_id FROM service
                            UNION
                            SELECT parent_id, commercial_partner_id FROM telecom_ticket
                            WHERE parent_id = ANY(%(ids)s)
                        )
                   SELECT incident.id,
                          (SELECT count(*) FROM service WHERE incident_id = incident.id),
                          (SELECT count(account_id) FROM account WHERE incident_id = incident.id)
                   FROM telecom_ticket incident WHERE incident.id = ANY(%(ids)s)""",
                services=incidents._sql_affected_services(),
                ids=incidents.ids,
            )
        )
        counts = {id_: (services, customers) for id_, services, customers in rows}
        for incident in incidents:
            services, customers = counts.get(incident._origin.id, (0, 0))
            incident.affected_service_count = services
            incident.affected_customer_count = customers

    @api.constrains("parent_id", "incident_kind")
    def _check_parent_id(self):
        for ticket in self.sudo():
            if ticket.parent_id and ticket.incident_kind:
                raise ValidationError(
                    self.env._(
                        "“%(ticket)s” is a major incident itself. It cannot be linked to another.",
                        ticket=ticket.display_name,
                    )
                )
            if ticket.parent_id and not ticket.parent_id.incident_kind:
                raise ValidationError(
                    self.env._(
                        "“%(ticket)s” is not a major incident. Declare it as one first.",
                        ticket=ticket.parent_id.display_name,
                    )
                )
            if not ticket.incident_kind and ticket.child_ids:
                raise ValidationError(
                    self.env._(
                        "Tickets are linked to “%(ticket)s”. Unlink them first.",
                        ticket=ticket.display_name,
                    )
                )

    # Screens

    def action_declare_incident(self):
        """Make an incident of what a customer reports; their ticket becomes its first child."""
        self.ensure_one()
        self.check_access("write")
        incident = self
        if self.partner_id or self.partner_email:
            incident = self.create(self._prepare_incident_values())
            self.parent_id = incident
        else:
            self.write(
                {
                    "incident_kind": "incident",
                    "incident_since": self.create_date.replace(microsecond=0),
                    "parent_id": False,
                }
            )
        return incident._get_incident_action()

    def _prepare_incident_values(self):
        return {
            # The customer's words stay on their ticket: agents of all teams read an incident's.
            "name": self._suggest_incident_title() or self.env._("Major incident"),
            "incident_kind": "incident",
            "incident_since": self.create_date.replace(microsecond=0),
            "team_id": self.team_id.id,
            "company_id": self.company_id.id,
            "category_id": self.category_id.filtered("active").id,
            "user_id": self.env.uid,
            "channel": "manual",
            "priority": "3",
            "impact": "high",
            "urgency": "high",
            "affected_service_ids": self.service_id.ids,
        }

    def _suggest_incident_title(self):
        """What customers could be written to about, in the language of the context: which kind of
        service is hit and where. No word of a ticket, and no customer's name; False where
        nothing is known.
        """
        services = self.service_id.sudo()
        if self.ids and self.incident_kind:
            self._flush_affected()
            rows = self.env.execute_query(
                SQL("SELECT service_id FROM (%s) AS s LIMIT 500", self._sql_affected_services())
            )
            services = services.browse(id_ for (id_,) in rows)
        types = services.type_id.sorted("sequence").mapped("name")
        if not types or len(types) > 3:
            return False
        cities = {
            (service.site_partner_id or service.partner_id).city or "" for service in services
        }
        place = cities.pop() if len(cities) == 1 else ""
        what = ", ".join(filter(None, (" / ".join(types), place)))
        if self.incident_kind == "maintenance":
            return self.env._("Planned maintenance: %(what)s", what=what)
        return self.env._("Disruption: %(what)s", what=what)

    def _get_incident_action(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_incident_action"
        )
        return {**action, "res_id": self.id, "views": [(False, "form")], "view_mode": "form"}

    def action_open_affected_services(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_incident_service_action"
        )
        return {
            **action,
            "domain": [("affecting_incident_ids", "in", self.ids)],
            "context": {"telecom_incident_id": self.id},
        }

    def action_open_affected_customers(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("base.action_partner_form")
        rows = self.env.execute_query(
            SQL(
                """SELECT account_id FROM (%s) AS service
                   UNION SELECT commercial_partner_id FROM telecom_ticket WHERE parent_id = %s""",
                self._sql_affected_services(),
                self.id,
            )
        )
        return {
            **action,
            "display_name": self.env._("Customers Affected"),
            "domain": [("id", "in", [id_ for (id_,) in rows if id_])],
            "views": [(False, "list"), (False, "form")],
            "context": {},
        }
