from odoo.exceptions import UserError
from odoo.tests import Form

from ..hooks import uninstall_hook
from .common import MailCase


class TestTeamAddress(MailCase):
    """M1: a team has a mail address."""

    def test_m1_manager_gives_a_team_its_address(self):
        with Form(self.env["telecom.ticket.team"].with_user(self.manager)) as form:
            form.name = "Mobile"
            form.alias_name = "Mobile Désk"
        team = form.record
        self.assertEqual(team.alias_email, "mobile-desk@operator.example.com")
        self.assertEqual(team.alias_id.alias_contact, "everyone")
        with Form(team) as form:
            form.alias_name = "mobile"
        raw = self.fixture("known_contact", Delivered_To="", To="mobile@operator.example.com")
        self.assertEqual(self.receive_ticket(raw).team_id, team)

    def test_team_without_address_keeps_no_alias(self):
        team = self.make_team("Third Level", self.agent_voice)
        self.assertFalse(team.alias_id)
        self.assertFalse(self.team_voice.copy().alias_id)

    def test_agent_reads_the_address_and_cannot_change_it(self):
        team = self.team_voice.with_user(self.agent_voice)
        form = Form(team)
        self.assertEqual(form.alias_email, "support@operator.example.com")
        found = team.search([("alias_email", "ilike", "support@operator")])
        self.assertEqual(found, team)

    def test_o6_address_of_another_team_is_refused_by_name(self):
        with self.assertRaisesRegex(UserError, "Voice"):
            self.team_internet.alias_name = "support"

    def test_o4_address_moves_with_the_team_to_another_company(self):
        company = self.make_company("Globe")
        team = self.make_team("Fibre", self.env["res.users"], alias_name="fibre")
        team.write(
            {
                "company_id": company.id,
                "resource_calendar_id": company.resource_calendar_id.id,
                "member_ids": False,
            }
        )
        self.assertEqual(team.alias_email, "fibre@globe.example.com")

    def test_deleted_team_leaves_no_address(self):
        team = self.make_team("Fibre", self.agent_voice, alias_name="fibre")
        alias = team.alias_id
        team.unlink()
        self.assertFalse(alias.exists())

    def test_o3_uninstalling_takes_the_addresses_along(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        uninstall_hook(self.env)
        self.assertFalse(
            self.env["mail.alias"].search([("alias_model_id.model", "=", "telecom.ticket")])
        )
        self.assertTrue(ticket.exists())
