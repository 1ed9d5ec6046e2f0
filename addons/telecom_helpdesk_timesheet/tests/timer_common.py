import json

from odoo.tests import Form

from odoo.addons.telecom_helpdesk.tests.common import frozen

from .common import TimeCase


def at(clock, day=3):
    """An instant of March 2026, in UTC. The 3rd is a Tuesday.

    The teams work from 8 to 11 and from 12 to 17 UTC: Paris is an hour ahead.
    """
    return f"2026-03-{day:02} {clock}"


class TimerCase(TimeCase):
    def start(self, clock, *, day=3, ticket=None, user=None):
        with frozen(at(clock, day)):
            return (
                (ticket or self.ticket)
                .with_user(user or self.agent_voice)
                .action_timer_start()["timers"]
            )

    def pause(self, clock, *, day=3, ticket=None, user=None):
        with frozen(at(clock, day)):
            return (
                (ticket or self.ticket)
                .with_user(user or self.agent_voice)
                .action_timer_pause()["timers"]
            )

    def stop(self, clock, *, day=3, ticket=None, **values):
        """Press "Stop" at ``clock``, fill in the dialog, press "Log Time"; the entries."""
        ticket = (ticket or self.ticket).with_user(self.agent_voice)
        before = self.ticket.timesheet_ids
        with frozen(at(clock, day)):
            action = ticket.action_timer_stop()
            form = Form(
                self.env["telecom.timer.stop"]
                .with_user(self.agent_voice)
                .with_context(**action["context"])
            )
            for name, value in values.items():
                form[name] = value
            form.save().action_log()
        return (ticket.sudo().timesheet_ids - before).sorted("started_at")

    def hear(self, user=None):
        """What the browsers of ``user`` were told since it was last asked, besides the timers."""
        self.env.cr.precommit.run()  # the bus waits for it
        channel = f'%"res.partner",{(user or self.agent_voice).partner_id.id}]'
        notifications = self.env["bus.bus"].sudo().search([("channel", "like", channel)])
        messages = [json.loads(message) for message in notifications.mapped("message")]
        notifications.unlink()
        return [
            message["payload"]["news"]["kind"]
            for message in messages
            if message["type"] == "telecom.ticket.timer/state" and message["payload"]["news"]
        ]

    def get_timers(self, user=None):
        timers = self.env["telecom.ticket.timer"].with_user(user or self.agent_voice)
        return timers.get_timers()["timers"]

    def run_due(self, clock, day=3):
        self.env.flush_all()
        with (
            frozen(at(clock, day)),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            self.env(cr=cr, user=self.env.ref("base.user_root"))["telecom.ticket.timer"]._run_due()
        self.env.invalidate_all()
