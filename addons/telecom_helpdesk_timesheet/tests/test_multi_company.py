from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import TimeCase


class TestMultiCompany(TimeCase):
    """Time belongs to the ticket's company, and so do its project, its rates and its review."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_two = cls.env["res.company"].create({"name": "Operator Two"})
        both = [Command.set((cls.company + cls.company_two).ids)]
        (cls.agent_voice + cls.manager).write({"company_ids": both})
        cls.team_two = cls.make_team(
            "Voice Two", cls.agent_voice, company_id=cls.company_two.id, leader_id=cls.manager.id
        )
        cls.ticket_two = cls.make_ticket(team_id=cls.team_two.id)

    def log_two(self, minutes=30, user=None, companies=None, **values):
        companies = companies or self.company_two
        lines = self.env["account.analytic.line"].with_user(user or self.agent_voice)
        return lines.with_context(allowed_company_ids=companies.ids).create(
            {"ticket_id": self.ticket_two.id, "unit_amount": minutes / 60, **values}
        )

    def test_a_new_company_has_its_support_project(self):
        project = self.company_two.telecom_support_project_id
        self.assertTrue(project.allow_timesheets and project.account_id)
        self.assertEqual(project.company_id, self.company_two)
        self.assertNotEqual(project, self.company.telecom_support_project_id)

    def test_time_belongs_to_the_tickets_company(self):
        employee = self.make_employee(self.agent_voice, company_id=self.company_two.id)
        for companies in (self.company_two, self.company + self.company_two):
            line = self.log_two(companies=companies).with_env(self.env)
            self.assertRecordValues(
                line,
                [
                    {
                        "company_id": self.company_two.id,
                        "project_id": self.company_two.telecom_support_project_id.id,
                        "employee_id": employee.id,
                    }
                ],
            )

    def test_who_is_employed_by_one_company_alone_works_for_the_other_too(self):
        line = self.log_two(companies=self.company + self.company_two).with_env(self.env)
        self.assertEqual(line.employee_id, self.agent_voice.employee_id)
        self.assertEqual(line.company_id, self.company_two)

    def test_a_missing_employee_is_named_with_who_can_make_one(self):
        new = self.make_user("agent_new", "telecom_helpdesk.group_agent", name="Nina New")
        self.team_voice.member_ids = [Command.link(new.id)]
        with self.assertRaises(UserError) as caught:
            self.log(30, user=new)
        message = str(caught.exception)
        for part in ("Nina New", self.company.name, self.env.ref("base.user_admin").name):
            self.assertIn(part, message)

    def test_a_manager_reviews_the_companies_they_are_in(self):
        line = self.log_two(companies=self.company + self.company_two).with_env(self.env)
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            self.approve(line, self.manager_two)
        approver = line.with_user(self.manager).with_context(
            allowed_company_ids=self.company_two.ids
        )
        approver.action_approve()
        self.assertEqual(line.billing_state, "approved")

    def test_rates_of_another_company_do_not_apply(self):
        (self.rate_working + self.rate_out).company_id = self.company
        line = self.log_two(companies=self.company + self.company_two).with_env(self.env)
        self.assertEqual(line.billing_state, "not_billable")

    def test_a_ticket_with_time_stays_in_its_company(self):
        self.log(30)
        with self.assertRaisesRegex(ValidationError, "cannot move to another company"):
            self.ticket.with_user(self.manager).with_context(
                allowed_company_ids=(self.company + self.company_two).ids
            ).team_id = self.team_two

    def test_own_time_is_approved_where_the_company_says_so(self):
        self.company_two.telecom_approve_own_time = True
        companies = self.company + self.company_two
        own = self.log(30, user=self.manager)
        other = self.log_two(user=self.manager, companies=companies).with_env(self.env)
        lines = (own + other).with_user(self.manager)
        lines.with_context(allowed_company_ids=companies.ids).action_approve()
        self.assertEqual((own + other).mapped("billing_state"), ["to_approve", "approved"])

    def test_settings_are_the_companys(self):
        settings = self.env["res.config.settings"].with_company(self.company_two)
        project = self.env["project.project"].create(
            {"name": "Desk", "allow_timesheets": True, "company_id": self.company_two.id}
        )
        with Form(settings) as form:
            form.telecom_support_project_id = project
            form.telecom_approve_own_time = True
        form.record.execute()
        self.assertEqual(self.company_two.telecom_support_project_id, project)
        self.assertFalse(self.company.telecom_approve_own_time)
        line = self.log_two(companies=self.company + self.company_two)
        self.assertEqual(line.sudo().project_id, project)

    def test_the_support_project_is_the_companys_own(self):
        with self.assertRaisesRegex(ValidationError, "one of its own"):
            self.company.telecom_support_project_id = self.company_two.telecom_support_project_id

    def test_an_archived_project_is_named(self):
        self.company.telecom_support_project_id.active = False
        with self.assertRaisesRegex(UserError, "Support.*archived"):
            self.log(30)
