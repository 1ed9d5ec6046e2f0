from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .ticket_stage import DONE_STATES, STATES


class TelecomTicket(models.Model):
    """States of a ticket: what is logged, stamped and planned when they change."""

    _inherit = "telecom.ticket"

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
    transition_ids = fields.One2many("telecom.ticket.transition", "ticket_id", readonly=True)
    resolved_at = fields.Datetime(readonly=True, copy=False, string="Resolved on")
    closed_at = fields.Datetime(readonly=True, copy=False, string="Closed on")
    reopen_count = fields.Integer(readonly=True, copy=False)

    @api.depends("team_id")
    def _compute_stage_id(self):
        columns = self.env["telecom.ticket.stage"]._get_columns()
        for ticket in self:
            stage = ticket.stage_id
            state, team_ids = columns.get(stage.id, ("new", ()))
            if not stage or (team_ids and ticket.team_id.id not in team_ids):
                ticket.stage_id = ticket._pick_stage(state, strict=False)

    @api.depends("state")
    def _compute_is_done(self):
        for ticket in self:
            ticket.is_done = ticket.state in DONE_STATES

    @api.model
    def _search_is_done(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        # Named one by one, whatever the operator: open tickets are few and the index finds them.
        states = [
            state
            for state, _label in STATES
            if ((state in DONE_STATES) in value) == (operator == "in")
        ]
        return Domain("state", "in", states)

    @api.model
    def _group_expand_stage_id(self, stages, domain):
        team_id = self.env.context.get("default_team_id")
        available = Domain("team_ids", "=", False)
        if team_id:
            available |= Domain("team_ids", "in", team_id)
        return stages.search(available | Domain("id", "in", stages.ids))

    def _pick_stage(self, state, strict=True):
        """First stage with ``state`` that this ticket's team has on its board.

        :param strict: False where the software decides: rather a stage of other teams than
            a mail that gets lost because a team lacks a column
        :raises ValidationError: the team has no such stage
        """
        stages = self.env["telecom.ticket.stage"]
        columns = {
            id_: team_ids
            for id_, (state_, team_ids) in stages._get_columns().items()
            if state_ == state
        }
        own = [id_ for id_, ids in columns.items() if not ids or self.team_id.id in ids]
        if found := own if strict else own or list(columns):
            return stages.browse(found[0])
        raise ValidationError(
            self.env._(
                "Team “%(team)s” has no stage with the state “%(state)s”. Add one under "
                "Helpdesk > Configuration > Stages.",
                team=self.team_id.name or "-",
                state=dict(self._fields["state"]._description_selection(self.env))[state],
            )
        )

    def _get_choices(self, field):
        if field.name != "stage_id":
            return super()._get_choices(field)
        # What its domain says, without asking the database for the stage's teams.
        columns = self.env["telecom.ticket.stage"]._get_columns()
        team_id = self.sudo().team_id.id
        return [
            ("id", "in", [id_ for id_, (_, ids) in columns.items() if not ids or team_id in ids])
        ]

    def action_reopen(self):
        self._set_state("open")

    def _set_state(self, state, reason=None, strict=True):
        """Move each ticket to its team's first stage with ``state``.

        :param reason: why, in words for the log; set where the software decides
        :param strict: see ``_pick_stage``
        """
        tickets = self.filtered(lambda ticket: ticket.state != state)
        by_stage = tickets.grouped(lambda ticket: ticket._pick_stage(state, strict=strict))
        for stage, group in by_stage.items():
            group.with_context(telecom_transition_reason=reason).stage_id = stage

    def _log_transitions(self, change):
        """Log that these tickets' state changed, or began, and follow it up."""
        now = self._due_now()
        before = {ticket.id: change.before(ticket, "state") for ticket in self}
        transitions = (
            self.env["telecom.ticket.transition"]
            .sudo()
            .create(
                [
                    {
                        "ticket_id": ticket.id,
                        "state_from": before[ticket.id],
                        "state_to": ticket.state,
                        "at": now,
                        "user_id": self.env.uid,
                        "reason": self.env.context.get("telecom_transition_reason"),
                    }
                    for ticket in self
                ]
            )
        )
        self._stamp_states(before, now)
        self._on_transition(transitions)

    def _stamp_states(self, before, now):
        """Set what follows from a state just reached at ``now``.

        :param before: ``{ticket id: state}``
        """
        by_values = {}
        for ticket in self.sudo():
            if values := ticket._get_stamps(before[ticket.id], now):
                by_values.setdefault(tuple(values.items()), []).append(ticket.id)
        for values, ids in by_values.items():
            self.browse(ids)._write_due(dict(values))

    def _get_stamps(self, before, now):
        """Values that follow from this one ticket's state, which was ``before`` until ``now``."""
        values = {}
        if self.state in ("resolved", "closed"):
            if not self.resolved_at:
                values["resolved_at"] = now
            if self.state == "closed":
                values["closed_at"] = now
        elif before in ("resolved", "closed"):
            values.update(resolved_at=False, closed_at=False)
            if self.state != "cancelled":
                values["reopen_count"] = self.reopen_count + 1
        if self.state in DONE_STATES:
            # A "thank you" after the end must not count as unanswered when the ticket is reopened.
            if self.unanswered_since:
                values["unanswered_since"] = False
        elif before in DONE_STATES and not (self.first_response_at or self.unanswered_since):
            # If nobody had replied before the ticket was reopened, the first response is still due.
            values["unanswered_since"] = now
        return values

    def _on_transition(self, transitions):
        """Hook: ``transitions`` (telecom.ticket.transition) of these tickets were logged."""
        self._lead_reopened_on(transitions)
        self._distribute_on_transition(transitions)
        self._end_incidents(transitions)

    def _renew_tier(self, change):
        """What is taken up again is served under the customer's tier of today."""
        taken_up = self.filtered(
            lambda ticket: change.before(ticket, "state") in DONE_STATES and not ticket.is_done
        )
        if taken_up:
            taken_up.sudo()._follow_tier()

    # Auto-close, by the scheduler

    def _get_close_due(self):
        # Most tickets are not: for them, nobody need ask for the team.
        days = self.state == "resolved" and self.team_id.sudo().auto_close_days
        return bool(days) and self.resolved_at + timedelta(days=days)

    def _on_close_due(self, now):
        days = self.team_id.auto_close_days
        if self.state == "resolved" and days and self.resolved_at + timedelta(days=days) <= now:
            self._set_state(
                "closed", self.env._("Resolved %(days)s day(s) ago, no answer since", days=days)
            )

    def _get_due_responsible(self):
        return self._get_people_to_notify(self._get_manager() or self.user_id)[:1]
