from collections import defaultdict

from odoo import models
from odoo.exceptions import AccessError

from ...tools.clock import fold


class TelecomTicket(models.Model):
    """A ticket's clocks from its logs: when working hours changed, or to check the cache."""

    _inherit = "telecom.ticket"

    def action_rebuild_sla(self):
        """Button: have the clocks of these tickets made anew, and say what was wrong."""
        if not self.env.user.has_group("telecom_helpdesk.group_manager"):
            raise AccessError(self.env._("Only managers may recalculate SLA clocks."))
        self.check_access("write")
        wrong = self.browse(self._rebuild_sla())
        message = self.env._("All SLA clocks were correct.")
        if wrong:
            numbers = ", ".join(wrong.mapped("number"))
            message = self.env._("Corrected: %(tickets)s.", tickets=numbers)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if wrong else "success",
                "message": message,
                "sticky": bool(wrong),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _recount_sla(self, because="hours"):
        """Working hours changed: count what is still open anew by the present ones.

        What was met or breached before they changed stays.

        :param because: why alerts may be late
        """
        now = self._due_now()
        self.sudo()._step_sla(
            lambda ticket, clock: clock.advance(min(now, ticket._get_hours_changed_at() or now)),
            because=because,
        )
        self._refold_sla(lambda row: row.reached_at or row.breached_at or row.ended_at, because)

    def _rebuild_sla(self, because="other"):
        """Recalculate every clock from the logs, and return which rows were wrong.

        Clocks that were settled by working hours that have changed since are left alone. Meant for
        whoever doubts the figures, in the Odoo shell::

            env["telecom.ticket"].search([])._rebuild_sla()

        :param because: why alerts may be late
        :return: ``{ticket id: [(metric, instant it started, {column: (before, after)})]}``; the
            tickets whose clocks were right are not in it
        """
        self._advance_sla(self._due_now())
        return self._refold_sla(lambda row: row._is_frozen(), because)

    def _refold_sla(self, stands, because):
        """Fold the logs and save what comes out.

        :param stands: function of a row (telecom.sla.clock): whether it is left as it is
        :param because: why alerts may be late
        :return: as ``_rebuild_sla``
        """
        tickets, now = self.sudo().filtered("sla_term_id"), self._due_now()
        rows_of = tickets._get_sla_clocks().grouped("ticket_id")
        rows = self.env["telecom.sla.clock"].sudo()
        differences, started, kept, gone = {}, [], {}, rows
        for ticket, clocks in tickets._fold_sla(now).items():
            own = rows_of.get(ticket, rows)
            by_key = {(row.metric, row.started_at): row for row in own}
            found = []
            for clock in clocks:
                row = by_key.pop((clock.metric, clock.started_at), rows)
                if row and stands(row):
                    continue
                if row:
                    kept[row.id] = clock
                else:
                    started.append((ticket, clock))
                if changes := row._compare(clock):
                    found.append((clock.metric, clock.started_at, changes))
            for row in by_key.values():
                gone += row
                found.append((row.metric, row.started_at, {"id": (row.id, False)}))
            if found:
                differences[ticket.id] = found
        rows.browse(kept)._save(kept, because)
        rows._start(started, because)
        gone.unlink()
        tickets._update_sla()
        return differences

    def _fold_sla(self, now):
        """``{ticket: [tools.clock.Clock]}`` as the logs give them, up to ``now``."""
        logs = {
            model: self._read_log(model)
            for model in ("telecom.sla.term", "telecom.ticket.transition", "telecom.sla.event")
        }
        return {
            ticket: fold(
                ticket.create_date.replace(microsecond=0),
                [(term.at, term._get_terms()) for term in logs["telecom.sla.term"][ticket]],
                [(row.at, row.state_to) for row in logs["telecom.ticket.transition"][ticket]],
                [(row.at, row.kind) for row in logs["telecom.sla.event"][ticket]],
                now,
            )
            for ticket in self
        }

    def _read_log(self, model):
        """Rows of a log of these tickets, in their order: ``{ticket: rows}``."""
        log = defaultdict(list)
        rows = self.env[model].sudo().search([("ticket_id", "in", self.ids)], order="at, id")
        for row in rows:
            log[row.ticket_id].append(row)
        return log

    def _get_hours_changed_at(self):
        """When hours last changed that anything promised for this ticket was counted by, be it by
        terms that it has left; False: never."""
        changes = self.env["resource.calendar"]._get_hours_changes()
        if not changes:
            return False
        calendars = self.sudo().sla_term_ids.calendar_id
        return max((changes[id_] for id_ in calendars.ids if id_ in changes), default=False)

    def _has_other_hours(self):
        """Whether the working hours that this ticket's clocks go by changed since it exists."""
        changed_at = self._get_hours_changed_at()
        return bool(changed_at) and changed_at >= self.create_date.replace(microsecond=0)
