from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged

from ..billing_common import BillingCommon
from .test_review import ReviewCase
from .test_time_sheet import read_sheet

ENTRY_FORM = "telecom_helpdesk_timesheet.account_analytic_line_view_form_ticket"


class TestShare(ReviewCase):
    """A share of the time is billable, and never says another thing than "billable"."""

    def assert_share(self, line, percent):
        line.invalidate_recordset()
        self.assertEqual(
            (line.billable, line.billable_percent, line.billing_state),
            (percent > 0, percent, "to_approve" if percent else "not_billable"),
        )

    def test_share_and_billable_follow_each_other(self):
        line = self.log(30)
        self.assert_share(line, 100)
        own = line.with_user(self.agent_voice)
        for values, percent in [
            ({"billable_percent": 50}, 50),
            ({"name": "With the names"}, 50),
            ({"billable": False}, 0),
            ({"billable": True}, 100),
            ({"billable_percent": 0}, 0),
            ({"billable_percent": 30}, 30),
            ({"billable": True}, 30),
            ({"billable": False, "billable_percent": 0}, 0),
        ]:
            with self.subTest(values):
                own.write(values)
                self.assert_share(line, percent)
        self.assert_share(self.log(30, billable_percent=20), 20)
        self.assert_share(self.log(30, billable_percent=0), 0)
        self.assert_share(self.log(30, billable=False), 0)

    def test_what_contradicts_itself_or_goes_too_far_is_refused(self):
        line = self.log(30)
        for values in (
            {"billable": False, "billable_percent": 50},
            {"billable": True, "billable_percent": 0},
            {"billable_percent": 101},
            {"billable_percent": -1},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                line.with_user(self.agent_voice).write(values)
            with self.subTest(values), self.assertRaises(ValidationError):
                self.log(30, **values)

    def test_the_form_shows_what_follows(self):
        with Form(self.log(30).with_user(self.agent_voice), ENTRY_FORM) as form:
            self.assertEqual(form.billable_percent, 100)
            form.billable_percent = 40
            self.assertIn("40% of the time is billed.", form.rate_explanation)
            form.billable = False
            self.assertEqual(form.billable_percent, 0)
            form.billable = True
            self.assertEqual(form.billable_percent, 100)
            form.billable_percent = 0
            self.assertFalse(form.billable)
        self.assert_share(form.record, 0)

    def test_a_category_that_is_free_takes_the_share_away_and_gives_it_back(self):
        free = self.env["telecom.ticket.category"].create({"name": "Ours", "time_billing": "free"})
        line = self.log(30, billable_percent=50)
        free_ticket = self.make_ticket(category_id=free.id)
        line.ticket_id = free_ticket
        self.assert_share(line, 0)
        line.ticket_id = self.ticket
        self.assert_share(line, 100)

    def test_the_share_is_counted_and_locked(self):
        line = self.log(100, billable_percent=50)
        self.approve(line)
        self.assertEqual(self.minutes(line.billed_hours), 60)  # 50 minutes, in steps of 15
        self.assertEqual(self.minutes(line.approved_hours), 100)
        with self.assertRaisesRegex(UserError, "approved by"):
            line.with_user(self.agent_voice).billable_percent = 10
        self.unlock(line)
        self.assert_share(line, 50)

    def test_only_who_may_change_an_entry_sets_its_share(self):
        line = self.log(30)
        for user in (self.agent_internet, self.accountant, self.internal_user):
            with self.subTest(user.name), self.assertRaises(AccessError):
                line.with_user(user).billable_percent = 10

    def test_a_manager_corrects_the_share(self):
        lines = self.log(60) + self.log(60) + self.log(60)
        form = self.open_wizard(lines, "action_correct_hours")
        with form.entry_ids.edit(0) as row:
            self.assertEqual(row.billable_percent, 100)
            row.billable_percent = 50
        with form.entry_ids.edit(1) as row:
            row.billable_percent = 0
        form.note = "Half of it was our fault"
        action = form.save().action_correct_and_approve()
        self.assertRecordValues(
            lines,
            [
                {
                    "billing_state": state,
                    "billable_percent": percent,
                    "billed_hours": billed,
                    "correction_note": note,
                }
                for state, percent, billed, note in [
                    ("approved", 50, 0.5, "Half of it was our fault"),
                    ("not_billable", 0, 0, "Half of it was our fault"),
                    ("approved", 100, 1, False),
                ]
            ],
        )
        self.assertEqual(action["params"]["type"], "success")
        self.assertIn("Not billed", lines[1].rate_explanation)

    def test_nothing_is_left_to_approve(self):
        line = self.log(60)
        form = self.open_wizard(line, "action_correct_hours")
        with form.entry_ids.edit(0) as row:
            row.billable_percent = 0
        form.note = "Our fault"
        form.save().action_correct_and_approve()
        self.assertEqual(line.billing_state, "not_billable")

    def test_the_dialog_keeps_to_shares_and_owners(self):
        line = self.log(60)
        form = self.open_wizard(line, "action_correct_hours")
        form.note = "More"
        wizard = form.save()
        with self.assertRaises(ValidationError):
            wizard.entry_ids.billable_percent = 150
        own = self.log(60, user=self.manager)
        with self.assertRaisesRegex(UserError, "another manager"):
            own.with_user(self.manager)._correct_hours(1, "Half", 50)
        self.assert_share(own, 100)


@tagged("post_install", "-at_install")
class TestMultipliersBilled(BillingCommon, TransactionCase):
    """Share and factor on the way from the entry to invoice, time sheet and portal."""

    def approved(self, minutes, **values):
        line = self.log(minutes, **{"date": "2026-03-02", **values})
        self.approve(line)
        return line

    def test_a_factor_is_shown_in_the_preview_and_on_the_entry(self):
        with Form(self.rate_working.with_user(self.manager)) as form:
            form.factor = 1.5
        waiting = self.log(70, date="2026-03-02")
        self.assertEqual(
            waiting.rate_explanation,
            "Rate: Working hours (In Working Hours). Time counts 1.5 times.",
        )
        self.approve(waiting)
        self.assertEqual(self.minutes(waiting.billed_hours), 105)
        expected = f"{self.ticket.number}: 1:10 h × 1.5 count as 1:45 h"
        [line] = self.wizard().line_ids
        self.assertEqual(line.reckoning, expected)
        self.assertEqual(line.amount, 140)
        self.assertEqual(waiting.with_user(self.agent_voice).calculation_explanation, expected)
        # What the rate says later is for later work.
        self.rate_working.write({"factor": 3, "rounding_minutes": 60})
        self.approved(60, date="2026-03-03")
        self.assertEqual(self.minutes(waiting.billed_hours), 105)
        self.assertEqual(waiting._describe_multipliers(), "× 1.5")
        move = self.bill().line_ids.move_id
        self.assertEqual(move.amount_untaxed, 140 + 240)

    def test_numbers_are_written_as_the_language_has_them(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.rate_working.factor = 1.25
        line = self.approved(60, billable_percent=50)
        german = line.with_context(lang="de_DE")
        self.assertEqual(german._describe_multipliers(), "× 50\xa0% × 1,25")

    def test_time_sheet_and_portal_show_why(self):
        self.rate_working.factor = 2
        line = self.approved(60, billable_percent=50, name="Half ours")
        self.assertEqual(self.minutes(line.billed_hours), 60)
        [shown] = line._prepare_portal_values(self.portal_user)
        self.assertEqual(
            (shown["hours"], shown["multipliers"], shown["billed"]), ("1:00", "× 50% × 2", "1:00")
        )
        move = self.bill().line_ids.move_id
        reports = self.env["ir.actions.report"].with_user(self.accountant)
        content, _kind = reports._render_qweb_html("account.account_invoices", move.ids)
        self.assertIn("01:00× 50% × 2 01:00", " ".join(read_sheet(content)))
        self.assert_books(line, 80, 1)

    def test_short_work_that_is_free_goes_along_at_no_charge(self):
        self.rate_working.write({"rounding": "nearest", "may_be_nothing": True})
        self.rate_working.minimum_minutes = 30
        free = self.approved(7)
        self.assertEqual(free.billed_hours, 0)
        [shown] = free._prepare_portal_values(self.portal_user)
        self.assertEqual((shown["status"], shown["billed"]), ("Free of charge", "0:00"))
        self.rate_working.may_be_nothing = False
        paid = self.approved(7, date="2026-03-03")
        self.assertEqual(self.minutes(paid.billed_hours), 30)
        self.assertEqual(free.billed_hours, 0, "as it was counted when it was approved")
        self.assertEqual(self.bill().line_ids.move_id.amount_untaxed, 40)
        self.assert_states(free, "included")

    def test_rounding_down_and_to_the_minute(self):
        for rounding, minutes in [("up", 60), ("nearest", 60), ("down", 45), ("exact", 53)]:
            with self.subTest(rounding):
                self.rate_working.rounding = rounding
                self.assertEqual(self.minutes(self.approved(53).billed_hours), minutes)

    def test_what_counts_uses_up_the_hours_of_the_contract(self):
        self.include_hours(5)
        self.rate_working.factor = 2
        line = self.log(60, date="2026-03-02", billable_percent=50)
        self.contract.invalidate_recordset()
        self.approve(line)
        self.assertEqual(line.included_hours, 1)
        line = self.approved(60)
        self.assertEqual(line.included_hours, 2)
        period = self.contract.period_ids.filtered(lambda p: str(p.date_start) == "2026-03-01")
        self.assertEqual(period.used_hours, 3)

    def test_of_what_waits_the_billable_share_is_told(self):
        self.include_hours(5)
        self.log(60, billable_percent=50)
        self.log(30)
        self.assertEqual(self.contract._get_waiting_minutes(), {self.contract: 60})

    def test_both_sides_of_the_border_carry_the_share(self):
        parts = self.log_hours(1.5, "2026-03-02 16:30:00", billable_percent=50)
        self.assertEqual(parts.mapped("billable_percent"), [50, 50])
        self.approve(parts)
        self.assertEqual([self.minutes(hours) for hours in parts.mapped("billed_hours")], [15, 45])
        self.assertEqual(
            parts[:1].calculation_explanation,
            f"{self.ticket.number}: 1:30 h × 50% of one entry (parts: 2) count as 1:00 h",
        )

    def test_a_part_that_is_free_has_no_share(self):
        self.rate_out.write({"is_free": True})
        parts = self.log_hours(1.5, "2026-03-02 16:30:00")
        self.assertEqual(parts.mapped("billable_percent"), [100, 0])
        self.assertEqual(parts.mapped("billing_state"), ["to_approve", "not_billable"])

    def test_a_merge_moves_the_share_along(self):
        other = self.make_own_ticket()
        line = self.log(60, ticket=other, billable_percent=30)
        wizard = self.env["telecom.ticket.merge"].with_user(self.manager)
        form = Form(wizard.with_context(default_ticket_ids=[(6, 0, other.ids)]))
        form.target_id = self.ticket.with_user(self.manager)
        form.save().action_merge()
        self.assertEqual((line.ticket_id, line.billable_percent), (self.ticket, 30))
