from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import frozendict, ormcache

STATES = [
    ("new", "New"),
    ("open", "In Progress"),
    ("waiting_customer", "Waiting for Customer"),
    ("waiting_third_party", "Waiting for Third Party"),
    ("resolved", "Resolved"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
# Nobody is expected to work on a ticket in one of these.
DONE_STATES = ("resolved", "closed", "cancelled")


class TelecomTicketStage(models.Model):
    """Column of the board. Its ``state`` says what the column means to the software."""

    _name = "telecom.ticket.stage"
    _description = "Ticket Stage"
    _inherit = ["telecom.guard.mixin", "telecom.configuration.mixin", "telecom.cached.mixin"]
    _is_shared = True
    _order = "sequence, id"
    _uncached_fields = frozenset({"name", "description", "fold", "mail_template_id"})

    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=10)
    state = fields.Selection(
        STATES,
        required=True,
        default="open",
        help="What this column means: clocks, reminders and reports follow the state, "
        "so that stages can be renamed and added freely.",
    )
    team_ids = fields.Many2many(
        "telecom.ticket.team", string="Teams", help="Empty: a column of every team's board."
    )
    fold = fields.Boolean(string="Folded in Board")
    mail_template_id = fields.Many2one(
        "mail.template",
        domain=[("model", "=", "telecom.ticket")],
        help="Mail that the customer gets when a ticket reaches this stage.",
    )

    @api.model
    @ormcache()
    def _get_columns(self):
        """The columns of all boards: pairs ``(state, team ids)`` by stage id, in their order.

        No team ids: a column of every team's board. Every ticket that comes in asks.
        """
        stages = self.sudo().with_context(active_test=False).search([("active", "=", True)])
        return frozendict(
            {stage.id: (stage.state, frozenset(stage.team_ids.ids)) for stage in stages}
        )

    def write(self, vals):
        if "state" in vals:
            changing = self.filtered(lambda stage: stage.state != vals["state"])
            self._check_empty(
                changing,
                self.env._(
                    "Move the tickets of stage “%(stage)s” first: changing what the "
                    "stage means would rewrite their history."
                ),
            )
        if vals.get("active") is False:
            self._check_empty(
                self, self.env._("Move the tickets of stage “%(stage)s” before archiving it.")
            )
        return super().write(vals)

    @api.model
    def _check_empty(self, stages, message):
        """Raise ``message`` for the first of ``stages`` that holds tickets."""
        ticket = (
            self.env["telecom.ticket"]
            .sudo()
            .with_context(active_test=False)
            .search([("stage_id", "in", stages.ids)], limit=1)
        )
        if ticket:
            raise UserError(message % {"stage": ticket.stage_id.name})
