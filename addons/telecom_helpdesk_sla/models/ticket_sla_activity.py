import pytz

from odoo import models

ACTIVITY_TYPE = "telecom_helpdesk_sla.mail_activity_type_sla"
# While any of these holds, somebody may have an activity.
TOLD_STATES = ("warning", "imminent", "breached", "paused")


class TelecomTicket(models.Model):
    """What lies on people's desks because of a deadline: one activity for each ticket and user."""

    _inherit = "telecom.ticket"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        # Who is told of a deadline need not hear all that is said on the ticket.
        if self.env.context.get("sla_alert_only"):
            return True
        return super().message_subscribe(partner_ids, subtype_ids)

    def _get_sla_activities(self):
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY_TYPE)
        return (
            self.env["mail.activity"]
            .sudo()
            .with_context(mail_activity_quick_update=True, sla_alert_only=True)
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", type_id),
                ]
            )
        )

    def _schedule_sla_activities(self, pairs):
        """Have each user one activity on the ticket, about what is most serious now.

        :param pairs: list of (alert, ``res.users``), in the language and zone of the users
        """
        wanted = {}
        for alert, user in sorted(pairs, key=lambda pair: pair[0].level):
            wanted[alert.ticket_id.id, user.id] = alert
        if not wanted:
            return
        activities = self.browse({ticket_id for ticket_id, _user in wanted})._get_sla_activities()
        vals_list = []
        known = {(activity.res_id, activity.user_id.id): activity for activity in activities}
        for (ticket_id, user_id), alert in wanted.items():
            values = alert._prepare_activity()
            if activity := known.get((ticket_id, user_id)):
                activity.write(values)
            else:
                vals_list.append({"res_id": ticket_id, "user_id": user_id, **values})
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY_TYPE)
        model_id = self.env["ir.model"]._get_id(self._name)
        activities.create(
            [
                {
                    "res_model_id": model_id,
                    "activity_type_id": type_id,
                    "automated": True,
                    **values,
                }
                for values in vals_list
            ]
        )

    def _clear_sla_activities(self):
        """Take the activities away where no promise is left that somebody was told of."""
        open_clocks = self._get_sla_clocks().filtered(
            lambda clock: clock._is_open() and clock.alert_level > "0"
        )
        (self - open_clocks.ticket_id.with_env(self.env))._get_sla_activities().unlink()

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        if "user_id" in before:
            told = self.sudo().filtered(lambda ticket: ticket.sla_state in TOLD_STATES)
            told._hand_on_sla_activities(before["user_id"])

    def _hand_on_sla_activities(self, former):
        """Whoever is in charge now has it on their desk, the former agent no longer.

        :param former: ``{ticket id: id of the former agent}``
        """
        latest = {}
        for alert in self.env["telecom.sla.alert"].search([("ticket_id", "in", self.ids)]):
            if alert.clock_id._is_open():
                latest.setdefault(alert.ticket_id, alert)
        alerts = self.env["telecom.sla.alert"].union(*latest.values())
        recipients = alerts._find_recipients()
        activities = alerts.ticket_id._get_sla_activities()
        activities.filtered(
            lambda activity: (
                activity.user_id.id == former[activity.res_id]
                and activity.user_id not in recipients[latest[self.browse(activity.res_id)]]
            )
        ).unlink()
        for alert, users in recipients.items():
            for user in (
                users
                - activities.exists()
                .filtered(lambda activity, ticket=alert.ticket_id: activity.res_id == ticket.id)
                .user_id
            ):
                lang, zone = alert._get_locale(user)
                self._schedule_sla_activities([(alert.with_context(lang=lang, tz=zone), user)])


class TelecomSlaAlert(models.Model):
    _inherit = "telecom.sla.alert"

    def _prepare_activity(self):
        """Values of an activity in the language and zone of the context."""
        zone = pytz.timezone(self.env.context.get("tz") or "UTC")
        return {
            "summary": f"{self.title}: {self.promise_text}",
            "note": self.deadline_text,
            "date_deadline": pytz.utc.localize(self.deadline).astimezone(zone).date(),
        }
