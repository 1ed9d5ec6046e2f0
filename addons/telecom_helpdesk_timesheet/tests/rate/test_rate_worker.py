from psycopg2.errors import ForeignKeyViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger

from ..rates_common import RatesCommon


@tagged("-at_install", "post_install")
class TestRateByWorker(RatesCommon, TransactionCase):
    """Rates by who did the work, their job position, and the day of the week."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.junior, cls.senior = cls.env["hr.job"].create(
            [{"name": "Engineer"}, {"name": "Senior Engineer"}]
        )
        cls.employee = cls.agent_voice.employee_id
        cls.employee.version_ids.date_version = "2026-01-01"
        cls.employee.job_id = cls.junior
        cls.product_senior = cls.make_product("Senior engineer", 130.0)

    def make_senior_rate(self, **values):
        return self.make_rate(
            "Senior",
            self.product_senior,
            sequence=1,
            **{"job_ids": self.senior.ids, **values},
        )

    def test_a_user_who_reads_notifications_in_odoo_can_be_made(self):
        user = self.env["res.users"].create(
            {
                "name": "Iris", "login": "iris.inbox", "notification_type": "inbox",
                "group_ids": [Command.set(self.env.ref("account.group_account_invoice").ids)],
            }
        )  # fmt: skip
        self.assertFalse(user.share)

    def find(self, line):
        return line._find_rates()[line.id]

    def test_a_rate_by_job_position(self):
        rate = self.make_senior_rate()
        line = self.log_hours(1, "2026-03-02 09:00:00")
        self.assertEqual(self.find(line), self.rate_working)
        self.employee.job_id = self.senior
        self.assertEqual(self.find(line), rate)
        self.assertEqual(line.rate_explanation, "Rate: Senior (Senior Engineer).")
        self.approve(line)
        self.assertEqual(line.support_rate_id, rate)
        self.employee.job_id = self.junior
        self.assertEqual(line.support_rate_id, rate, "what was approved stays")

    def test_the_job_is_that_of_the_day_of_the_work(self):
        rate = self.make_senior_rate()
        self.employee.create_version({"date_version": "2026-03-03", "job_id": self.senior.id})
        before = self.log_hours(1, "2026-03-02 09:00:00")
        after = self.log_hours(1, "2026-03-03 09:00:00")
        self.assertEqual(self.find(before), self.rate_working)
        self.assertEqual(self.find(after), rate)

    def test_work_of_somebody_who_left_keeps_its_rate(self):
        self.employee.job_id = self.senior
        rate = self.make_senior_rate()
        line = self.log_hours(1, "2026-03-02 09:00:00")
        self.employee.action_archive()
        self.env.invalidate_all()
        self.assertEqual(self.find(line), rate)
        self.senior.active = False
        self.env.registry.clear_cache()
        self.assertEqual(self.find(line), rate, "an archived position still says for whom it is")

    def test_a_rate_by_agent(self):
        rate = self.make_senior_rate(job_ids=False, user_ids=self.agent_voice.ids)
        line = self.log_hours(1, "2026-03-02 09:00:00")
        self.assertEqual(self.find(line), rate)
        self.assertEqual(line.rate_explanation, "Rate: Senior (Vera Voice).")
        line.employee_id = self.manager.employee_id
        self.assertEqual(self.find(line), self.rate_working)

    def test_before_it_is_saved_the_present_user_is_who_works(self):
        self.employee.job_id = self.senior
        self.make_senior_rate(is_free=True, product_id=False)
        form = Form(
            self.env["account.analytic.line"].with_user(self.agent_voice),
            "telecom_helpdesk_timesheet.account_analytic_line_view_form_ticket",
        )
        form.ticket_id = self.ticket.with_user(self.agent_voice)
        self.assertFalse(form.billable)
        form = Form(
            self.env["account.analytic.line"].with_user(self.manager),
            "telecom_helpdesk_timesheet.account_analytic_line_view_form_ticket",
        )
        form.ticket_id = self.ticket.with_user(self.manager)
        self.assertTrue(form.billable)

    def test_a_rate_by_day_of_the_week(self):
        for days, dates in [
            ("any", (2, 6, 7, 8)),
            ("week", (2, 6)),
            ("weekend", (7, 8)),
            ("saturday", (7,)),
            ("sunday", (8,)),
        ]:
            rate = self.make_senior_rate(job_ids=False, days=days)
            for day in (2, 6, 7, 8):  # of March 2026: Monday, Friday, Saturday, Sunday
                with self.subTest(days=days, day=day):
                    line = self.log_hours(1, f"2026-03-{day:02} 09:00:00")
                    self.assertEqual(self.find(line) == rate, day in dates)
            rate.active = False

    def test_managers_and_accountants_choose_whom_they_may_see(self):
        company = self.env["res.company"].create({"name": "Other Operator"})
        theirs = self.env["hr.job"].create({"name": "Theirs", "company_id": company.id})
        gone = self.make_user("gone", "base.group_user", active=False)
        rate = self.make_senior_rate(company_id=self.company.id)
        for user in (self.manager, self.accountant):
            own = rate.with_user(user)
            with Form(own) as form:
                form.job_ids.add(self.junior)
                form.user_ids.add(self.agent_voice)
            self.assertIn(self.junior, own.job_ids)
            for name, record, error in [
                ("job_ids", theirs, AccessError),
                ("user_ids", gone, ValidationError),
                ("user_ids", self.portal_user, ValidationError),
            ]:
                with self.subTest(user=user.name, record=record.name), self.assertRaises(error):
                    own.write({name: [Command.link(record.id)]})
        # Agents read what a rate is for, without rights on employees.
        shown = rate.with_user(self.agent_internet).read(["job_ids", "user_ids"])[0]
        self.assertEqual(set(shown["job_ids"]), {self.junior.id, self.senior.id})

    def test_whom_a_rate_is_for_cannot_be_deleted(self):
        self.make_senior_rate()
        with (
            self.assertRaises(ForeignKeyViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.senior.unlink()

    def test_200_entries_are_matched_without_a_query_for_each(self):
        self.make_senior_rate(user_ids=self.agent_voice.ids)
        people = self.agent_voice + self.agent_internet + self.manager
        lines = self.env["account.analytic.line"]
        for index in range(30):
            user = people[index % 3]
            ticket = self.make_own_ticket(
                team_id=(self.team_internet if user == self.agent_internet else self.team_voice).id
            )
            lines |= self.log(30, user=user, ticket=ticket)
        counts = []
        for some in (lines[:3], lines):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._find_rates()
            some._default_billable()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 14)
