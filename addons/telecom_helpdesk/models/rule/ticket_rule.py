from odoo import api, fields, models
from odoo.tools import frozendict

from ...tools.condition import MAX_LENGTH
from ..registry.tier import PRIORITIES
from ..team.agent import SUPPORT_LEVELS

TRIGGERS = [
    ("on_create", "A ticket comes in"),
    ("on_customer_message", "The customer writes again"),
    ("on_time", "Time has passed"),
]
MEASURES = [
    ("since_created", "since the ticket came in"),
    ("since_customer_message", "without an answer to the customer"),
    ("unassigned", "without an agent"),
]
UNITS = [("minutes", "minutes"), ("hours", "hours"), ("days", "days")]
UNIT_MINUTES = {"minutes": 1, "hours": 60, "days": 24 * 60}
# A rule cannot wait longer than this.
MAX_YEARS = 5
MAX_MINUTES = MAX_YEARS * 366 * 24 * 60

# What a rule may do. Without any of them it would be of no use.
ACTIONS = (
    "set_minimum_priority",
    "set_team_id",
    "set_user_id",
    "set_support_level",
    "add_tag_ids",
    "escalate",
    "notify_manager",
    "server_action_id",
)


class TelecomTicketRule(models.Model):
    """An automation rule: when, if, then.

    Its fields are here. Matching, firing, planning and dry run each have their own file.
    """

    _name = "telecom.ticket.rule"
    _description = "Automation Rule"
    _inherit = [
        "telecom.guard.mixin",
        "telecom.configuration.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "telecom.matching.mixin",
        "telecom.planning.mixin",
    ]
    _is_shared = True
    _bounds = frozendict(
        {
            # Of less, in days, its own check says more.
            "after_value": (None, MAX_MINUTES),
            "after_minutes": (None, MAX_MINUTES),
            # Longer than other texts; what is too much for a condition, its own check says.
            "domain": (None, MAX_LENGTH),
        }
    )
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(tracking=True)
    sequence = fields.Integer(
        help="Rules are checked from top to bottom. The first one that sets a team or an agent "
        "wins.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")

    # When
    trigger = fields.Selection(
        TRIGGERS, string="When", default="on_create", required=True, tracking=True
    )
    after_value = fields.Integer(string="After")
    after_unit = fields.Selection(UNITS, string="Unit of Time", default="hours", required=True)
    after_minutes = fields.Integer(
        compute="_compute_after_minutes",
        readonly=False,
        store=True,
        tracking=True,
        help="Minutes after which a time rule fires. Other programs may set it.",
    )
    measure = fields.Selection(MEASURES, string="Counted From", tracking=True)
    in_working_time = fields.Boolean(
        string="Count Working Hours Only",
        default=True,
        help="Time runs in the working hours of the ticket's team, and stands still at night and "
        "on holidays. Otherwise it always runs.",
    )

    # If
    keywords = fields.Text(
        tracking=True,
        help="One word or phrase per line; one of them is enough. Whole words count, whatever "
        "their case, accents, hyphens or apostrophes. A wildcard (*) stands for further "
        "letters: “coup*” finds “coupure” and “coupé”, “*ausfall” finds “Internetausfall”.",
    )
    keywords_in_body = fields.Boolean(
        string="Search the Text Too",
        default=True,
        help="Otherwise in the subject alone. What the customer only quotes does not count.",
    )
    domain = fields.Char(string="Condition", default="[]", tracking=True)

    # Then
    set_minimum_priority = fields.Selection(
        PRIORITIES,
        string="Raise Priority to",
        tracking=True,
        help="Higher priorities stay, and so does one that somebody chose by hand.",
    )
    set_team_id = fields.Many2one(
        "telecom.ticket.team", string="Move to Team", ondelete="restrict", tracking=True
    )
    set_user_id = fields.Many2one(
        "res.users",
        string="Assign to Agent",
        ondelete="restrict",
        tracking=True,
        domain="[('telecom_support_level', '>=', set_support_level or '1')]",
    )
    set_support_level = fields.Selection(
        SUPPORT_LEVELS,
        string="Raise Level to",
        tracking=True,
        help="Higher levels stay.",
    )
    add_tag_ids = fields.Many2many("telecom.ticket.tag", string="Add Tags")
    escalate = fields.Boolean(
        tracking=True,
        help="To the level, team and agent above, where they are set. Otherwise to the next level "
        "and to the team that the ticket's team escalates to.",
    )
    notify_manager = fields.Boolean(
        string="Notify the Manager",
        tracking=True,
        help="The leader of the ticket's team is notified; if there is none, the helpdesk's "
        "managers.",
    )

    # What became of it
    log_ids = fields.One2many("telecom.ticket.rule.log", "rule_id", string="Firings", readonly=True)
    log_count = fields.Integer(string="Times Fired", compute="_compute_log_count")
    error = fields.Text(string="Why It Failed", readonly=True, copy=False)

    _after_positive = models.Constraint(
        "CHECK (after_value >= 0)", "An elapsed time cannot be negative."
    )

    @api.depends("after_value", "after_unit")
    def _compute_after_minutes(self):
        for rule in self:
            minutes = rule.after_value * UNIT_MINUTES[rule.after_unit or "hours"]
            # More is refused, in words; before that it must fit into the column.
            rule.after_minutes = min(minutes, MAX_MINUTES + 1)

    def _compute_log_count(self):
        counts = dict(
            self.env["telecom.ticket.rule.log"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.log_count = counts.get(rule, 0)

    @api.onchange("trigger")
    def _onchange_trigger(self):
        if self.trigger == "on_time":
            self.keywords = False
            self.measure = self.measure or "since_customer_message"

    @api.onchange("after_unit")
    def _onchange_after_unit(self):
        if self.after_unit == "days":
            self.in_working_time = False

    @api.onchange("set_team_id")
    def _onchange_set_team_id(self):
        if self.company_id and self.set_team_id:
            self.company_id = self.set_team_id.company_id

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create([self._read_minutes(vals) for vals in vals_list])
        rules.filtered("active")._get_time_rules()._plan_open_tickets()
        return rules

    def write(self, vals):
        vals = self._read_minutes(vals)
        self._check_may_retarget(vals)
        time_rules = self._get_time_rules()
        result = super().write(vals)
        self._forget_error(vals)
        self._plan_after_write(vals, time_rules)
        return result

    @api.model
    def _read_minutes(self, vals):
        """``vals`` with ``after_minutes`` as the number and unit that people see."""
        minutes = vals.get("after_minutes")
        if minutes is None:
            return vals
        unit = "minutes" if minutes % UNIT_MINUTES["hours"] else "hours"
        vals = {name: value for name, value in vals.items() if name != "after_minutes"}
        return {"after_value": minutes // UNIT_MINUTES[unit], "after_unit": unit, **vals}

    def action_open_log(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_ticket_rule_log_action"
        )
        return {**action, "domain": [("rule_id", "=", self.id)], "display_name": self.name}
