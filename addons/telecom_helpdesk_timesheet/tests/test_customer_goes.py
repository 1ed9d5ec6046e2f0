from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .billing_common import BillingCommon


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

    def test_customer_with_approved_time_is_not_deleted(self):
        customer = self.make_customer("Gone")
        self.log_approved(60, ticket=self.make_ticket(partner_id=customer.id))
        with self.assertRaises(UserError), mute_logger("odoo.sql_db"):
            customer.unlink()
