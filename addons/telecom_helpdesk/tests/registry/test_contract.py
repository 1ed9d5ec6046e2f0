from ..common import HelpdeskCase, frozen


class TestContract(HelpdeskCase):
    def test_expires_on_the_day_after_its_end(self):
        with frozen("2026-03-02 09:00:00"):
            contract = self.make_contract(self.customer, state="draft", date_end="2026-03-31")
            self.assertFalse(contract.next_due_at, "a draft has nothing to end")
            contract.action_activate()
        for day, state in (("2026-03-31 23:59:00", "active"), ("2026-04-01 00:00:00", "expired")):
            with frozen(day), self.enter_registry_test_mode():
                self.env.ref("telecom_helpdesk.ir_cron_contract_due").method_direct_trigger()
            self.assertEqual(contract.state, state)

    def test_prolonged_in_time(self):
        with frozen("2026-03-02 09:00:00"):
            contract = self.make_contract(self.customer, date_end="2026-03-31")
            contract.date_end = False
        self.assertFalse(contract.next_due_at)

    def test_ticket_after_the_end_is_without_contract(self):
        contract = self.make_contract(self.customer, date_end="2026-03-31")
        with frozen("2026-03-31 10:00:00"):
            self.assertEqual(self.make_ticket().contract_id, contract)
        with frozen("2026-04-01 10:00:00"):
            self.assertFalse(self.make_ticket().contract_id)

    def test_services_of_a_contract(self):
        contract = self.make_contract(self.customer)
        self.service_voice.contract_id = contract
        self.assertEqual(contract.service_ids, self.service_voice)
