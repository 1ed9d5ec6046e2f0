from odoo import api, fields, models
from odoo.tools import frozendict

DEFAULT_REOPEN_DAYS = 14


class TelecomTicketTeam(models.Model):
    """Queue of tickets with the agents who work on it."""

    _name = "telecom.ticket.team"
    _description = "Helpdesk Team"
    _inherit = ["telecom.guard.mixin", "telecom.configuration.mixin", "mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True
    _bounds = frozendict({"auto_close_days": (None, 3_650), "reopen_days": (None, 3_650)})

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    leader_id = fields.Many2one(
        "res.users",
        string="Team Leader",
        tracking=True,
        check_company=True,
        domain="[('share', '=', False)]",
        help="Notified when something needs a decision. Always a member.",
    )
    member_ids = fields.Many2many(
        "res.users",
        "telecom_ticket_team_member_rel",
        "team_id",
        "user_id",
        string="Members",
        check_company=True,
        domain="[('share', '=', False)]",
    )
    assignment_method = fields.Selection(
        [
            ("manual", "Manually"),
            ("round_robin", "Round robin"),
            ("least_loaded", "Least busy agent"),
        ],
        default="manual",
        required=True,
        help="Who gets tickets that come in from now on. Manually: agents take them from the "
        "queue. Round robin: the agent whose last turn was longest ago. Least busy agent: "
        "the one with the fewest open tickets, not counting those that wait for the "
        "customer.\nAgents who are on leave or not available are skipped; those who know "
        "the category come first.",
    )
    escalation_team_id = fields.Many2one(
        "telecom.ticket.team",
        string="Escalates to",
        check_company=True,
        domain="[('id', '!=', id)]",
        help="Team that gets tickets which this one escalates. Empty: they stay here, a level up.",
    )
    resource_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        compute="_compute_resource_calendar_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
    )
    wait_after_reply = fields.Boolean(
        string="Wait after Reply",
        help="An agent's public reply sets the ticket to wait for the customer.",
    )
    auto_close_days = fields.Integer(
        string="Close after (days)",
        default=7,
        help="Resolved tickets close after this many days without a message from the customer. "
        "0: they stay resolved.",
    )
    reopen_days = fields.Integer(
        string="Reopen within (days)",
        default=DEFAULT_REOPEN_DAYS,
        help="A customer's message reopens a ticket that was closed less than this many days "
        "ago. Later it opens a new ticket that refers to the old one.",
    )
    ticket_ids = fields.One2many("telecom.ticket", "team_id", string="Tickets", readonly=True)
    open_ticket_count = fields.Integer(compute="_compute_open_ticket_count")

    _days_positive = models.Constraint(
        "CHECK (auto_close_days >= 0 AND reopen_days >= 0)",
        "A number of days cannot be negative.",
    )

    _other_escalation_team = models.Constraint(
        "CHECK (escalation_team_id != id)",
        "A team cannot escalate to itself.",
    )

    @api.depends("company_id")
    def _compute_resource_calendar_id(self):
        for team in self:
            if not team._origin or team.resource_calendar_id.company_id not in (
                team.company_id,
                team.company_id.browse(),
            ):
                team.resource_calendar_id = team.company_id.resource_calendar_id

    @api.depends("ticket_ids.state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_open_ticket_count(self):
        counts = self.env["telecom.ticket"]._count_open("team_id", self)
        for team in self:
            team.open_ticket_count = counts.get(team, 0)

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        teams._members_changed()
        return teams

    def write(self, vals):
        if "active" in vals and not vals["active"]:
            self._before_archiving()
        result = super().write(vals)
        if vals.get("active"):
            self.sudo().successor_id = False
        if "leader_id" in vals or "member_ids" in vals:
            self._members_changed()
        if "assignment_method" in vals:
            self.env["telecom.ticket"]._retry_assignment(self)
        if "auto_close_days" in vals:
            self._replan_resolved_tickets()
        if "resource_calendar_id" in vals:
            self.env["telecom.ticket.rule"]._plan_for_working_time()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()  # columns of its board alone
        return result

    def _members_changed(self):
        """The leader is a member, and what each may see is worked out anew (see res.users)."""
        for team in self:
            if team.leader_id and team.leader_id not in team.member_ids:
                team.member_ids = [(4, team.leader_id.id)]
        self.env.registry.clear_cache()
        self.env["telecom.agent"]._ensure_rows(self.member_ids)
        self.env["telecom.ticket"]._retry_assignment(self)

    def _get_manager(self):
        """Who decides for this team (``res.users``): its leader, or whoever stands in for one who
        left. Empty: it has no leader.
        """
        leader = self.sudo().leader_id
        if not leader:
            return leader
        return self.env["telecom.agent"]._get_people_to_notify(leader, company=self.company_id)

    def _replan_resolved_tickets(self):
        self.env["telecom.ticket"].sudo().search(
            [("team_id", "in", self.ids), ("state", "=", "resolved")]
        )._plan_due()

    def action_open_tickets(self):
        """Open the board of this team; the context may ask for a search filter."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_ticket_action"
        )
        return {
            **action,
            "display_name": self.name,
            "domain": [("team_id", "=", self.id)],
            "context": {
                "default_team_id": self.id,
                **{k: v for k, v in self.env.context.items() if k.startswith("search_default_")},
            },
        }
