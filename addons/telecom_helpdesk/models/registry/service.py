from odoo import api, fields, models


class TelecomService(models.Model):
    """One thing that a customer has from the operator: a line, a trunk, a number."""

    _name = "telecom.service"
    _description = "Service"
    _inherit = ["telecom.guard.mixin", "telecom.phone.mixin", "mail.thread"]
    _order = "type_id, identifier, id"
    _rec_names_search = ["identifier", "supplier_reference", "partner_id.name"]
    _check_company_auto = True
    _phone_countries = (
        "site_partner_id.country_id",
        "partner_id.country_id",
        "commercial_partner_id.country_id",
    )

    identifier = fields.Char(
        required=True,
        tracking=True,
        help="Circuit, line or number by which the customer and the suppliers know it.",
    )
    type_id = fields.Many2one("telecom.service.type", required=True, index=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    site_partner_id = fields.Many2one(
        "res.partner",
        string="Site",
        index="btree_not_null",
        check_company=True,
        help="Address where the service is delivered.",
    )
    state = fields.Selection(
        [
            ("ordered", "Ordered"),
            ("provisioning", "Provisioning"),
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("ceased", "Ceased"),
        ],
        default="ordered",
        required=True,
        index=True,
        tracking=True,
    )
    contract_id = fields.Many2one(
        "telecom.contract",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    supplier_id = fields.Many2one("res.partner", index="btree_not_null", check_company=True)
    supplier_reference = fields.Char(index="btree_not_null")
    activated_on = fields.Date(tracking=True)
    note = fields.Text()
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    ticket_ids = fields.One2many("telecom.ticket", "service_id", string="Tickets", readonly=True)
    open_ticket_count = fields.Integer(compute="_compute_open_ticket_count")

    _identifier_unique = models.UniqueIndex(
        "(identifier, type_id, company_id)",
        "A service of this type with this identifier exists already.",
    )

    @api.depends("identifier", "type_id.name")
    def _compute_display_name(self):
        for service in self:
            service.display_name = (
                f"{service.identifier} ({service.type_id.name})"
                if service.type_id
                else service.identifier
            )

    @api.depends("ticket_ids.state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_open_ticket_count(self):
        counts = self.env["telecom.ticket"]._count_open("service_id", self)
        for service in self:
            service.open_ticket_count = counts.get(service, 0)

    @api.constrains("contract_id", "partner_id")
    def _check_contract_customer(self):
        self.contract_id._check_customer_of(self)

    @api.model
    def _phone_get_number_fields(self):
        return ["identifier"]

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.contract_id.commercial_partner_id != self.commercial_partner_id:
            self.contract_id = False

    def action_open_tickets(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_ticket_action"
        )
        return {
            **action,
            "domain": [("service_id", "=", self.id)],
            "context": {
                "default_service_id": self.id,
                "default_partner_id": self.partner_id.id,
            },
        }
