import functools
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.telecom_helpdesk.models.ticket.ticket_presence import TelecomTicketPresence

from ..common import SlaCommon, frozen


@tagged("post_install", "-at_install")
class TestAlertTour(SlaCommon, HttpCase):
    """Alerts on the agent's screen, as they happen."""

    def test_alerts_appear_on_the_screen(self):
        self.make_policy("Premium", dict.fromkeys("0123", (0, 0, 8)))
        with frozen("2026-07-13 13:00:00"):
            tickets = [
                self.make_ticket(name=f"{name} line down", user_id=self.agent_voice.id)
                for name in ("First", "Second", "Third", "Fourth", "Fifth")
            ]
        announce = TelecomTicketPresence.announce
        ran = []

        @functools.wraps(announce)
        def announce_and_run(presence, ticket_id, mode, heartbeat=False):
            if not ran:
                ran.append(presence.env["telecom.sla.clock"].sudo()._run_due_batch())
            return announce(presence, ticket_id, mode, heartbeat)

        with patch.object(TelecomTicketPresence, "announce", announce_and_run):
            self.start_tour(
                f"/odoo/action-telecom_helpdesk.telecom_ticket_action/{tickets[-1].id}",
                "telecom_helpdesk_sla_alert",
                login="agent_voice",
            )
        self.assertEqual(ran, [5])
