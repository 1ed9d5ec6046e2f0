from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..billing_common import BillingCommon

APRIL = "2026-04-10 09:00:00"


@tagged("post_install", "-at_install")
class TestShortPeriod(BillingCommon, TransactionCase):
    """The end of a contract cuts its last period short: all hours, or those for its days."""

    def grant(self, mode="share", **values):
        self.include_hours(10, included_since="2026-04-01", included_short_periods=mode, **values)
        return self.contract.current_period_id

    @frozen(APRIL)
    def test_all_hours_unless_somebody_says_otherwise(self):
        self.include_hours(10, included_since="2026-04-01")
        self.assertEqual(self.contract.included_short_periods, "full")
        self.contract.date_end = "2026-04-19"
        period = self.contract.current_period_id
        self.assertEqual((period.hours, period.share_note), (10, False))

    @frozen(APRIL)
    def test_a_share_for_its_days_and_how_it_came_about(self):
        period = self.grant()
        self.assertEqual((period.hours, period.share_note), (10, False))
        self.contract.with_user(self.manager).date_end = "2026-04-19"
        self.assertEqual(self.minutes(period.hours), 380)
        self.assertEqual(period.share_note, "19 of 30 days: 6:20 h of 10:00 h")
        self.assertEqual(self.minutes(period.left_hours), 380)
        shown = self.contract._prepare_portal_values()["current"]
        self.assertEqual((shown["granted"], shown["share"]), ("6:20", period.share_note))

    @frozen(APRIL)
    def test_whoever_goes_on_has_all_of_them_again(self):
        period = self.grant(date_end="2026-04-19")
        self.assertEqual(self.minutes(period.hours), 380)
        self.contract.date_end = "2026-04-25"
        self.assertEqual(self.minutes(period.hours), 500)
        self.contract.date_end = False
        self.assertEqual((period.hours, period.share_note), (10, False))

    def test_the_scheduler_grants_the_share(self):
        with frozen(APRIL):
            self.grant(date_end="2026-05-10")
        with frozen("2026-05-01 00:00:00"):
            self.env["telecom.contract.due"]._run_due_batch()
            may = self.contract.current_period_id
            self.assertEqual(may.share_note, "10 of 31 days: 3:14 h of 10:00 h")
            self.assertEqual(self.minutes(may.hours), 194)

    @frozen(APRIL)
    def test_terminated_at_once(self):
        period = self.grant()
        self.contract.with_user(self.manager).action_cancel()
        self.assertEqual(period.share_note, "10 of 30 days: 3:20 h of 10:00 h")

    @frozen(APRIL)
    def test_what_was_billed_stays(self):
        period = self.grant()
        line = self.log_approved(8 * 60, date="2026-04-02", ticket=self.ticket)
        self.bill()
        self.contract.date_end = "2026-04-15"
        self.assertEqual((period.hours, period.left_hours, line.included_hours), (8, 0, 8))
        self.contract.date_end = False
        self.assertEqual((period.hours, period.left_hours), (10, 2))

    @frozen(APRIL)
    def test_approved_work_beyond_the_share_is_invoiced(self):
        self.grant()
        line = self.log_approved(8 * 60, date="2026-04-02", ticket=self.ticket)
        self.contract.date_end = "2026-04-15"
        self.assertEqual((line.included_hours, line._get_minutes_to_invoice()), (5, 180))

    @frozen(APRIL)
    def test_hours_that_a_manager_gave_stay(self):
        period = self.grant()
        period.with_user(self.manager).hours = 12
        self.contract.date_end = "2026-04-15"
        self.assertEqual(period.hours, 12)

    @frozen(APRIL)
    def test_the_setting_counts_from_the_next_period_on_or_at_once(self):
        period = self.grant("full", date_end="2026-04-15")
        self.contract.included_short_periods = "share"
        self.assertEqual(period.hours, 10)
        self.contract.with_user(self.manager).action_grant_now()
        self.assertEqual((period.hours, period.left_hours), (5, 5))

    @frozen(APRIL)
    def test_a_contract_takes_it_from_its_type(self):
        self.contract_type.write({"included_hours": 4, "included_short_periods": "share"})
        form = Form(self.env["telecom.contract"].with_user(self.manager))
        form.partner_id = self.customer
        form.type_id = self.contract_type
        self.assertEqual(form.save().included_short_periods, "share")
