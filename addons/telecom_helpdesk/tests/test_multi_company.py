from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import HelpdeskCase

RULES = "odoo.addons.base.models.ir_rule"


class TestMultiCompany(HelpdeskCase):
    """Two operators in one database, each with its teams, services and tickets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Operator Two"})
        cls.other_agent = cls.make_user(
            "agent_two",
            "telecom_helpdesk.group_agent",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )
        cls.both = cls.make_user(
            "agent_of_both",
            "telecom_helpdesk.group_agent",
            company_ids=[Command.set((cls.company + cls.other_company).ids)],
        )
        cls.other_team = cls.make_team(
            "Voice Two", cls.other_agent + cls.both, company_id=cls.other_company.id
        )
        cls.team_voice.member_ids += cls.both
        cls.other_service_here = cls.make_service(
            "SIP-9001", cls.type_voice, cls.customer, company_id=cls.other_company.id
        )

    def make_other_ticket(self, **values):
        return self.make_ticket(as_user=self.other_agent, team_id=self.other_team.id, **values)

    def test_ticket_belongs_to_the_company_of_its_team(self):
        for team in (self.team_voice, self.other_team):
            ticket = self.make_ticket(as_user=self.env.user, team_id=team.id)
            self.assertEqual(ticket.company_id, team.company_id)

    def test_ticket_follows_its_team_to_the_other_company(self):
        ticket = self.make_ticket(as_user=self.both)
        companies = (self.company + self.other_company).ids
        ticket.with_user(self.both).with_context(allowed_company_ids=companies).write(
            {"team_id": self.other_team.id}
        )
        self.assertEqual(ticket.company_id, self.other_company)

    def test_ticket_without_a_team_belongs_to_the_agents_company(self):
        for user in (self.agent_voice, self.other_agent):
            ticket = self.make_ticket(as_user=user, team_id=False)
            self.assertEqual(ticket.company_id, user.company_id)

    @mute_logger(RULES)
    def test_each_company_sees_its_own(self):
        here, there = self.make_ticket(), self.make_other_ticket()
        tickets = self.env["telecom.ticket"].with_user(self.other_agent)
        self.assertEqual(tickets.search([("id", "in", (here + there).ids)]).ids, there.ids)
        with self.assertRaises(AccessError):
            here.with_user(self.other_agent).read(["name"])
        with self.assertRaises(AccessError):
            there.with_user(self.manager).read(["name"])
        with self.assertRaises(AccessError):
            self.service_voice.with_user(self.other_agent).read(["identifier"])
        with self.assertRaises(AccessError):
            self.team_voice.with_user(self.other_agent).read(["name"])

    def test_agent_of_both_sees_the_companies_that_are_ticked(self):
        here, there = self.make_ticket(), self.make_other_ticket()
        for companies, expected in (
            (self.company, here),
            (self.other_company, there),
            (self.company + self.other_company, here + there),
        ):
            tickets = self.env["telecom.ticket"].with_user(self.both)
            tickets = tickets.with_context(allowed_company_ids=companies.ids)
            found = tickets.search([("id", "in", (here + there).ids)])
            self.assertEqual(set(found.ids), set(expected.ids))
            customer = self.customer.with_env(tickets.env)
            self.assertEqual(customer.telecom_ticket_count, len(expected))

    def test_agent_of_both_logs_a_call_for_the_second_company(self):
        companies = (self.company + self.other_company).ids
        form = Form(
            self.env["telecom.ticket"]
            .with_user(self.both)
            .with_context(allowed_company_ids=companies)
        )
        form.name = "No dial tone"
        form.partner_id = self.customer_contact
        form.team_id = self.other_team
        form.service_id = self.other_service_here
        ticket = form.save()
        self.assertEqual(ticket.company_id, self.other_company)

    def test_identifier_is_unique_by_type_and_company(self):
        self.make_service(
            "SIP-1001", self.type_voice, self.customer, company_id=self.other_company.id
        )
        self.make_service("SIP-1001", self.type_internet, self.customer)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.make_service("SIP-1001", self.type_voice, self.other_customer)

    def test_contract_reference_is_unique_by_company(self):
        self.make_contract(self.customer, name="SC-1")
        self.make_contract(self.customer, name="SC-1", company_id=self.other_company.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.make_contract(self.other_customer, name="SC-1")

    def test_contract_of_the_same_company_is_proposed(self):
        contract = self.make_contract(self.customer)
        other = self.make_contract(self.customer, company_id=self.other_company.id)
        self.assertEqual(self.make_ticket().contract_id, contract)
        self.assertEqual(self.make_other_ticket().contract_id, other)

    def test_mixing_companies_is_refused_and_said_clearly(self):
        contract = self.make_contract(self.customer, company_id=self.other_company.id)
        foreigner = self.make_partner("Foreigner", company_id=self.other_company.id)
        incident = self.make_other_ticket()
        incident.incident_kind = "incident"
        ticket = self.make_ticket()
        for values, named in (
            ({"service_id": self.other_service_here.id}, "SIP-9001"),
            ({"contract_id": contract.id}, contract.name),
            ({"partner_id": foreigner.id}, "Foreigner"),
            ({"user_id": self.other_agent.id}, self.other_agent.name),
            ({"collaborator_ids": [Command.link(self.other_agent.id)]}, self.other_agent.name),
            ({"parent_id": incident.id}, "No dial tone"),
        ):
            with self.subTest(values=values):
                with self.assertRaises(UserError) as refusal:
                    ticket.write(values)
                message = str(refusal.exception)
                self.assertIn(named, message)
                self.assertIn(self.company.name, message)
                self.assertIn("belongs to another company", message)
        with self.assertRaisesRegex(UserError, "belongs to another company"):
            self.service_voice.contract_id = contract
        with self.assertRaisesRegex(UserError, "belongs to another company"):
            self.team_voice.escalation_team_id = self.other_team

    def test_category_shared_by_companies_keeps_out_the_other_companys_team(self):
        category = self.env["telecom.ticket.category"].create(
            {"name": "Trunks", "default_team_id": self.other_team.id}
        )
        self.assertEqual(category._get_default_team(self.other_company), self.other_team)
        ticket = (
            self.env["telecom.ticket"]
            .with_user(self.agent_voice)
            .create({"name": "Trunk down", "category_id": category.id})
        )
        self.assertEqual(ticket.company_id, self.company)
        self.assertEqual(ticket.team_id.company_id, self.company)

    def test_mail_makes_the_ticket_in_the_company_of_the_addressed_team(self):
        """The gateway works as superuser of some company: rules do not apply there."""
        contract = self.make_contract(self.customer, company_id=self.other_company.id)
        self.make_contract(self.customer)
        raw = (
            f"From: {self.customer_contact.email_formatted}\nTo: two@operator.example.com\n"
            "Subject: Dead line\nMessage-ID: <dead@customer.example.com>\n\nNothing works.\n"
        )
        ticket_id = self.env["mail.thread"].message_process(
            "telecom.ticket", raw, custom_values={"team_id": self.other_team.id}
        )
        ticket = self.env["telecom.ticket"].browse(ticket_id)
        self.assertEqual(ticket.company_id, self.other_company)
        self.assertEqual(ticket.contract_id, contract)
        self.assertEqual(ticket.partner_id, self.customer_contact)
        self.assertEqual(ticket.message_ids.record_company_id, self.other_company)
        self.assertTrue(ticket.with_user(self.other_agent).has_access("write"))
        self.assertFalse(ticket.with_user(self.manager).has_access("read"))

    def test_follow_up_by_mail_stays_in_the_company(self):
        ticket = self.make_other_ticket()
        self.agent_replies(ticket, user=self.other_agent)
        self.other_team.reopen_days = 0
        ticket._set_state("closed")
        message = self.customer_mails(ticket, "It is dead again")
        follow_up = self.env["telecom.ticket"].browse(message.res_id)
        self.assertEqual(follow_up.follow_up_of_id, ticket)
        self.assertEqual(follow_up.company_id, self.other_company)

    def test_automatic_close_of_both_companies_in_one_run(self):
        tickets = self.make_ticket() + self.make_other_ticket()
        tickets._set_state("resolved")
        tickets.write({"resolved_at": "2020-01-01"})
        tickets._plan_due()
        with self.enter_registry_test_mode():
            self.env.ref("telecom_helpdesk.ir_cron_ticket_due").method_direct_trigger()
        self.assertEqual(tickets.mapped("state"), ["closed", "closed"])
