from odoo.exceptions import AccessError, UserError, ValidationError
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

    def test_an_empty_board_says_where_to_write(self):
        tickets = self.env["telecom.ticket"].with_user(self.agent_voice)
        board = tickets.with_context(default_team_id=self.team_voice.id)
        self.assertIn("mailto:support@operator.example.com", board.get_empty_list_help(""))

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

    def test_m1_manager_gives_a_team_more_addresses(self):
        with Form(self.team_voice.with_user(self.manager)) as form, form.address_ids.new() as row:
            row.alias_name = "Outage"
        [address] = self.team_voice.address_ids
        self.assertEqual(address.alias_email, "outage@operator.example.com")
        raw = self.fixture("known_contact", Delivered_To="", To="outage@operator.example.com")
        ticket = self.receive_ticket(raw)
        self.assertEqual(ticket.team_id, self.team_voice)
        mail = self.reply_to_customer(ticket)
        self.assertIn("<outage@operator.example.com>", mail["From"])
        self.assertIn("<outage@operator.example.com>", mail["Reply-To"])
        with Form(self.team_voice.with_user(self.manager)) as form, form.address_ids.edit(0) as row:
            row.alias_name = "down"
        self.assertEqual(address.alias_email, "down@operator.example.com")
        with Form(self.team_voice.with_user(self.manager)) as form:
            form.address_ids.remove(0)
        self.assertFalse(self.find_alias("down"))
        self.assertIn("<support@operator.example.com>", self.reply_to_customer(ticket)["From"])

    def find_alias(self, name):
        return self.env["mail.alias"].search([("alias_name", "=", name)])

    def test_m1_further_address_of_another_team_is_refused_by_name(self):
        self.add_address(self.team_voice, "outage")
        for team in (self.team_voice, self.team_internet):
            with self.assertRaisesRegex(UserError, "Voice"):
                self.add_address(team, "outage")
        with self.assertRaisesRegex(UserError, "Internet"):
            self.add_address(self.team_voice, "internet")

    def add_address(self, team, name, **values):
        addresses = self.env["telecom.ticket.team.address"].with_user(self.manager)
        values = {"team_id": team.id, "alias_name": name, **values}
        return addresses.create(values).with_env(self.env)

    def test_o4_further_address_at_another_companys_domain_is_refused(self):
        domain = self.make_company("Globe").alias_domain_id
        with self.assertRaisesRegex(ValidationError, "Globe"):
            self.add_address(self.team_voice, "outage", alias_domain_id=domain.id)

    def test_o4_further_addresses_move_with_the_team_to_another_company(self):
        company = self.make_company("Globe")
        team = self.make_team("Fibre", self.env["res.users"], alias_name="fibre")
        address = self.add_address(team, "ftth")
        team.write(
            {
                "company_id": company.id,
                "resource_calendar_id": company.resource_calendar_id.id,
                "member_ids": False,
            }
        )
        self.assertEqual(address.alias_email, "ftth@globe.example.com")

    def test_o4_form_proposes_the_domain_of_the_teams_company(self):
        company = self.make_company("Globe")
        self.manager.company_ids += company
        team = self.env["telecom.ticket.team"].search([("company_id", "=", company.id)])
        allowed = self.manager.company_ids.ids
        team = team.with_user(self.manager).with_context(allowed_company_ids=allowed)
        with Form(team) as form, form.address_ids.new() as row:
            row.alias_name = "outage"
        self.assertEqual(team.address_ids.alias_email, "outage@globe.example.com")

    def test_deleted_team_leaves_no_further_address(self):
        team = self.make_team("Fibre", self.agent_voice)
        self.add_address(team, "ftth")
        team.unlink()
        self.assertFalse(self.find_alias("ftth"))

    def test_manager_gets_hold_of_no_other_documents_alias(self):
        theirs = self.team_internet.alias_id.id
        with self.assertRaises(AccessError):
            self.add_address(self.team_voice, "outage", alias_id=theirs)
        address = self.add_address(self.team_voice, "outage")
        with self.assertRaises(AccessError):
            address.with_user(self.manager).write({"alias_id": theirs})
        address.with_user(self.manager).unlink()
        self.assertEqual(self.team_internet.alias_email, "internet@operator.example.com")

    def test_a_team_takes_over_no_address_of_another_app(self):
        partner = self.env["ir.model"]._get_id("res.partner")
        theirs = self.env["mail.alias"].create(
            {
                "alias_name": "jobs",
                "alias_model_id": partner,
                "alias_domain_id": self.alias_domain.id,
            }
        )
        team = self.team_internet.with_user(self.manager)
        for alias in (theirs, self.team_voice.alias_id):
            with self.subTest(alias=alias.alias_name):
                with self.assertRaisesRegex(ValidationError, "not this team's"):
                    team.write({"alias_id": alias.id})
                with self.assertRaises(ValidationError):
                    team.create({"name": "New", "alias_id": alias.id})
        team.alias_name = "net"
        self.assertEqual(self.team_internet.alias_email, "net@operator.example.com")
        self.assertEqual(theirs.alias_name, "jobs")

    def test_nobody_chooses_the_address_that_answers_leave_from(self):
        ticket = self.make_ticket().with_user(self.manager)
        with self.assertRaises(AccessError):
            ticket.write({"mail_alias_id": self.team_internet.alias_id.id})

    def test_agent_changes_no_address(self):
        address = self.add_address(self.team_voice, "outage").with_user(self.agent_voice)
        self.assertEqual(address.alias_email, "outage@operator.example.com")
        for change in (address.unlink, lambda: address.write({"alias_name": "x"})):
            with self.assertRaises(AccessError):
                change()

    def test_manager_chooses_how_mail_is_dealt_with(self):
        with Form(self.env["telecom.ticket.team"].with_user(self.manager)) as form:
            form.name = "Monitoring"
            self.assertEqual(form.mail_unknown_sender, "mark")
            self.assertFalse(form.mail_follow_copied or form.mail_keep_original)
            self.assertFalse(form.mail_accept_notices)
            form.mail_unknown_sender = "create"
            form.mail_accept_notices = True
        self.assertEqual(form.record.mail_unknown_sender, "create")
        self.assertTrue(form.record.mail_accept_notices)

    def test_o3_uninstalling_takes_the_addresses_along(self):
        ticket = self.receive_ticket(self.fixture("known_contact"))
        self.add_address(self.team_voice, "outage")
        uninstall_hook(self.env)
        self.assertFalse(
            self.env["mail.alias"].search([("alias_model_id.model", "=", "telecom.ticket")])
        )
        self.assertTrue(ticket.exists())
