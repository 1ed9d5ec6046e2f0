from odoo import api, models

from ...tools.clock import Clock

# What ``tools/clock.py`` decides, by its own names; the rest follows from the terms.
FOLDED_FIELDS = (
    "running_since",
    "deadline",
    "warning_at",
    "imminent_at",
    "reached_at",
    "breached_at",
    "ended_at",
    "state",
)
# All that a step or an alert reads: fetched in one query.
CLOCK_FIELDS = (
    "ticket_id",
    "metric",
    "term_id",
    "policy_id",
    "target_seconds",
    "started_at",
    "consumed_seconds",
    *FOLDED_FIELDS,
    "alert_level",
    "waived_at",
    "next_due_at",
    "due_attempts",
    "write_date",
)


class TelecomSlaClock(models.Model):
    """Clocks as values, and back: the one place where their rows are written."""

    _inherit = "telecom.sla.clock"

    def _get_clock(self, ticket_state):
        """This row as a ``tools.clock.Clock`` of a ticket that is in ``ticket_state``."""
        self.ensure_one()
        return Clock(
            metric=self.metric,
            started_at=self.started_at,
            terms=self.term_id._get_terms()[self.metric],
            ticket_state=ticket_state,
            consumed=self.consumed_seconds,
            **{name: self[name] or None for name in FOLDED_FIELDS if name != "state"},
        )

    def _find(self, metric):
        """Those of one ticket's rows that are about ``metric``."""
        return self.filtered(lambda row: row.metric == metric)

    def _find_questions(self):
        """Of one ticket's rows: the answers that the customer still waits for."""
        return self.filtered(
            lambda row: row.metric != "resolution" and not row.reached_at and not row.ended_at
        )

    def _find_started(self, at):
        """Of one ticket's rows: the questions that began at ``at``."""
        return self.filtered(lambda row: row.metric != "resolution" and row.started_at == at)

    @api.model
    def _prepare_values(self, clock):
        """Values of a row that stores ``clock``."""
        term = clock.terms.key
        return {
            **{name: getattr(clock, name) or False for name in FOLDED_FIELDS},
            "consumed_seconds": clock.consumed,
            "target_seconds": clock.terms.target,
            "term_id": term.id,
            "policy_id": term.policy_id.id,
        }

    def _compare(self, clock):
        """Columns in which this row, or no row, differs from ``clock``: ``{name: (old, new)}``."""
        values = self._prepare_values(clock)
        old = {
            name: self[name].id if self._fields[name].relational else self[name] for name in values
        }
        return {name: (old[name], new) for name, new in values.items() if old[name] != new}

    def _is_settled(self):
        """Whether nothing is counted on it any more, or nobody looks at it."""
        return bool(
            self.breached_at
            or self.reached_at
            or self.ended_at
            or self.ticket_id.is_done
            or not self.ticket_id.active
        )

    def _is_frozen(self):
        """Whether it is frozen: the working hours that it was counted by have changed since, and
        the former ones are no longer known."""
        changed_at = self._is_settled() and self.ticket_id._get_hours_changed_at()
        return bool(changed_at) and changed_at >= self.started_at

    def _find_run_out_by_former_hours(self, now):
        """Those whose time is over at ``now`` by hours that changed before it was."""
        latest = max(self.env["resource.calendar"]._get_hours_changes().values(), default=None)
        found = self.filtered(
            lambda row: (
                latest
                and row.state == "running"
                and row.deadline
                and row.write_date <= latest
                and row.deadline <= now
            )
        )
        return found.filtered(
            lambda row: (
                (changed_at := row.ticket_id._get_hours_changed_at())
                and row.write_date <= changed_at < row.deadline
            )
        )

    @api.model
    def _start(self, clocks, because="other"):
        """Rows (telecom.sla.clock) for new ``clocks``: pairs (ticket, ``Clock``).

        :param because: see ``_plan_due``
        """
        vals_list = [
            {
                "ticket_id": ticket.id,
                "metric": clock.metric,
                "started_at": clock.started_at,
                # Right for nearly all of them: no second write to plan them.
                "next_due_at": clock.next_alert_at or False,
                **self._prepare_values(clock),
            }
            for ticket, clock in clocks
        ]
        rows = self.sudo().create(vals_list)
        rows._plan_due(because)
        rows._note_late_plan(because)
        if earliest := min(filter(None, rows.mapped("next_due_at")), default=None):
            self._trigger_due(earliest)
        return rows

    def _advance(self, now):
        """Time has passed up to ``now``: breaches that nobody noticed count from the instant they
        happened.

        That changes neither when a row is next due nor whether somebody has an activity for it.

        :return: all clocks of their tickets, as ``self`` is
        """
        if stale := self._find_run_out_by_former_hours(now):
            # Hours changed, and nobody has counted by the new ones yet.
            stale.ticket_id._recount_sla()
            self = self.ticket_id._get_sla_clocks()
        run_out = self.filtered(lambda row: row.deadline and row.deadline <= now)
        for row in run_out:
            changes = row._compare(row._get_clock(row.ticket_id.state).advance(now))
            if changes:
                row._write_due({name: after for name, (_before, after) in changes.items()})
        return self

    def _save(self, clocks, because="other"):
        """Have each row store its clock, and plan its alerts.

        :param clocks: ``{row id: Clock}``
        :param because: see ``_plan_due``
        """
        values = {row: row._compare(clocks[row.id]) for row in self}
        changed = self.filtered(values.get)
        with changed._keeping_activities():
            for row in changed:
                new = {name: after for name, (_before, after) in values[row].items()}
                if "term_id" in new:
                    # Alerts sent under the former terms are sent again unless they still apply.
                    new["alert_level"] = min(row.alert_level, str(clocks[row.id].level))
                row._write_due(new)
            changed._plan_due(because)
