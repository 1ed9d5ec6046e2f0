from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache


class TelecomTicket(models.Model):
    """When an incident counts: until it is over; a maintenance while its window is open."""

    _inherit = "telecom.ticket"

    planned_from = fields.Datetime(string="Window Opens", copy=False, tracking=True)
    planned_to = fields.Datetime(string="Window Ends", copy=False, tracking=True)
    window_state = fields.Selection(
        [("ahead", "Upcoming"), ("under_way", "Ongoing"), ("over", "Window Over")],
        string="Maintenance Window",
        readonly=True,
        copy=False,
    )

    @api.constrains("incident_kind", "planned_from", "planned_to")
    def _check_window(self):
        for ticket in self.filtered(lambda ticket: ticket.incident_kind == "maintenance"):
            if not ticket.planned_from or not ticket.planned_to:
                raise ValidationError(self.env._("Enter when the maintenance begins and ends."))
            if ticket.planned_to <= ticket.planned_from:
                raise ValidationError(
                    self.env._("The maintenance must end after it begins. Check its window.")
                )

    def unlink(self):
        had_incidents = bool(self.filtered("incident_kind"))
        result = super().unlink()
        if had_incidents:
            self._forget_open_incidents()
        return result

    # Open incidents, known without asking the database

    @api.model
    @ormcache()
    def _get_open_incidents(self):
        """Incidents that are not over, newest first.

        Tuples ``(id, company id, links automatically, window opens, window ends)``, the instants
        False where there is no window. Every mail asks, and there is hardly ever one.
        """
        incidents = self.sudo().search(
            [("incident_kind", "!=", False), ("is_done", "=", False)], order="id desc"
        )
        return tuple(
            (
                incident.id,
                incident.company_id.id,
                incident.tie_new_tickets == "tie",
                incident.incident_kind == "maintenance" and incident.planned_from,
                incident.incident_kind == "maintenance" and incident.planned_to,
            )
            for incident in incidents
        )

    @api.model
    def _get_incidents_under_way(self):
        """Incidents that hit customers now: ``{id: company id}``, and the set of the ids of those
        that new tickets are linked to automatically.
        """
        if not (known := self._get_open_incidents()):
            return {}, set()
        now = self._due_now()
        under_way = [row for row in known if not row[3] or row[3] <= now < row[4]]
        return {row[0]: row[1] for row in under_way}, {row[0] for row in under_way if row[2]}

    @api.model
    def _forget_open_incidents(self):
        self.env.registry.clear_cache()
        # Until the commit, another thread may read what was before.
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    def _follow_incidents(self, change):
        """Incidents began, ended or were planned anew."""
        incidents = self.filtered(
            lambda ticket: ticket.incident_kind or change.before(ticket, "incident_kind")
        )
        if not incidents:
            return
        self._forget_open_incidents()
        now = self._due_now()
        for incident in incidents:
            state = incident._get_window_state(now)
            if incident.window_state != state:
                incident.sudo()._write_due({"window_state": state})
        incidents._plan_due()

    # Maintenance windows, by the scheduler

    def _get_window_state(self, now):
        if self.incident_kind != "maintenance":
            return False
        if now < self.planned_from:
            return "ahead"
        return "under_way" if now < self.planned_to else "over"

    def _get_window_due(self):
        if self.is_done or self.incident_kind != "maintenance":
            return False
        return {"ahead": self.planned_from, "under_way": self.planned_to}.get(self.window_state)

    def _on_window_due(self, now):
        state = not self.is_done and self._get_window_state(now)
        if not state or state == self.window_state:
            return
        self._write_due({"window_state": state})
        if state == "under_way" and self.state == "new":
            self._set_state("open", self.env._("The maintenance window opened"))
        elif state == "over":
            # Works that overrun must not be announced as done: a human says so.
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The window is over: resolve it, or plan more time"),
                user_id=self._get_people_to_notify(self.user_id)[:1].id,
            )
