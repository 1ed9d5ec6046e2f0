from odoo.tests import HttpCase, tagged

from .common import SlaCommon


@tagged("post_install", "-at_install")
class TestTour(SlaCommon, HttpCase):
    """Time runs on the screen, without anybody touching it."""

    def test_countdown_on_form_board_and_list(self):
        ticket = self.make_ticket(user_id=self.agent_voice.id)
        self.promise(ticket, resolution=1, imminent_seconds=600)
        other = self.make_ticket(name="Slow line", user_id=self.agent_voice.id)
        self.promise(other, resolution=10)
        self.start_tour(
            f"/odoo/tickets/{ticket.id}", "telecom_helpdesk_sla_countdown", login="agent_voice"
        )
