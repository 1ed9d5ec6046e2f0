from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestCustomerGoes(BillingCommon, TransactionCase):
    """What is approved keeps its customer when that is merged, deleted or archived."""

    def merge(self, source, target):
        """Contacts > Merge, as the administrator does it."""
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {"partner_ids": [(6, 0, (source | target).ids)], "dst_partner_id": target.id}
        )
        wizard.action_merge()
        self.env.invalidate_all()

    def make_customer(self, name):
        return self.make_partner(name, is_company=True, city="Ghent")

    def test_merged_customers_are_billed_as_one(self):
        twin, kept = self.make_customer("Twin"), self.make_customer("Kept")
        tickets = [self.make_ticket(partner_id=partner.id) for partner in (twin, kept)]
        first = [self.log_approved(60, ticket=ticket) for ticket in tickets]
        run = self.bill()  # a lock for each of them
        run.line_ids.move_id.write({"invoice_date": "2026-03-31"})
        run.line_ids.move_id.action_post()
        second = [self.log_approved(60, ticket=ticket) for ticket in tickets]
        with mute_logger("odoo.sql_db"):
            self.merge(twin, kept)
        self.assertFalse(twin.exists())
        entries = first[0] | first[1] | second[0] | second[1]
        self.assertEqual(entries.partner_id, kept)
        self.assertEqual({entry.ticket_id.commercial_partner_id for entry in entries}, {kept})
        run = self.bill()
        self.assertEqual(run.line_ids.partner_id, kept)
        self.assertEqual(run.line_ids.amount, 160)
        self.assert_states(entries, "invoiced")

    def test_all_that_two_customers_have_becomes_one_customers(self):
        """Approved, invoiced and covered time, contracts with periods, run lines, locks."""
        twin, kept = self.make_customer("Twin"), self.make_customer("Kept")
        held = {}
        for partner in (twin, kept):
            contract = self.make_contract(
                partner, type_id=self.contract_type.id, date_start="2026-01-01"
            )
            self.include(contract, 1)
            ticket = self.make_ticket(partner_id=partner.id, contract_id=contract.id)
            entries = self.log_approved(60, ticket=ticket) + self.log_approved(60, ticket=ticket)
            self.bill(partners=partner)
            entries += self.log_approved(30, ticket=ticket)
            held[partner] = contract, ticket, entries
        self.merge(twin, kept)
        for contract, ticket, entries in held.values():
            self.assertEqual(contract.commercial_partner_id, kept)
            self.assertEqual(ticket.commercial_partner_id, kept)
            self.assertEqual(entries.partner_id, kept)
            self.assertEqual(entries.contract_id, contract)
            self.assertEqual(entries.mapped("billing_state"), ["included", "invoiced", "approved"])
            self.assertEqual(contract.current_period_id.used_hours, 1)
        lines = self.env["telecom.billing.run.line"].search([("partner_id", "=", kept.id)])
        self.assertEqual(len(lines), 2)
        self.assertEqual(lines.move_id.commercial_partner_id, kept)
        # Once more, with a lock of each on the one customer.
        self.bill(partners=kept)
        for _contract, _ticket, entries in held.values():
            self.assert_states(entries[1:], "invoiced")

    def include(self, contract, hours):
        contract.write(
            {
                "included_hours": hours,
                "included_unit": "year",
                "included_carry_over": "none",
                "included_since": "2026-01-01",
            }
        )

    def test_an_archived_customers_time_waits(self):
        customer = self.make_customer("Closed")
        entry = self.log_approved(60, ticket=self.make_ticket(partner_id=customer.id))
        customer.action_archive()
        run = self.bill(partners=customer)
        self.assertIn("The customer is archived.", run.line_ids.problem)
        self.assertRecordValues(entry, [{"partner_id": customer.id, "billing_state": "approved"}])
        customer.action_unarchive()
        self.bill(partners=customer)
        self.assert_states(entry, "invoiced")

    def test_the_support_project_is_archived(self):
        entry = self.log_approved(60)
        self.company.telecom_support_project_id.action_archive()
        self.bill(partners=self.customer)
        self.assertRecordValues(
            entry, [{"company_id": self.company.id, "billing_state": "invoiced"}]
        )

    def test_the_support_project_stays_its_companys(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        for company in (self.company, other.browse()):
            with self.assertRaisesRegex(ValidationError, "support project of Elsewhere"):
                other.telecom_support_project_id.company_id = company

    def test_customer_with_approved_time_is_not_deleted(self):
        customer = self.make_customer("Gone")
        self.log_approved(60, ticket=self.make_ticket(partner_id=customer.id))
        with self.assertRaises(UserError), mute_logger("odoo.sql_db"):
            customer.unlink()
