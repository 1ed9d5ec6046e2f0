from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import get_lang


class TelecomTicket(models.Model):
    """Whom a ticket is for: contact, account, service, contract and tier."""

    _inherit = "telecom.ticket"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", index=True, tracking=True, check_company=True
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Customer Account",
        store=True,
        precompute=True,
    )
    partner_name = fields.Char(
        string="Contact Name",
        compute="_compute_partner_details",
        store=True,
        readonly=False,
        precompute=True,
    )
    partner_email = fields.Char(
        string="Email",
        compute="_compute_partner_details",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
    )
    partner_phone = fields.Char(
        string="Phone",
        compute="_compute_partner_details",
        store=True,
        readonly=False,
        precompute=True,
    )
    service_id = fields.Many2one(
        "telecom.service",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        domain="[('commercial_partner_id', '=?', commercial_partner_id)]",
    )
    contract_id = fields.Many2one(
        "telecom.contract",
        compute="_compute_contract_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    tier_id = fields.Many2one(
        "telecom.tier",
        compute="_compute_tier_id",
        store=True,
        precompute=True,
        tracking=True,
    )

    @api.depends("partner_id")
    def _compute_partner_details(self):
        # What an unknown caller left stays, but for what is known of the customer that is chosen.
        for ticket in self:
            partner = ticket.partner_id
            if partner:
                ticket.partner_name = partner.name or partner.commercial_partner_id.name
                is_others = not ticket.id and ticket._origin.partner_id not in (
                    partner.browse(),
                    partner._origin,
                )
                for name, value in ticket._get_contact_details().items():
                    ticket[name] = value or (ticket[name] if not is_others else False)

    def _get_contact_details(self):
        """How the customer is reached, as values of this one ticket."""
        return {"partner_email": self.partner_id.email, "partner_phone": self.partner_id.phone}

    @api.depends("service_id", "commercial_partner_id")
    def _compute_contract_id(self):
        today = fields.Date.context_today(self)
        accounts = self.commercial_partner_id
        valid = self.env["telecom.contract"].sudo()
        if accounts:
            valid = valid.search(
                [("commercial_partner_id", "in", accounts.ids), ("state", "=", "active")]
            ).filtered(lambda contract: contract._is_valid_on(today))
        by_account = valid.grouped("commercial_partner_id")
        for ticket in self:
            account, present = ticket.commercial_partner_id, ticket.contract_id.sudo()
            is_theirs = present and present.commercial_partner_id == account
            if is_theirs and ticket.is_done:
                continue
            candidates = by_account.get(account, valid.browse()).filtered(
                lambda contract, company=ticket.company_id: contract.company_id == company
            )
            own = ticket.service_id.contract_id.sudo() & candidates
            # Several contracts and no service to tell them apart: the agent chooses, or has chosen.
            known = present if is_theirs and not ticket.service_id.contract_id else False
            ticket.contract_id = own or (candidates if len(candidates) == 1 else known)

    @api.depends("contract_id", "commercial_partner_id")
    def _compute_tier_id(self):
        # A customer who moves to another tier takes the open tickets along
        # (see res.partner); what is done keeps the tier that it was served under,
        # until it is reopened.
        for ticket in self:
            if not (ticket._origin and ticket.is_done):
                ticket.tier_id = ticket._find_tier()

    @api.constrains("service_id", "partner_id")
    def _check_service_customer(self):
        for ticket in self:
            service = ticket.service_id.sudo()
            if (
                service
                and ticket.partner_id
                and service.commercial_partner_id != ticket.commercial_partner_id
            ):
                raise ValidationError(
                    self.env._(
                        "Service %(service)s belongs to %(owner)s, not to %(customer)s.",
                        service=service.identifier,
                        owner=service.commercial_partner_id.name,
                        customer=ticket.commercial_partner_id.name,
                    )
                )

    @api.constrains("contract_id", "partner_id")
    def _check_contract_customer(self):
        self.contract_id._check_customer_of(self)

    @api.onchange("service_id")
    def _onchange_service_id(self):
        if self.service_id and not self.partner_id:
            self.partner_id = self.service_id.partner_id

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.service_id.commercial_partner_id != self.commercial_partner_id:
            self.service_id = False

    @api.model
    def _find_open(self, path, records):
        """Open tickets (as superuser) whose ``path`` leads to one of ``records``."""
        domain = Domain(path, "in", records.ids) & Domain("is_done", "=", False)
        return self.sudo().search(domain)

    def _find_tier(self):
        return self.contract_id.sudo().type_id.tier_id or self.commercial_partner_id.telecom_tier_id

    def _follow_tier(self):
        """What gives these tickets their tier may have changed: they follow."""
        moved = self.filtered(lambda ticket: ticket.tier_id != ticket._find_tier())
        if moved:
            self.env.add_to_compute(self._fields["tier_id"], moved)
            moved.modified(["tier_id"])
            if "tier_id" in self._due_fields():
                moved._plan_due()

    def _get_customer_lang(self):
        """Code of the installed language that the customer is written to in, such as "fr_FR"."""
        self.ensure_one()
        ticket = self.sudo()
        return self._pick_lang(ticket._get_known_lang(), ticket.company_id.partner_id.lang)

    def _get_known_lang(self):
        """Hook: code of the language that the customer is known to read, or False."""
        self.ensure_one()
        return self.partner_id.lang

    @api.model
    def _pick_lang(self, *codes):
        """The first of ``codes`` (or False) that is an installed language, else the user's."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        return next((code for code in codes if code in installed), None) or get_lang(self.env).code

    @api.model
    def _phone_get_number_fields(self):
        return ["partner_phone"]
