from datetime import datetime
from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..billing_common import BillingCommon

DUE_LOGGER = "odoo.addons.telecom_helpdesk.models.mixins.due_mixin"


@tagged("post_install", "-at_install")
class TestBillingRun(BillingCommon, TransactionCase):
    """The company's time is billed by itself on the day that it chose."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Europe/Paris"
        cls.company.partner_id.tz = "Europe/Paris"
        cls.env["telecom.billing.run"].search([]).unlink()

    def planned(self):
        return self.env["telecom.billing.run"].search(
            [("company_id", "=", self.company.id), ("state", "=", "planned")]
        )

    def set_day(self, day, **values):
        """The day in the settings, as whoever sets up the company."""
        settings = self.env["res.config.settings"].create({"telecom_billing_day": day, **values})
        settings.execute()

    def run_due(self):
        """Both scheduled actions run."""
        with self.enter_registry_test_mode():
            for name in ("ir_cron_billing_run_due", "ir_cron_billing_run_line_due"):
                self.env.ref(f"telecom_helpdesk_timesheet.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def test_next_run_follows_the_settings(self):
        with frozen("2026-03-10 09:00:00"):
            self.set_day(15)
            # Four in the morning in Paris, in winter.
            self.assertEqual(self.planned().next_due_at, datetime(2026, 3, 15, 3))
            self.set_day(5)
            self.assertEqual(self.planned().next_due_at, datetime(2026, 4, 5, 2))
            self.set_day(0)
            self.assertFalse(self.planned())
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.set_day(29)

    def test_time_is_billed_on_the_day_and_the_next_run_is_planned(self):
        with frozen("2026-03-10 09:00:00"):
            self.set_day(15, telecom_billing_grouping="single")
            entry = self.log_approved(60)
            other = self.log_approved(60, ticket=self.other_ticket)
            run = self.planned()
        with frozen("2026-03-15 02:59:00"):
            self.run_due()
            self.assert_states(entry, "approved")
        with frozen("2026-03-15 03:00:00"):
            self.run_due()
            self.assert_states(entry | other, "invoiced")
            self.assertEqual(run.state, "running")
            self.assertEqual(run.grouping, "single")
            self.assertEqual(str(entry.invoice_id.invoice_date), "2026-03-15")
            self.assertEqual(self.planned().next_due_at, datetime(2026, 4, 15, 2))
        with frozen("2026-03-15 03:01:00"):
            self.run_due()
        self.assertEqual((run.state, run.next_due_at), ("done", False))
        self.assertFalse(run.activity_ids)

    def test_after_downtime_it_runs_once(self):
        with frozen("2026-01-10 09:00:00"):
            self.set_day(15)
        with frozen("2026-04-20 09:00:00"):
            entry = self.log_approved(60)
            self.run_due()
            self.assert_states(entry, "invoiced")
            self.assertEqual(len(self.env["telecom.billing.run"].search([])), 2)
            self.assertEqual(self.planned().next_due_at, datetime(2026, 5, 15, 2))

    def test_somebody_is_told_what_was_left(self):
        with frozen("2026-03-10 09:00:00"):
            self.set_day(15, telecom_billing_user_id=self.accountant.id)
            self.log_approved(60)
            self.customer.write({"street": False, "city": False, "country_id": False})
            run = self.planned()
        for minute in (0, 1, 2):
            with frozen(f"2026-03-15 03:0{minute}:00"):
                self.run_due()
        self.assertEqual(run.state, "done")
        self.assertIn("no invoicing address", run.line_ids.problem)
        self.assertEqual(run.activity_ids.user_id, self.accountant)
        self.assertIn("(customers: 1)", run.activity_ids.summary)

    def test_customer_that_fails_is_set_aside_and_the_others_are_billed(self):
        with frozen("2026-03-10 09:00:00"):
            self.set_day(15, telecom_billing_user_id=self.accountant.id)
            failing = self.log_approved(60)
            fine = self.log_approved(60, ticket=self.other_ticket)
            run = self.planned()
        customer = self.customer
        lines = self.env.registry["telecom.billing.run.line"]
        prepare = lines._prepare_invoice

        def fail(line, charges):
            if line.partner_id == customer:
                raise ZeroDivisionError("a bug")
            return prepare(line, charges)

        with patch.object(lines, "_prepare_invoice", fail):
            for instant in ("03:00", "03:01", "03:11", "03:21", "04:30", "04:31", "06:00"):
                with frozen(f"2026-03-15 {instant}:00"), mute_logger(DUE_LOGGER):
                    self.run_due()
        self.assert_states(fine, "invoiced")
        self.assert_states(failing, "approved")
        line = run.line_ids.filtered(lambda line: line.partner_id == customer)
        self.assertEqual(line.state, "left")
        self.assertIn("a bug", line.problem)
        self.assertEqual(run.activity_ids.user_id, self.accountant)

    def test_companies_are_billed_apart(self):
        other = self.env["res.company"].create({"name": "Other Telecom"})
        with frozen("2026-03-10 09:00:00"):
            self.set_day(15)
            other.telecom_billing_day = 15
            entry = self.log_approved(60)
        with frozen("2026-03-15 05:00:00"):
            self.run_due()
        self.assertEqual(entry.invoice_id.company_id, self.company)
        self.assertEqual(
            self.env["telecom.billing.run"].search([("company_id", "=", other.id)]).mapped("state"),
            ["planned", "running"],
        )
