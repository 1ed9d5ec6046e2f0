from odoo import api, fields, models

from ...tools.turns import after_turn, pick
from .ticket_stage import DONE_STATES

# Tickets that keep an agent busy: one that waits for the customer does not count.
BUSY_STATES = ("new", "open", "waiting_third_party")


class TelecomTicket(models.Model):
    """Automatic assignment of unassigned tickets, where the team is set up for it.

    Done by the scheduler: at once for a new ticket; if nobody is available, when somebody is back.
    """

    _inherit = "telecom.ticket"

    distribute_at = fields.Datetime(
        string="To Be Assigned on",
        readonly=True,
        copy=False,
        help="When an agent is assigned automatically.",
    )
    distribution_waits = fields.Boolean(
        string="Nobody Available",
        readonly=True,
        copy=False,
        help="Nobody in the team was available when the ticket was to be assigned.",
    )

    _waits_for_agent = models.Index("(team_id) WHERE distribution_waits")
    # The load of each agent; it stands in for an index on the agent alone.
    _load = models.Index("(user_id, state) WHERE user_id IS NOT NULL")

    # When to assign

    def _is_to_be_assigned(self):
        """Whether this ticket's agent is chosen automatically."""
        return (
            not self.user_id
            and self.team_id.assignment_method not in (False, "manual")
            and not self.parent_id  # worked on by whoever has the incident
            and not self.merged_into_id
            and self.active
            and self.state not in DONE_STATES
        )

    def _plan_distribution(self):
        """Hook: plan the automatic assignment of unassigned tickets."""
        tickets = self.sudo()
        due = tickets.filtered(lambda ticket: ticket._is_to_be_assigned())
        due._write_due({"distribute_at": self._due_now(), "distribution_waits": False})
        (tickets - due)._leave_to_the_queue()

    def _leave_to_the_queue(self):
        """Leave these tickets in the queue: agents take them by hand."""
        planned = self.sudo().filtered(lambda t: t.distribute_at or t.distribution_waits)
        planned._write_due({"distribute_at": False, "distribution_waits": False})
        planned._plan_due()

    @api.model
    def _retry_assignment(self, teams):
        """Somebody in ``teams`` is available again: assign the tickets that waited for it."""
        teams._forget_batch()
        waiting = self.sudo().search(
            [("team_id", "in", teams.ids), ("distribution_waits", "=", True)]
        )
        waiting._write_due({"distribute_at": self._due_now()})
        waiting._plan_due()

    def _follow_distribution(self, change):
        again = change.changed("active", "merged_into_id", "parent_id", "team_id")
        if "user_id" not in change.vals:
            # Others may take it now.
            again |= change.changed("support_level").filtered("distribution_waits")
        elif change.by_hand:
            # Who puts a ticket back into the queue means it to stay there.
            (self - again)._leave_to_the_queue()
        else:
            again = self
        if again:
            again._plan_distribution_now()

    def _plan_distribution_now(self):
        self._plan_distribution()
        self._plan_due()

    def _distribute_on_transition(self, transitions):
        """What is reopened is assigned again, what is done no longer is."""
        if reopened := transitions._filter_reopened():
            reopened.ticket_id._plan_distribution()
        if done := transitions.filtered(lambda row: row.state_to in DONE_STATES):
            done.ticket_id._leave_to_the_queue()

    def _get_distribution_due(self):
        return self.distribute_at

    def _on_distribution_due(self, now):
        if self._is_to_be_assigned():
            self._assign_automatically(now)
        else:
            self._leave_to_the_queue()

    # To whom

    def _assign_automatically(self, now):
        """Assign this ticket to somebody in its team, or wait until somebody is available."""
        team = self.team_id
        takers = team._get_takers(now)
        able = self.env["res.users"].union(
            *(user for user, level in takers.items() if level >= self.support_level)
        )
        present, back_at = team._get_presence(able, now)
        if not present:
            self._wait_for_agent(back_at)
            return
        category, skilled = self.category_id._get_skilled()
        skilled &= present
        candidates = skilled or present
        turns = team._lock_turns()
        loads = {}
        if team.assignment_method == "least_loaded":
            loads = self._get_loads(candidates, now)
            reason = self.env._("fewest open tickets")
        else:
            reason = self.env._("round robin")
        user = candidates.browse(pick(candidates.ids, turns, loads))
        team.turn_order = after_turn(turns, user.id)
        if loads:
            loads[user.id] += 1
        if skilled:
            reason = self.env._(
                "%(reason)s, knows “%(category)s”", reason=reason, category=category.name
            )
        self.with_context(mail_notrack=True).user_id = user
        self._message_log(
            body=self.env._("Assigned to %(agent)s: %(reason)s.", agent=user.name, reason=reason)
        )

    def _wait_for_agent(self, back_at):
        """Keep this ticket in the queue until ``back_at`` (naive UTC datetime, or False)."""
        if not self.distribution_waits:
            self._message_log(
                body=self.env._(
                    "Nobody in %(team)s who may take this ticket is available. It stays in the "
                    "queue and is assigned as soon as somebody is.",
                    team=self.team_id.name,
                )
            )
        self._write_due({"distribute_at": back_at, "distribution_waits": True})

    def _get_loads(self, users, now):
        """``{user id: number of tickets that they have to do something about}``."""
        loads = self.team_id._once_a_batch(("loads", now), dict)
        unknown = users.filtered(lambda user: user.id not in loads)
        if unknown:
            counts = self._read_group(
                [("user_id", "in", unknown.ids), ("state", "in", BUSY_STATES)],
                ["user_id"],
                ["__count"],
            )
            loads.update(dict.fromkeys(unknown.ids, 0))
            loads.update({user.id: count for user, count in counts})
        return loads
