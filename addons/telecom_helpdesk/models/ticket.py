import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .ticket_stage import DONE_STATES, STATES
from .tier import PRIORITIES

LEVELS = [("low", "Low"), ("medium", "Medium"), ("high", "High")]


class TelecomTicket(models.Model):
    """A customer's trouble, question or request, from its arrival to its end.

    What it is and how it is filled in stands here; who works on it, the states it goes
    through and its conversation each have a file of their own.
    """

    _name = "telecom.ticket"
    _description = "Ticket"
    _inherit = [
        "mail.thread.cc",
        "mail.thread.phone",
        "mail.activity.mixin",
        "portal.mixin",
        "rating.mixin",
        "telecom.due.mixin",
    ]
    _order = "priority desc, id desc"
    _rec_names_search = ["number", "name"]
    _check_company_auto = True
    _mail_post_access = "read"
    _mail_thread_customer = True
    _primary_email = "partner_email"
    _due_cron = "telecom_helpdesk.ir_cron_ticket_due"

    number = fields.Char(readonly=True, copy=False, default="/", index="trigram")
    name = fields.Char(string="Subject", required=True, tracking=True, index="trigram")
    description = fields.Html(sanitize_attributes=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )

    # Customer
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index=True, tracking=True, check_company=True
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer Account",
        compute="_compute_commercial_partner_id",
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

    # Classification
    category_id = fields.Many2one("telecom.ticket.category", index=True, tracking=True)
    tag_ids = fields.Many2many("telecom.ticket.tag", string="Tags")
    channel = fields.Selection(
        [
            ("email", "Email"),
            ("portal", "Portal"),
            ("phone", "Phone"),
            ("manual", "Manual"),
            ("api", "API"),
        ],
        default="manual",
        required=True,
    )
    priority = fields.Selection(
        PRIORITIES,
        compute="_compute_priority",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    impact = fields.Selection(LEVELS, tracking=True, help="How many people or sites it hits.")
    urgency = fields.Selection(LEVELS, tracking=True, help="How soon it must be mended.")

    # Stage
    stage_id = fields.Many2one(
        "telecom.ticket.stage",
        compute="_compute_stage_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
        copy=False,
        group_expand="_group_expand_stage_id",
        domain="['|', ('team_ids', '=', False), ('team_ids', '=', team_id)]",
    )
    state = fields.Selection(related="stage_id.state", store=True, precompute=True)
    is_done = fields.Boolean(
        string="Done",
        compute="_compute_is_done",
        search="_search_is_done",
        help="Resolved, closed or cancelled.",
    )
    date_deadline = fields.Datetime(
        string="Promised for",
        copy=False,
        tracking=True,
        index="btree_not_null",
        help="When the customer was told that it will be mended.",
    )
    resolution = fields.Html(copy=False, help="What was wrong and what mended it.")

    # Relations between tickets
    parent_id = fields.Many2one(
        "telecom.ticket",
        string="Major Incident",
        index="btree_not_null",
        check_company=True,
        copy=False,
        help="The incident that this ticket is a consequence of.",
    )
    child_ids = fields.One2many("telecom.ticket", "parent_id", string="Affected Tickets")
    child_count = fields.Integer(compute="_compute_child_count")
    merged_into_id = fields.Many2one(
        "telecom.ticket", readonly=True, copy=False, index="btree_not_null"
    )
    follow_up_of_id = fields.Many2one(
        "telecom.ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The closed ticket that the customer came back to.",
    )

    _number_unique = models.UniqueIndex(
        "(number) WHERE number != '/'", "A ticket with this number exists already."
    )
    # Lists and boards read open tickets of a team, newest or most urgent first.
    _queue = models.Index("(team_id, priority DESC, id DESC)")
    _order_default = models.Index("(priority DESC, id DESC)")
    _state_stage = models.Index("(state, stage_id)")
    _account = models.Index("(commercial_partner_id, state)")

    @api.depends("number", "name")
    def _compute_display_name(self):
        for ticket in self:
            ticket.display_name = (
                f"[{ticket.number}] {ticket.name or ''}"
                if ticket.number and ticket.number != "/"
                else ticket.name
            )

    @api.depends("team_id")
    def _compute_company_id(self):
        for ticket in self:
            ticket.company_id = ticket.team_id.company_id or ticket.company_id or self.env.company

    @api.depends("partner_id.commercial_partner_id")
    def _compute_commercial_partner_id(self):
        for ticket in self:
            ticket.commercial_partner_id = ticket.partner_id.commercial_partner_id

    @api.depends("partner_id")
    def _compute_partner_details(self):
        # What an unknown caller left stays until a customer is chosen.
        for ticket in self:
            partner = ticket.partner_id
            if partner:
                ticket.partner_name = partner.name or partner.commercial_partner_id.name
                ticket.partner_email = partner.email or ticket.partner_email
                ticket.partner_phone = partner.phone or ticket.partner_phone

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
            account = ticket.commercial_partner_id
            candidates = by_account.get(account, valid.browse()).filtered(
                lambda contract, company=ticket.company_id: contract.company_id == company
            )
            own = ticket.service_id.contract_id.sudo() & candidates
            # Several contracts and no service to tell them apart: the agent chooses.
            ticket.contract_id = own or (candidates if len(candidates) == 1 else False)

    @api.depends("contract_id", "commercial_partner_id")
    def _compute_tier_id(self):
        # A customer who moves to another tier takes the open tickets along
        # (see res.partner); what is done keeps the tier that it was served under.
        for ticket in self:
            ticket.tier_id = (
                ticket.contract_id.sudo().type_id.tier_id
                or ticket.commercial_partner_id.telecom_tier_id
            )

    @api.depends("category_id")
    def _compute_priority(self):
        for ticket in self:
            ticket.priority = (
                ticket.priority or ticket.category_id.default_priority or "1"
            )

    @api.depends("team_id")
    def _compute_stage_id(self):
        stages = self.env["telecom.ticket.stage"].search([])
        for ticket in self:
            stage = ticket.stage_id
            if not stage or (stage.team_ids and ticket.team_id not in stage.team_ids):
                ticket.stage_id = ticket._pick_stage(stage.state or "new", stages, strict=False)

    @api.depends("child_ids")
    def _compute_child_count(self):
        counts = dict(
            self._read_group([("parent_id", "in", self.ids)], ["parent_id"], ["__count"])
        )
        for ticket in self:
            ticket.child_count = counts.get(ticket, 0)

    @api.depends("state")
    def _compute_is_done(self):
        for ticket in self:
            ticket.is_done = ticket.state in DONE_STATES

    @api.model
    def _search_is_done(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Named one by one, never "not in": open tickets are few and the index finds them.
        states = [state for state, _label in STATES if (state in DONE_STATES) in value]
        return Domain("state", "in", states)

    @api.model
    def _group_expand_stage_id(self, stages, domain):
        team_id = self.env.context.get("default_team_id")
        available = Domain("team_ids", "=", False)
        if team_id:
            available |= Domain("team_ids", "in", team_id)
        return stages.search(available | Domain("id", "in", stages.ids))

    def _pick_stage(self, state, stages=None, strict=True):
        """First stage with ``state`` that this ticket's team has on its board.

        :param stages: stages to choose from, in order; all of them by default
        :param strict: False where the software decides: rather a stage of other teams than
            a mail that gets lost because a team lacks a column
        :raises ValidationError: the team has no such stage
        """
        if stages is None:
            stages = self.env["telecom.ticket.stage"].search([("state", "=", state)])
        stages = stages.filtered(lambda stage: stage.state == state)
        own = stages.filtered(lambda stage: not stage.team_ids or self.team_id in stage.team_ids)
        if found := own if strict else own or stages:
            return found[0]
        raise ValidationError(
            self.env._(
                "Team “%(team)s” has no stage with the state “%(state)s”. Add one under "
                "Helpdesk > Configuration > Stages.",
                team=self.team_id.name or "-",
                state=dict(self._fields["state"]._description_selection(self.env))[state],
            )
        )

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

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A ticket cannot be a consequence of itself.")
            )

    @api.onchange("service_id")
    def _onchange_service_id(self):
        if self.service_id and not self.partner_id:
            self.partner_id = self.service_id.partner_id

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.service_id.commercial_partner_id != self.commercial_partner_id:
            self.service_id = False

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]  # the caller's stay as they are
        self._fill_from_category(vals_list)
        self._fill_numbers(vals_list)
        tickets = super().create(vals_list)
        tickets._after_create()
        return tickets

    def _after_create(self):
        """Hook: the tickets were just created, whatever the channel."""
        self._log_transitions({})
        self._stamp_assignment({})
        self._follow_customer()
        self._follow_collaborators()

    def write(self, vals):
        before = self._before_write(vals)
        result = super().write(vals)
        self._after_write(vals, before)
        return result

    def _before_write(self, vals):
        """Hook: return what ``_after_write`` has to know of the time before."""
        before = {}
        if "stage_id" in vals or "team_id" in vals:
            before["state"] = {ticket.id: ticket.state for ticket in self}
        if "partner_id" in vals:
            before["partner_id"] = {ticket.id: ticket.partner_id.id for ticket in self}
        if "user_id" in vals:
            before["user_id"] = {ticket.id: ticket.user_id.id for ticket in self}
        return before

    def _after_write(self, vals, before):
        """Hook: ``vals`` were written; ``before`` is what ``_before_write`` returned."""
        if "state" in before:
            self._log_transitions(before["state"])
        if "user_id" in before:
            self._stamp_assignment(before["user_id"])
        if "partner_id" in before:
            self._unfollow_former_customer(before["partner_id"])
            self._follow_customer()
        if "collaborator_ids" in vals:
            self._follow_collaborators()

    @api.model
    def _fill_from_category(self, vals_list):
        """Put the category's team into ``vals_list`` where none was chosen."""
        ids = {vals["category_id"] for vals in vals_list if vals.get("category_id")}
        categories = {c.id: c for c in self.env["telecom.ticket.category"].browse(ids)}
        for vals in vals_list:
            if "team_id" not in vals and vals.get("category_id"):
                company = self.env["res.company"].browse(vals.get("company_id"))
                team = categories[vals["category_id"]]._get_default_team(company)
                if team:
                    vals["team_id"] = team.id

    @api.model
    def _fill_numbers(self, vals_list):
        """Draw a number for each of ``vals_list`` from its company's sequence."""
        by_company = {}
        for vals in vals_list:
            if vals.get("number", "/") == "/":
                by_company.setdefault(self._company_of(vals), []).append(vals)
        for company_id, without in by_company.items():
            for vals, number in zip(
                without, self._draw_numbers(company_id, len(without)), strict=True
            ):
                vals["number"] = number

    @api.model
    def _draw_numbers(self, company_id, count):
        """The next ``count`` ticket numbers (texts) of a company.

        :raises ValidationError: there is no sequence to draw them from
        """
        sequence = (
            self.env["ir.sequence"]
            .sudo()
            .search(
                [("code", "=", "telecom.ticket"), ("company_id", "in", [company_id, False])],
                order="company_id",
                limit=1,
            )
        )
        if not sequence:
            raise ValidationError(
                self.env._("There is no sequence with the code telecom.ticket.")
            )
        if count == 1 or sequence.implementation != "standard" or sequence.use_date_range:
            return [sequence._next() for _number in range(count)]
        # Odoo would ask the database once for each.
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence.id:03d}",
                count,
            )
        )
        return [sequence.get_next_char(number) for (number,) in rows]

    @api.model
    def _company_of(self, vals):
        team = self.env["telecom.ticket.team"].sudo().browse(vals.get("team_id"))
        return team.company_id.id or vals.get("company_id") or self.env.company.id

    def action_open_children(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_ticket_action"
        )
        return {
            **action,
            "domain": [("parent_id", "=", self.id)],
            "context": {"default_parent_id": self.id},
        }

    @api.model
    def _phone_get_number_fields(self):
        return ["partner_phone"]

    def _search_phone_mobile_search(self, operator, value):
        """Find "+33 1 99 00 12 34" by the national form "01 99 00 12 34" too."""
        domain = super()._search_phone_mobile_search(operator, value)
        is_national = isinstance(value, str) and re.match(r"\s*0[1-9]", value)
        if is_national and operator in ("ilike", "like"):
            number = value.strip().removeprefix("0")
            domain = Domain(domain) | Domain(super()._search_phone_mobile_search(operator, number))
        return domain

    @api.model
    def get_empty_list_help(self, help_message):
        self = self.with_context(
            empty_list_help_model="telecom.ticket.team",
            empty_list_help_id=self.env.context.get("default_team_id"),
            empty_list_help_document_name=self.env._("ticket"),
        )
        return super().get_empty_list_help(help_message)
