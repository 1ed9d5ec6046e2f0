from odoo import api, fields, models

from ..ticket.ticket_stage import DONE_STATES


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["telecom.phone.mixin", "res.partner", "telecom.guard.mixin"]
    _phone_countries = ("country_id", "commercial_partner_id.country_id")

    telecom_tier_id = fields.Many2one(
        "telecom.tier",
        string="Tier",
        index="btree_not_null",
        tracking=True,
        help="Level of service of the whole customer account.",
    )
    telecom_portal_scope = fields.Selection(
        [("own", "Their own tickets"), ("company", "All tickets of their company")],
        string="Portal Shows",
        default="own",
        required=True,
        help="Which tickets this contact sees in the customer portal.",
    )
    telecom_service_ids = fields.One2many(
        "telecom.service",
        "commercial_partner_id",
        string="Services",
        groups="telecom_helpdesk.group_agent",
    )
    telecom_contract_ids = fields.One2many(
        "telecom.contract",
        "commercial_partner_id",
        string="Support Contracts",
        groups="telecom_helpdesk.group_agent",
    )
    telecom_ticket_ids = fields.One2many(
        "telecom.ticket",
        "commercial_partner_id",
        string="Tickets",
        readonly=True,
        groups="telecom_helpdesk.group_agent",
    )
    # Contacts of this account who may see all of its tickets (see the portal rule).
    telecom_account_reader_ids = fields.One2many(
        "res.partner",
        "commercial_partner_id",
        string="Contacts Who See All Tickets",
        readonly=True,
        domain=[("telecom_portal_scope", "=", "company")],
        groups="telecom_helpdesk.group_agent",
    )
    telecom_ticket_count = fields.Integer(
        string="All Tickets",
        compute="_compute_telecom_ticket_count",
        groups="telecom_helpdesk.group_agent",
    )
    telecom_open_ticket_count = fields.Integer(
        string="Open Tickets",
        compute="_compute_telecom_ticket_count",
        groups="telecom_helpdesk.group_agent",
    )
    telecom_service_count = fields.Integer(
        compute="_compute_telecom_service_count", groups="telecom_helpdesk.group_agent"
    )

    @api.depends("commercial_partner_id.telecom_ticket_ids.state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_telecom_ticket_count(self):
        """Tickets of the whole account, on each of its contacts too."""
        totals, opens = {}, {}
        groups = self.env["telecom.ticket"]._read_group(
            [("commercial_partner_id", "in", self.commercial_partner_id.ids)],
            ["commercial_partner_id", "state"],
            ["__count"],
        )
        for account, state, count in groups:
            totals[account] = totals.get(account, 0) + count
            if state not in DONE_STATES:
                opens[account] = opens.get(account, 0) + count
        for partner in self:
            account = partner.commercial_partner_id
            partner.telecom_ticket_count = totals.get(account, 0)
            partner.telecom_open_ticket_count = opens.get(account, 0)

    @api.depends("commercial_partner_id.telecom_service_ids.state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_telecom_service_count(self):
        """Services in use of the whole account."""
        counts = dict(
            self.env["telecom.service"]._read_group(
                [
                    ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                    ("state", "!=", "ceased"),
                ],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.telecom_service_count = counts.get(partner.commercial_partner_id, 0)

    def write(self, vals):
        """Odoo works out the account (``commercial_partner_id``) inside ``super`` and tells nobody:
        what hangs on it is looked at before and after."""
        with self._watch_account(vals):
            result = super().write(vals)
            if "telecom_tier_id" in vals:
                self._recompute_open_ticket_tiers()
        return result

    def _recompute_open_ticket_tiers(self):
        """Open tickets follow their customer to another tier; what is done does not."""
        accounts = self.commercial_partner_id
        self.env["telecom.ticket"]._find_open("commercial_partner_id", accounts)._follow_tier()

    @api.model
    def _commercial_fields(self):
        """Odoo copies these to all contacts of an account: the tier is the account's."""
        return [*super()._commercial_fields(), "telecom_tier_id"]

    def action_open_telecom_tickets(self):
        return self._telecom_account_action(
            "telecom_helpdesk.telecom_ticket_action", {"search_default_open": 1}
        )

    def action_open_telecom_services(self):
        return self._telecom_account_action("telecom_helpdesk.telecom_service_action", {})

    def _telecom_account_action(self, xmlid, context):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {
            **action,
            "domain": [("commercial_partner_id", "=", self.commercial_partner_id.id)],
            "context": {"default_partner_id": self.id, **context},
        }
