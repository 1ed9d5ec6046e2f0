from markupsafe import Markup

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError, UserError

from ..team.agent_recipients import MAX_NOTIFIED

GROUP = "telecom_helpdesk.group_incident_communicator"
ACTIVITY = "telecom_helpdesk.mail_activity_type_incident_update"


class TelecomIncidentUpdate(models.Model):
    """Only some may write to many customers at once; others write a draft and ask for approval."""

    _inherit = "telecom.incident.update"

    @api.depends_context("uid")
    def _compute_may_send(self):
        self.may_send = self._may_send_to_many()

    @api.model
    def _may_send_to_many(self):
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group(GROUP)

    def _check_may_send(self):
        """What customers read of an incident is sent by whoever has the right to.

        :raises AccessError: the user has not
        """
        if self.env.su or self._may_send_to_many():
            return
        if self.kind != "resolution" or self._has_text():
            raise AccessError(
                self.env._(
                    "Writing to all customers of an incident requires the right “Incident "
                    "Communication”. Press “Ask to Send”: those who have it are notified."
                )
            )

    def action_ask(self):
        """Have somebody who may look at this draft and send it."""
        self.ensure_one()
        self.check_access("write")
        self._check_draft()
        self._check_sendable()
        tellers = self._find_communicators()
        if not tellers:
            raise UserError(
                self.env._(
                    "Nobody who works on this incident may write to its customers. A manager can "
                    "give the right “Incident Communication”."
                )
            )
        draft = self.sudo()
        draft.write(
            {"asked_by_id": self.env.uid, "asked_at": self.env["telecom.ticket"]._due_now()}
        )
        for user in tellers:
            draft.incident_id.activity_schedule(
                ACTIVITY, note=Markup("<p>%s</p>") % self.display_name, user_id=user.id
            )

    def action_take_back(self):
        """Withdraw the request: the author goes on writing, or whoever was asked wants changes."""
        self.ensure_one()
        self.check_access("write")
        if self.sent_at:
            self._check_draft()
        self.sudo().write({"asked_by_id": False, "asked_at": False})
        self._clear_requests()

    def _find_communicators(self):
        """Users who may send this: the incident's manager first."""
        incident = self.incident_id.sudo()
        agents, company = self.env["telecom.agent"], incident.company_id
        return agents._pick_people(
            incident._get_manager() | incident.user_id,
            agents._get_members(GROUP, company),
            company=company,
            group=GROUP,
            may=lambda user: (
                incident.with_user(user)
                .with_context(allowed_company_ids=user.company_ids.ids)
                .has_access("write")
            ),
        )[:MAX_NOTIFIED]

    def _clear_requests(self):
        """Remove the reminders on the incident, unless another draft is waiting."""
        incident = self.incident_id.sudo()
        waiting = self.sudo().search_count(
            [("incident_id", "=", incident.id), ("asked_at", "!=", False), ("sent_at", "=", False)],
            limit=1,
        )
        if not waiting:
            incident.activity_unlink([ACTIVITY])
