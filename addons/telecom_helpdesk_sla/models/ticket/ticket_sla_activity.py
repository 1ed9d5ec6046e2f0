from contextlib import contextmanager

import pytz

from odoo import models

ACTIVITY_TYPE = "telecom_helpdesk_sla.mail_activity_type_sla"
# While any of these holds, somebody may have an activity.
NOTIFIED_STATES = ("warning", "imminent", "breached", "paused")


class TelecomTicket(models.Model):
    """Activities because of a deadline: one for each ticket and user."""

    _inherit = "telecom.ticket"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Recipients of an SLA alert do not become followers of the ticket.

        Relies on: ``mail.activity`` has whoever gets an activity follow the record, by this. It
        takes no parameter that would say otherwise, hence the context (``sla_no_followers``, set
        in ``_get_sla_activities`` alone).
        """
        if self.env.context.get("sla_no_followers"):
            return True
        return super().message_subscribe(partner_ids, subtype_ids)

    def _get_sla_activities(self):
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY_TYPE)
        return (
            self.env["mail.activity"]
            .sudo()
            .with_context(mail_activity_quick_update=True, sla_no_followers=True)
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", type_id),
                ]
            )
        )

    def _follow_agent(self, change):
        self._refresh_told_activities()

    def _refresh_told_activities(self):
        """Where somebody was told of a deadline, whoever has the ticket now has an activity."""
        if told := self.sudo().filtered(lambda ticket: ticket.sla_state in NOTIFIED_STATES):
            told._refresh_sla_activities(anew=told)

    def _on_agent_left(self, user):
        super()._on_agent_left(user)
        self._refresh_told_activities()

    def _refresh_sla_activities(self, told=None, anew=()):
        """Have an activity for what somebody was told of, as long as they can act on it.

        Of each ticket what is most serious; nothing that was kept, waived, became void, or waits
        for others. What somebody ticked off stays so, except where it is said otherwise.

        :param told: ``{alert: res.users}`` who were told just now: they get one if they have none
        :param anew: tickets of which everybody gets one if they have none
        """
        told = told or {}
        clocks = self._get_sla_clocks().filtered(lambda clock: clock._needs_activity())
        latest = {}
        for alert in self.env["telecom.sla.alert"].search([("clock_id", "in", clocks.ids)]):
            other = latest.setdefault(alert.ticket_id, alert)
            if alert.level > other.level:
                latest[alert.ticket_id] = alert
        earlier = (
            self.env["telecom.sla.alert"]
            .union(*latest.values())
            .filtered(lambda alert: alert not in told)
        )
        recipients = {**told, **earlier._find_recipients()}
        wanted = {
            (alert.ticket_id.id, user.id): alert._localize(user)
            for alert in latest.values()
            for user in recipients[alert]
        }
        concerned = {
            (alert.ticket_id.id, user.id) for alert, users in told.items() for user in users
        }
        activities = self._get_sla_activities()
        known = {(activity.res_id, activity.user_id.id): activity for activity in activities}
        for key in known.keys() - wanted.keys():
            known.pop(key).unlink()
        vals_list, returned = [], {ticket.id for ticket in anew}
        for key, alert in wanted.items():
            if activity := known.get(key):
                activity.write(alert._prepare_activity())
            elif key in concerned or key[0] in returned:
                res_id, user_id = key
                vals_list.append(
                    {"res_id": res_id, "user_id": user_id, **alert._prepare_activity()}
                )
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY_TYPE)
        fixed = {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "activity_type_id": type_id,
            "automated": True,
        }
        activities.create([{**fixed, **values} for values in vals_list])


class TelecomSlaClock(models.Model):
    _inherit = "telecom.sla.clock"

    def _needs_activity(self):
        """Whether somebody was told of the promise, and can still act on it."""
        return (
            self.alert_level > "0"
            and self.state != "paused"
            and self._is_open()
            and self.ticket_id.active
        )

    @contextmanager
    def _keeping_activities(self):
        """What happens inside may give reason for activities, or take it away."""
        before = self.filtered(lambda clock: clock._needs_activity())
        yield
        after = self.filtered(lambda clock: clock._needs_activity())
        if tickets := (before | after).ticket_id:
            tickets._refresh_sla_activities(anew=(after - before).ticket_id)


class TelecomSlaAlert(models.Model):
    _inherit = "telecom.sla.alert"

    def _prepare_activity(self):
        """Values of an activity in the language and zone of the context."""
        zone = pytz.timezone(self.env.context.get("tz") or "UTC")
        # The ticket may have waited for somebody since it was sent.
        deadline = self.clock_id.deadline or self.deadline
        return {
            "summary": f"{self.title}: {self.promise_text}",
            "note": self._describe_instant(deadline),
            "date_deadline": pytz.utc.localize(deadline).astimezone(zone).date(),
        }
