from odoo import fields, models


class TelecomSlaPolicy(models.Model):
    """What the operator promises to some of its customers, and how it counts.

    The first policy in sequence that matches a ticket applies. A criterion that is empty
    matches every ticket.
    """

    _name = "telecom.sla.policy"
    _description = "SLA Policy"
    _inherit = ["mail.thread", "telecom.cached.mixin", "telecom.planning.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(
        default=10,
        help="Policies are gone through from top to bottom. The first that matches applies.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: all companies.")

    # For whom
    tier_ids = fields.Many2many("telecom.tier", string="Tiers")
    contract_type_ids = fields.Many2many("telecom.contract.type", string="Contract Types")
    service_type_ids = fields.Many2many("telecom.service.type", string="Service Types")
    category_ids = fields.Many2many(
        "telecom.ticket.category", string="Categories", help="With all their sub-categories."
    )
    team_ids = fields.Many2many("telecom.ticket.team", string="Teams")

    # What
    target_ids = fields.One2many("telecom.sla.target", "policy_id", string="Targets", copy=True)
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Hours",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Time runs in these hours alone. Empty: around the clock, every day of the year.",
    )
    pause_on_third_party = fields.Boolean(
        string="Pause While a Supplier Is Waited for",
        tracking=True,
        help="Time always pauses while the customer is waited for.",
    )

    # Alerts
    warn_percent = fields.Integer(
        string="Warn at (%)",
        default=75,
        tracking=True,
        help="Share of the time after which the agent is warned.",
    )
    imminent_minutes = fields.Integer(
        string="Alert before (min)",
        default=30,
        tracking=True,
        help="Minutes of working time that are left when the agent is alerted once more.",
    )
    notify_collaborators = fields.Boolean(
        string="Alert Collaborators Too",
        tracking=True,
        help="Otherwise the agent in charge alone; the manager is told at a breach.",
    )
