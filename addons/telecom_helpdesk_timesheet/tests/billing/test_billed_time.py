from odoo.tests import Form, TransactionCase, tagged

from ..billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestReckoning(BillingCommon, TransactionCase):
    """Minimum and step by entry, by ticket and day, or by call-out, as the rate has it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        form = Form(cls.rate_out.with_user(cls.manager))
        form.counting = "callout"
        form.gap_minutes = 30
        form.save()
        (cls.rate_working + cls.rate_out).minimum_minutes = 60

    def work(self, hours, started_at, **values):
        lines = self.log_hours(hours, started_at, **values)
        self.approve(lines)
        return lines

    def minutes_of(self, lines):
        lines.invalidate_recordset()
        return [self.minutes(line.billed_hours) for line in lines]

    def test_a_call_out_with_pauses_has_one_minimum(self):
        first = self.work(0.25, "2026-03-02 20:00:00")
        self.assertEqual(self.minutes_of(first), [60])
        second = self.work(0.5, "2026-03-02 20:40:00")
        third = self.work(0.5, "2026-03-02 23:00:00")
        self.assertEqual(self.minutes_of(first | second | third), [30, 30, 60])

    def test_the_preview_shows_the_reckoning_and_the_invoice_says_the_same(self):
        self.work(0.25, "2026-03-02 20:00:00")
        nothing_more = self.work(0.05, "2026-03-02 20:20:00")
        self.rate_working.minimum_minutes = 0
        self.work(0.2, "2026-03-03 10:00:00")
        [line] = self.wizard().line_ids
        self.assertEqual(
            line.reckoning.splitlines(),
            [
                f"{self.ticket.number}: 0:18 h of a call-out (entries: 2) count as 1:00 h",
                f"{self.ticket.number}: 0:12 h count as 0:15 h",
            ],
        )
        self.assertEqual(line.amount, 120 + 20)
        move = self.bill().line_ids.move_id
        self.assertEqual(move.amount_untaxed, 140)
        # It goes with the line that it was counted with.
        self.assertEqual(nothing_more.invoice_line_id.price_subtotal, 120)
        self.assertFalse(
            move.invoice_line_ids.filtered(lambda line: line.display_type == "line_note")
        )
        self.assert_books(self.ticket.timesheet_ids, 140, 1.25)
        move.unlink()
        self.assert_states(self.ticket.timesheet_ids, "approved")

    def test_the_border_of_working_hours_charges_one_minimum(self):
        self.rate_working.counting = "callout"
        parts = self.work(0.5, "2026-03-02 16:45:00")  # until 18:15 in Paris
        self.assertEqual(len(parts), 2)
        self.assertEqual(sum(self.minutes_of(parts)), 60)

    def test_midnight_charges_one_minimum(self):
        for counting in ("entry", "day", "callout"):
            with self.subTest(counting):
                self.rate_out.counting = counting
                ticket = self.make_own_ticket()
                parts = self.work(1 / 3, "2026-03-04 22:50:00", ticket=ticket)
                self.assertEqual(sum(self.minutes_of(parts)), 60)

    def test_a_day_on_a_ticket(self):
        self.rate_working.counting = "day"
        morning = self.work(0.2, "2026-03-02 08:00:00")
        evening = self.work(0.2, "2026-03-02 15:00:00")
        other_day = self.work(0.2, "2026-03-03 15:00:00")
        other_ticket = self.work(0.2, "2026-03-02 08:00:00", ticket=self.make_own_ticket())
        self.assertEqual(sum(self.minutes_of(morning | evening)), 60)
        self.assertEqual(self.minutes_of(other_day | other_ticket), [60, 60])

    def test_what_was_billed_stays_and_what_comes_later_pays_what_is_more(self):
        first = self.work(0.25, "2026-03-02 20:00:00")
        self.bill()
        second = self.work(0.25, "2026-03-02 20:20:00")
        self.assertEqual(self.minutes_of(first | second), [60, 0])
        third = self.work(1, "2026-03-02 20:40:00")
        self.assertEqual(self.minutes_of(first | second | third), [60, 15, 15])

    def test_unlocked_time_leaves_the_minimum_to_the_rest(self):
        first = self.work(0.25, "2026-03-02 20:00:00")
        second = self.work(0.25, "2026-03-02 20:20:00")
        first.with_user(self.manager)._unlock("Wrong ticket")
        self.assertEqual(self.minutes_of(second), [60])
        self.approve(first)
        self.assertEqual(sum(self.minutes_of(first | second)), 60)

    def test_the_contract_covers_what_is_counted(self):
        self.include_hours(2, included_out_of_hours=True, included_since="2026-03-01")
        first = self.work(0.25, "2026-03-02 20:00:00")
        second = self.work(0.25, "2026-03-02 20:20:00")
        period = self.contract.period_ids.filtered(lambda p: str(p.date_start) == "2026-03-01")
        self.assertEqual(sum((first | second).mapped("included_hours")), 1)
        self.assertEqual(period.used_hours, 1)

    def test_merged_tickets_are_counted_together(self):
        other = self.make_own_ticket()
        first = self.work(0.25, "2026-03-02 20:00:00")
        second = self.work(0.25, "2026-03-02 20:20:00", ticket=other)
        self.assertEqual(self.minutes_of(first | second), [60, 60])
        wizard = self.env["telecom.ticket.merge"].with_user(self.manager)
        form = Form(wizard.with_context(default_ticket_ids=[(6, 0, other.ids)]))
        form.target_id = self.ticket.with_user(self.manager)
        form.save().action_merge()
        self.assertEqual(sum(self.minutes_of(first | second)), 60)
