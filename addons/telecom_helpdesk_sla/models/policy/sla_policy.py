from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

# Hours that a new policy starts with: critical ones first.
FIRST_TARGETS = (("3", 1, 2, 4), ("2", 2, 4, 8), ("1", 4, 8, 24), ("0", 8, 16, 40))


class TelecomSlaPolicy(models.Model):
    """What the operator promises to some of its customers, and how it counts.

    The first policy in sequence that matches a ticket applies. A criterion that is empty
    matches every ticket.
    """

    _name = "telecom.sla.policy"
    _description = "SLA Policy"
    _inherit = [
        "telecom.guard.mixin",
        "telecom.configuration.mixin",
        "mail.thread",
        "telecom.matching.mixin",
        "telecom.planning.mixin",
    ]
    _is_shared = True
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(tracking=True)
    sequence = fields.Integer(
        help="Policies are checked from top to bottom. The first that matches applies.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        compute="_compute_company_id",
        store=True,
        readonly=False,
        help="Empty: all companies.",
    )

    # For whom. What is named cannot be deleted: without it a policy would be for everybody.
    tier_ids = fields.Many2many("telecom.tier", string="Tiers", ondelete="restrict")
    contract_type_ids = fields.Many2many(
        "telecom.contract.type", string="Contract Types", ondelete="restrict"
    )
    service_type_ids = fields.Many2many(
        "telecom.service.type", string="Service Types", ondelete="restrict"
    )
    category_ids = fields.Many2many(
        "telecom.ticket.category",
        string="Categories",
        ondelete="restrict",
        help="With all their sub-categories.",
    )
    team_ids = fields.Many2many(
        "telecom.ticket.team",
        string="Teams",
        ondelete="restrict",
        domain="[('company_id', '=?', company_id)]",
    )

    # What
    target_ids = fields.One2many(
        "telecom.sla.target",
        "policy_id",
        string="Targets",
        copy=True,
        default=lambda self: self._get_first_targets(),
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        domain="[('company_id', 'in', (False, company_id))] if company_id else []",
        help="Time runs in these hours alone. Empty: around the clock, every day of the year.",
    )
    pause_on_third_party = fields.Boolean(
        string="Pause for Suppliers",
        tracking=True,
        help="Time stands still while a supplier is waited for. It always does while the customer "
        "is waited for.",
    )

    # Alerts
    warn_percent = fields.Integer(
        string="Warn at (%)",
        default=75,
        tracking=True,
        help="Share of the time after which the agent is warned. 100: no warning.",
    )
    imminent_minutes = fields.Integer(
        string="Alert before (min)",
        default=30,
        tracking=True,
        help="Minutes of working time that are left when the agent is alerted once more. "
        "0: no such alert.",
    )
    notify_collaborators = fields.Boolean(
        string="Alert Collaborators Too",
        tracking=True,
        help="Otherwise the agent in charge alone; the manager is notified of a breach.",
    )
    open_ticket_count = fields.Integer(compute="_compute_open_ticket_count")

    _warn_percent_between = models.Constraint(
        "CHECK (warn_percent BETWEEN 1 AND 100)",
        "The agent is warned after 1 to 100 % of the time.",
    )
    _imminent_minutes_positive = models.Constraint(
        "CHECK (imminent_minutes >= 0)", "A number of minutes cannot be negative."
    )

    @api.depends("calendar_id", "target_ids.calendar_id")
    def _compute_company_id(self):
        # Whoever works in one company never sees the field.
        for policy in self:
            policy.company_id = policy.company_id or policy.sudo()._get_hours().company_id[:1]

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_open_ticket_count(self):
        counts = self.env["telecom.ticket"]._count_open("sla_policy_id", self)
        for policy in self:
            policy.open_ticket_count = counts.get(policy, 0)

    @api.constrains("calendar_id")
    def _check_hours(self):
        for policy in self:
            policy.sudo().calendar_id._check_has_hours(policy._get_purpose())

    @api.constrains("company_id", "calendar_id", "team_ids", "target_ids")
    def _check_companies(self):
        for policy in self.sudo():
            company, teams = policy.company_id, policy.team_ids
            for record in [*policy._get_hours(), *(teams if company else ())]:
                if record.company_id and record.company_id != company:
                    raise ValidationError(
                        self.env._(
                            "“%(policy)s” is for %(company)s, but “%(other)s” belongs to "
                            "%(owner)s.",
                            policy=policy.name,
                            company=company.name or self.env._("all companies"),
                            other=record.name,
                            owner=record.company_id.name,
                        )
                    )

    def action_open_tickets(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_ticket_action"
        )
        return {
            **action,
            "display_name": self.name,
            "domain": [("sla_policy_id", "=", self.id)],
            "context": {"search_default_open": 1},
        }

    @api.model
    def _get_first_targets(self):
        return [
            Command.create(
                {
                    "priority": priority,
                    "first_response_hours": first,
                    "next_response_hours": following,
                    "resolution_hours": resolution,
                }
            )
            for priority, first, following, resolution in FIRST_TARGETS
        ]

    def _get_hours(self):
        """Every calendar (resource.calendar) that this policy counts by."""
        return self.calendar_id | self.target_ids.calendar_id

    def _get_purpose(self):
        """What its working hours are for, in words."""
        return self.env._("SLA policy “%s”", self.name)
