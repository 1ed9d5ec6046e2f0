from markupsafe import Markup

from odoo import models
from odoo.tools import get_lang


class TelecomSlaAlert(models.Model):
    """Sending: whom, by mail, by activity and on the screen, and the note in the thread."""

    _inherit = "telecom.sla.alert"

    def _notify(self):
        """Tell people of these alerts, which fell due at one time, and rules after them.

        After downtime several kinds are due for one clock: only the most serious one is sent.
        """
        most_serious = {alert.clock_id: alert.id for alert in self.sorted("level")}
        told = self.filtered(lambda alert: most_serious[alert.clock_id] == alert.id)
        told._send()
        self._set_recipients_of(told)
        self._fire_rules()

    def _send(self):
        """Send the alerts by every channel, in a constant number of steps.

        Nothing leaves before the commit: mails are rows of Odoo's queue, the bus waits too.
        """
        alerts = self
        if not alerts:
            return
        recipients = alerts._find_recipients()
        for users, group in alerts.grouped(recipients.get).items():
            group.recipient_ids = users
        # Each text is made once for all who read that language on that wall clock.
        groups = {}
        for alert in alerts:
            for user in recipients[alert]:
                groups.setdefault(alert._get_locale(user), []).append((alert, user))
        for pairs in groups.values():
            localized = alerts.with_env(pairs[0][0]._localize(pairs[0][1]).env)
            pairs = [(localized.browse(alert.id), user) for alert, user in pairs]
            localized._send_mails(pairs)
            localized._push(pairs)
        alerts.ticket_id._refresh_sla_activities(told=recipients)
        alerts._leave_notes()

    def _set_recipients_of(self, told):
        """Lower alerts that fell due together with one of ``told`` have the same recipients."""
        by_clock = {alert.clock_id: alert for alert in told}
        others = self - told
        for users, group in others.grouped(lambda a: by_clock[a.clock_id].recipient_ids).items():
            if users:
                group.recipient_ids = users

    def _get_locale(self, user):
        """Language code and time zone that ``user`` reads this in."""
        ticket = self.ticket_id
        company = ticket.company_id
        calendar = ticket.team_id.resource_calendar_id or company.resource_calendar_id
        lang = get_lang(self.env, user.lang or company.partner_id.lang).code
        return lang, user.tz or calendar.tz or "UTC"

    def _localize(self, user):
        """This alert with its texts as ``user`` reads them."""
        lang, zone = self._get_locale(user)
        return self.with_context(lang=lang, tz=zone)

    # Whom

    def _find_recipients(self):
        """``{alert: res.users}``: recipients, never empty.

        The agent in charge, with the collaborators where the policy says so; at a breach their
        manager as well. If no agent can be notified, the manager is.
        """
        agents = self.env["telecom.agent"]
        recipients = {}
        for alert in self:
            ticket, policy = alert.ticket_id, alert.clock_id.policy_id
            users = ticket._get_people_to_notify(ticket.user_id)
            if alert.kind == "breach":
                users |= ticket._get_people_to_notify()
            if policy.notify_collaborators:
                users |= agents._filter_at_work(ticket.collaborator_ids, ticket.company_id)
            recipients[alert] = users
        return recipients

    # On the screen

    def _push(self, pairs):
        """Show a notification to each user who has the backend open.

        :param pairs: list of (alert, ``res.users``)
        """
        for alert, user in pairs:
            user._bus_send(
                "telecom.sla.alert",
                {
                    "kind": alert.kind,
                    "ticket_id": alert.ticket_id.id,
                    "title": alert.title,
                    "ticket": alert.ticket_id.display_name,
                    "message": f"{alert.promise_text}: {alert.left_text}",
                },
            )

    # In the thread

    def _leave_notes(self):
        """One internal note on each ticket for the breaches among these."""
        breaches = self.filtered(lambda alert: alert.kind == "breach")
        for company, group in breaches.grouped(lambda alert: alert.ticket_id.company_id).items():
            lang = get_lang(self.env, company.partner_id.lang).code
            bodies = {}
            for alert in group:
                ticket = alert.ticket_id
                calendar = ticket.team_id.resource_calendar_id or company.resource_calendar_id
                note = alert.with_context(lang=lang, tz=calendar.tz)._render_note()
                bodies[ticket.id] = bodies.get(ticket.id, Markup()) + note
            group.ticket_id._message_log_batch(bodies)

    def _render_note(self):
        facts = [
            self.env._(
                "%(promise)s, by %(deadline)s",
                promise=self.promise_text,
                deadline=self.deadline_text,
            ),
            self.left_text,
            self.env._("Notified: %s", ", ".join(self.recipient_ids.mapped("name"))),
            self.late_text,
        ]
        items = Markup().join(Markup("<li>%s</li>") % fact for fact in facts if fact)
        return Markup("<p><b>%s</b></p><ul>%s</ul>") % (self.title, items)
