from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import SlaCase

RULES = "odoo.addons.base.models.ir_rule"


class TestMultiCompany(SlaCase):
    """Two operators in one database, each with its promises."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Operator Two"})
        cls.other_manager = cls.make_user(
            "manager_two",
            "telecom_helpdesk.group_manager",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )
        cls.other_team = cls.make_team(
            "Voice Two", cls.other_manager, company_id=cls.other_company.id
        )
        cls.other_hours = cls.make_calendar(
            "Two", "Europe/Paris", {("0",): ((9, 17),)}, company_id=cls.other_company.id
        )

    def make_other_ticket(self, **values):
        return self.make_ticket(as_user=self.other_manager, team_id=self.other_team.id, **values)

    def test_policy_of_one_company_is_for_its_tickets_alone(self):
        here = self.make_policy("Here", company_id=self.company.id)
        there = self.make_policy("There", company_id=self.other_company.id)
        self.assertEqual(self.make_ticket().sla_policy_id, here)
        self.assertEqual(self.make_other_ticket().sla_policy_id, there)

    def test_policy_without_a_company_is_for_all(self):
        policy = self.make_policy()
        self.assertFalse(policy.company_id)
        self.assertEqual((self.make_ticket() + self.make_other_ticket()).sla_policy_id, policy)

    def test_policy_belongs_to_the_company_of_its_hours(self):
        policy = self.make_policy(calendar_id=self.other_hours.id)
        self.assertEqual(policy.company_id, self.other_company)
        self.assertFalse(self.make_ticket().sla_policy_id)
        with self.assertRaisesRegex(ValidationError, "is for all companies, but “Two” belongs to"):
            policy.company_id = False

    def test_hours_and_teams_of_another_company_are_refused(self):
        policy = self.make_policy(company_id=self.company.id)
        text = "“Standard” is for .*, but “.* Two|Two” belongs to Operator Two"
        for change in (
            lambda: policy.write({"calendar_id": self.other_hours.id}),
            lambda: policy.target_ids[0].write({"calendar_id": self.other_hours.id}),
            lambda: policy.write({"team_ids": [Command.link(self.other_team.id)]}),
        ):
            with self.assertRaisesRegex(ValidationError, text), self.env.cr.savepoint():
                change()

    def test_ticket_that_moves_to_the_other_company_is_promised_what_that_promises(self):
        self.make_policy("Here", company_id=self.company.id)
        there = self.make_policy("There", company_id=self.other_company.id)
        ticket = self.make_ticket()
        ticket.team_id = self.other_team
        self.assertEqual((ticket.company_id, ticket.sla_policy_id), (self.other_company, there))

    @mute_logger(RULES)
    def test_other_company_reads_nothing(self):
        policy = self.make_policy(company_id=self.company.id)
        ticket = self.make_ticket()
        for records in (
            policy,
            policy.target_ids,
            ticket.sla_term_id,
            ticket.sla_clock_ids,
        ):
            with self.subTest(model=records._name):
                theirs = records.with_user(self.other_manager)
                self.assertFalse(theirs.search([("id", "in", records.ids)]))
                with self.assertRaises(AccessError):
                    theirs.read(["display_name"])
        with self.assertRaises(AccessError):
            policy.with_user(self.other_manager).name = "Theirs"
