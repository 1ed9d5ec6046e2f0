from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestRenewal(BillingCommon, TransactionCase):
    """A renewed contract takes over its open tickets; work is under the contract of its day."""

    def setUp(self):
        super().setUp()
        self.clock = None
        self.at("2026-03-10 09:00:00")
        self.include_hours(2)

    def at(self, instant):
        """It is ``instant`` from now on."""
        if self.clock:
            self.clock.__exit__(None, None, None)
        else:
            self.addCleanup(lambda: self.clock.__exit__(None, None, None))
        self.clock = frozen(instant)
        self.clock.__enter__()

    def run_scheduler(self):
        with self.enter_registry_test_mode():
            self.env.ref("telecom_helpdesk.ir_cron_contract_due").method_direct_trigger()
        self.env.invalidate_all()

    def renew(self, date_start="2026-04-01", **values):
        """The manager enters and activates the contract that follows."""
        form = Form(self.env["telecom.contract"].with_user(self.manager))
        form.partner_id = self.customer
        form.type_id = self.contract_type
        form.date_start = date_start
        for name, value in values.items():
            form[name] = value
        contract = form.save()
        contract.action_activate()
        return contract.with_env(self.env)

    def test_entered_in_time_it_takes_over_on_its_first_day(self):
        self.contract.with_user(self.manager).date_end = "2026-03-31"
        renewal = self.renew(included_hours=3)
        self.assertEqual(self.ticket.contract_id, self.contract)
        march = self.log(60, date="2026-03-09")
        self.at("2026-04-01 00:01:00")
        self.run_scheduler()
        self.assertEqual(self.ticket.contract_id, renewal)
        self.assertIn("took over from", self.ticket.message_ids[0].body)
        april = self.log(60, date="2026-04-01")
        late = self.log(60, date="2026-03-31")
        self.assertEqual((march | late).contract_id, self.contract)
        self.assertEqual(april.contract_id, renewal)
        self.approve(march | april | late)
        self.assertEqual((march | april | late).mapped("included_hours"), [1, 1, 1])
        self.assertEqual(renewal.current_period_id.used_hours, 1)

    def test_entered_late_it_takes_over_at_once_and_the_work_follows(self):
        self.contract.date_end = "2026-03-31"
        self.at("2026-04-05 09:00:00")
        self.run_scheduler()
        self.assertEqual(self.contract.state, "expired")
        work = self.log(60, date="2026-04-02")
        self.assertEqual(work.contract_id, self.contract, "nothing better is known")
        renewal = self.renew()
        self.assertEqual(self.ticket.contract_id, renewal)
        self.assertEqual(work.contract_id, renewal)

    def test_terminated_and_renewed_under_another_type(self):
        other_type = self.quietly_create("telecom.contract.type", {"name": "Premium"})
        self.contract.with_user(self.manager).action_cancel()
        renewal = self.renew("2026-03-10", type_id=other_type)
        self.assertEqual(self.ticket.contract_id, renewal)

    def test_another_contract_that_ran_beside_it_is_no_renewal(self):
        other_type = self.quietly_create("telecom.contract.type", {"name": "Exchange"})
        self.make_contract(self.customer, type_id=other_type.id, date_start="2025-06-01")
        self.contract.action_cancel()
        self.assertEqual(self.ticket.contract_id, self.contract)

    def test_done_tickets_and_those_of_others_stay(self):
        done = self.make_own_ticket()
        done.with_user(self.manager).action_close()
        others = self.make_contract(self.other_customer, type_id=self.contract_type.id)
        self.other_ticket.contract_id = others
        self.contract.action_cancel()
        renewal = self.renew("2026-03-10")
        self.assertEqual(self.ticket.contract_id, renewal)
        self.assertEqual(done.contract_id, self.contract)
        self.assertEqual(self.other_ticket.contract_id, others)

    def test_where_two_could_the_agent_chooses_and_sees_it(self):
        self.assertFalse(self.ticket.contract_hint)
        self.contract.action_cancel()
        first, second = (
            self.make_contract(
                self.customer,
                type_id=self.contract_type.id,
                date_start="2026-03-10",
                state="draft",
            )
            for _each in range(2)
        )
        (first | second).action_activate()
        self.assertEqual(self.ticket.contract_id, self.contract)
        ticket = self.make_ticket(partner_id=self.customer.id)
        self.assertFalse(ticket.contract_id)
        form = Form(ticket.with_user(self.agent_voice))
        self.assertIn("Choose one, otherwise none covers the work", form.contract_hint)
        for contract in first | second:
            self.assertIn(f"{contract.name} (Nine to Six)", form.contract_hint)
        form.contract_id = second.with_user(self.agent_voice)
        self.assertIn("Could be any of", form.contract_hint)

    def test_the_preview_says_which(self):
        self.log_approved(60)
        [line] = self.wizard().line_ids
        self.assertEqual(line.contracts, self.contract.name)

    def test_what_was_approved_keeps_its_contract(self):
        approved = self.log_approved(60, date="2026-03-09")
        waiting = self.log(60, date="2026-03-09")
        with frozen("2026-03-10 10:00:00"):
            self.contract.date_end = "2026-03-08"
            renewal = self.renew("2026-03-09")
        self.assertEqual(approved.contract_id, self.contract)
        self.assertEqual(waiting.contract_id, renewal)
