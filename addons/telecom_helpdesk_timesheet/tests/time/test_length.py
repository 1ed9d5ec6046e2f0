from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..common import TimeCase

DAY = "2026-03-02"


class TestLength(TimeCase):
    """Work that is still to come is refused; more of it than people do in a day is looked at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.telecom_long_day_hours = 12

    def assert_left(self, action, *entries):
        message = action["params"]["message"]
        for entry, warning in entries:
            self.assertIn(
                f"{entry._get_label()}: {warning}: check it and approve it separately", message
            )
            self.assertEqual(entry.billing_state, "to_approve")

    # Of days to come

    @frozen("2026-03-02 22:30:00")
    def test_tomorrow_is_the_last_day_where_the_agent_is(self):
        """It is half past eleven in Paris, and half past seven in the morning in Tokyo."""
        self.assertTrue(self.log(30, date="2026-03-03"))
        with self.assertRaisesRegex(ValidationError, "still to come.*03/03/2026"):
            self.log(30, date="2026-03-04")
        self.agent_voice.tz = "Asia/Tokyo"
        self.assertTrue(self.log(30, date="2026-03-04"))

    @frozen("2026-03-02 12:00:00")
    def test_whichever_way_it_comes(self):
        form = Form(
            self.env["account.analytic.line"].with_user(self.agent_voice),
            "telecom_helpdesk_timesheet.account_analytic_line_view_form_ticket",
        )
        form.ticket_id = self.ticket
        form.unit_amount = 1
        form.date = "2027-03-02"
        with self.assertRaisesRegex(ValidationError, "still to come"):
            form.save()
        for vals in ({"date": "2026-03-09"}, {"started_at": "2026-03-09 09:00:00"}):
            entry = self.log(30, date=DAY).with_user(self.agent_voice)
            with self.assertRaisesRegex(ValidationError, "still to come"):
                entry.write(vals)
        project = self.company.telecom_support_project_id
        lines = self.env["account.analytic.line"].with_user(self.agent_voice)
        later = {"project_id": project.id, "unit_amount": 1, "date": "2026-03-09"}
        planned = lines.create({**later, "name": "Planned, and no work on a ticket"})
        with self.assertRaisesRegex(ValidationError, "still to come"):
            planned.ticket_id = self.ticket

    # Too long

    def test_a_long_entry_is_not_approved_among_others(self):
        long, short = self.log(20 * 60, date=DAY), self.log(30, date="2026-03-03")
        shown = (long + short).with_user(self.manager)
        self.assertEqual(shown.mapped("review_warning"), ["20:00 h in one entry", False])
        self.assert_left(self.approve(long + short), (long, "20:00 h in one entry"))
        self.assertEqual(short.billing_state, "approved")
        self.approve(long)
        self.assertEqual(long.billing_state, "approved")
        self.assertFalse(shown[0].review_warning)

    def test_a_long_day_of_one_agent(self):
        other = self.make_ticket()
        first = self.log(12 * 60, date=DAY)
        second = self.log(14 * 60, date=DAY, ticket=other, billable=False)
        colleague = self.log(60, date=DAY, user=self.agent_internet, ticket=self.make_ticket(
            team_id=self.team_internet.id))  # fmt: skip
        self.assertEqual(first.review_warning, "26:00 h on one day")
        self.assertFalse(second.review_warning, "nobody is asked to approve it")
        self.assert_left(self.approve(first + colleague), (first, "26:00 h on one day"))
        self.assertEqual(colleague.billing_state, "approved")

    def test_all_that_is_chosen_is_long(self):
        entries = self.log(13 * 60, date=DAY) + self.log(13 * 60, date="2026-03-03")
        with self.assertRaisesRegex(UserError, "13:00 h in one entry: check it"):
            self.approve(entries)

    def test_what_the_manager_lets_pass_counts(self):
        long, short = self.log(20 * 60, date=DAY), self.log(30, date="2026-03-03")
        long.with_user(self.manager)._correct_hours(8, "The timer ran over night")
        self.assertFalse(long.review_warning)
        self.approve(long + short)
        self.assertEqual(long.billing_state, "approved")

    def test_in_the_dialog_that_corrects(self):
        long, short = self.log(20 * 60, date=DAY), self.log(30, date="2026-03-03")
        action = (long + short).with_user(self.manager).action_correct_hours()
        wizards = self.env[action["res_model"]].with_user(self.manager)
        wizard = wizards.with_context(**action["context"]).create({"note": "Looked at"})
        self.assert_left(wizard.action_correct_and_approve(), (long, "20:00 h in one entry"))

    def test_the_limit_is_the_companys(self):
        long, short = self.log(13 * 60, date=DAY), self.log(30, date="2026-03-03")
        for hours, warning in ((13, False), (0, False), (12, "13:00 h in one entry")):
            self.company.telecom_long_day_hours = hours
            long.invalidate_recordset()
            self.assertEqual(long.review_warning, warning)
        self.company.telecom_long_day_hours = 0
        self.approve(long + short)
        self.assertEqual(long.billing_state, "approved")

    def test_the_list_takes_as_many_queries_for_many_entries(self):
        counts = []
        for number in (1, 1, 20):
            lines = self.env["account.analytic.line"]
            for index in range(number):
                lines |= self.log(30, date=f"2026-03-{index + 1:02}")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines.with_user(self.manager).mapped("review_warning")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
