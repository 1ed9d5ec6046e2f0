from odoo.tests import TransactionCase, tagged

from .billing_common import ADDRESS, BillingCommon


@tagged("post_install", "-at_install")
class TestAccountOfTime(BillingCommon, TransactionCase):
    """Time, and the drafts it is on, agree with the account when a contact gets another one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.make_partner("Paula Private", **ADDRESS, country_id=cls.belgium.id)
        cls.contract = cls.make_contract(cls.partner, type_id=cls.contract_type.id)
        cls.ticket = cls.make_ticket(partner_id=cls.partner.id, contract_id=cls.contract.id)
        cls.on_draft = cls.log_approved(name="On a draft")
        cls.bill(partners=cls.partner)
        cls.move = cls.on_draft.invoice_id
        cls.approved = cls.log_approved(name="Approved")
        cls.logged = cls.log(name="Logged", date="2026-03-03")
        cls.entries = cls.on_draft + cls.approved + cls.logged

    def assertAgree(self, account):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.ticket.commercial_partner_id, account)
        self.assertEqual(self.contract.commercial_partner_id, account)
        self.assertEqual(self.move.commercial_partner_id, account)
        self.assertEqual(self.entries.partner_id, account)
        self.assertEqual(self.entries.contract_id, self.contract)

    def test_put_under_a_company(self):
        self.partner.parent_id = self.customer
        self.assertAgree(self.customer)
        self.assertEqual(self.move.waiting_support_hours, 1.0)
        self.approve(self.logged)
        self.bill(partners=self.customer)
        self.assertEqual(
            self.on_draft.invoice_id, self.move, "addressed to the contact: it stays there"
        )
        invoices = (self.approved + self.logged).invoice_id
        self.assertEqual(len(invoices), 1)
        self.assertEqual(invoices.commercial_partner_id, self.customer)
        self.assertAgree(self.customer)

    def test_merged_into_a_contact_of_a_company(self):
        (self.partner + self.customer_contact).email = "paula@customer.example.com"
        self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": (self.partner + self.customer_contact).ids,
                "dst_partner_id": self.customer_contact.id,
            }
        ).action_merge()
        self.assertAgree(self.customer)

    def test_change_of_employer(self):
        self.partner.parent_id = self.customer
        self.partner.parent_id = self.other_customer
        self.env.invalidate_all()
        self.assertEqual(self.ticket.commercial_partner_id, self.customer)
        self.assertEqual(self.contract.commercial_partner_id, self.customer)
        self.assertEqual(self.entries.partner_id, self.customer)

    def test_two_customers_who_were_billed_are_merged(self):
        """Each has its row of the lock against billing twice, which is there once afterwards."""
        self.log_approved(ticket=self.other_ticket)
        self.bill(partners=self.other_customer)
        partners = self.partner + self.other_customer
        self.env["base.partner.merge.automatic.wizard"].create(
            {"partner_ids": partners.ids, "dst_partner_id": self.other_customer.id}
        ).action_merge()
        self.assertAgree(self.other_customer)
        self.bill(partners=self.other_customer)
        self.assert_states(self.approved, "invoiced")
