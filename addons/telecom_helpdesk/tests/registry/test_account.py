from odoo.exceptions import AccessError
from odoo.tests import Form

from ..common import HelpdeskCase


class AccountCase(HelpdeskCase):
    """Contacts with a contract, a service and tickets, who get another account."""

    def make_holder(self, name, **values):
        """A contact with one of everything, as ``{model: record}`` in ``self.held``."""
        partner = self.make_partner(name, **values)
        contract = self.make_contract(partner)
        service = self.make_service(
            f"LINE-{name}", self.type_voice, partner, contract_id=contract.id
        )
        ticket = self.make_ticket(partner_id=partner.id, service_id=service.id)
        done = self.make_ticket(partner_id=partner.id, service_id=service.id)
        done.action_resolve()
        self.env.flush_all()
        return partner, [contract, service, ticket, done]

    def as_clerk(self, partner):
        """``partner`` as an agent who may edit contacts sees it."""
        self.agent_voice.group_ids += self.env.ref("base.group_partner_manager")
        return partner.with_user(self.agent_voice)

    def move(self, partner, **values):
        """Change the contact in Odoo's own form."""
        with Form(self.as_clerk(partner)) as form:
            for name, value in values.items():
                setattr(form, name, value)
        self.env.flush_all()
        self.env.invalidate_all()

    def assertHeldBy(self, records, contact, account):
        for record in records:
            with self.subTest(record=record):
                self.assertEqual(record.partner_id, contact)
                self.assertEqual(record.commercial_partner_id, account)
        contract, service, *tickets = records
        self.assertEqual(service.contract_id, contract)
        for ticket in tickets:
            self.assertEqual(ticket.contract_id, contract)
            # Whoever takes it up can save it.
            ticket.with_user(self.manager).write({"service_id": service.id, "priority": "2"})


class TestAccount(AccountCase):
    def test_contact_is_put_under_a_company(self):
        partner, held = self.make_holder("Paula Private")
        tier = self.env.ref("telecom_helpdesk.tier_premium")
        self.customer.telecom_tier_id = tier
        done_tier = held[3].tier_id
        self.move(partner, parent_id=self.customer)
        self.assertHeldBy(held, partner, self.customer)
        self.assertEqual(held[2].tier_id, held[0].type_id.tier_id or tier)
        self.assertEqual(held[3].tier_id, done_tier, "done: served under the tier of then")

    def test_contact_with_contacts_is_put_under_a_company(self):
        partner, held = self.make_holder("Paula Private")
        below, of_below = self.make_holder("Petra Private", parent_id=partner.id)
        self.assertEqual(of_below[2].commercial_partner_id, partner)
        self.move(partner, parent_id=self.customer)
        self.assertHeldBy(held, partner, self.customer)
        self.assertHeldBy(of_below, below, self.customer)

    def test_company_becomes_part_of_another(self):
        partner, held = self.make_holder("Branch", is_company=True, parent_id=self.customer.id)
        self.assertHeldBy(held, partner, partner)
        self.move(partner, company_type="person")
        self.assertHeldBy(held, partner, self.customer)

    def test_contact_becomes_a_company(self):
        partner, held = self.make_holder("Carl Company", parent_id=self.customer.id)
        shared = self.make_ticket(partner_id=partner.id, service_id=self.service_voice.id)
        line = self.make_service(
            "LINE-2", self.type_voice, partner, contract_id=self.make_contract(self.customer).id
        )
        self.move(partner, company_type="company")
        self.assertHeldBy(held, partner, partner)
        self.assertEqual(shared.partner_id, self.customer, "its service is the company's")
        self.assertEqual(line.partner_id, self.customer, "its contract is the company's")
        self.assertNotIn(partner, shared.message_partner_ids)

    def test_change_of_employer(self):
        partner, held = self.make_holder("Emil Employed", parent_id=self.customer.id)
        heard = self.make_ticket(partner_id=self.customer.id, email_cc=partner.email)
        heard.message_subscribe(partner.ids)
        token = held[2]._portal_ensure_token()
        told = heard._portal_ensure_token()
        portal = self.make_portal_user(partner)
        self.assertIn(held[2], self.env["telecom.ticket"].with_user(portal).search([]))
        self.move(partner, parent_id=self.other_customer)
        self.assertHeldBy(held, self.customer, self.customer)
        for ticket in [*held[2:], heard]:
            self.assertNotIn(partner, ticket.message_partner_ids)
            self.assertNotIn(partner.email, f"{ticket.email_cc} {ticket.partner_email}")
        self.assertNotEqual(held[2].access_token, token)
        self.assertNotEqual(heard.access_token, told)
        self.assertFalse(self.env["telecom.ticket"].with_user(portal).search([]))
        self.assertIn(
            "The customer is now ACME: Emil Employed no longer belongs to it.",
            "".join(held[2].message_ids.mapped("body")),
        )
        later = self.make_ticket(partner_id=partner.id)
        self.assertEqual(later.commercial_partner_id, self.other_customer)

    def test_contact_leaves_for_nobody(self):
        partner, held = self.make_holder("Emil Employed", parent_id=self.customer.id)
        self.move(partner, parent_id=self.env["res.partner"])
        self.assertHeldBy(held, self.customer, self.customer)
        self.assertEqual(partner.commercial_partner_id, partner)

    def test_moved_within_the_account(self):
        office = self.make_partner("Office", parent_id=self.customer.id)
        partner, held = self.make_holder("Olga Office", parent_id=self.customer.id)
        self.move(partner, parent_id=office)
        self.assertHeldBy(held, partner, self.customer)

    def test_who_may_not_edit_contacts_moves_nothing(self):
        partner, held = self.make_holder("Emil Employed", parent_id=self.customer.id)
        with self.assertRaises(AccessError):
            partner.with_user(self.internal_user).write({"parent_id": self.other_customer.id})
        self.assertHeldBy(held, partner, self.customer)


class TestMergedContacts(AccountCase):
    def merge(self, kept, *others):
        """As Odoo's wizard does from the list of contacts."""
        partners = kept.union(*others)
        wizard = (
            self.env["base.partner.merge.automatic.wizard"]
            .with_context(active_model="res.partner", active_ids=partners.ids)
            .create({"dst_partner_id": kept.id})
        )
        wizard.action_merge()
        self.env.invalidate_all()
        self.assertEqual(partners.exists(), kept)

    def test_into_a_contact_of_a_company(self):
        double, held = self.make_holder("Dora Double")
        below, of_below = self.make_holder("Dirk Below", parent_id=double.id)
        kept, others = self.make_holder("Dora", parent_id=self.customer.id)
        self.merge(kept, double)
        self.assertHeldBy(held, kept, self.customer)
        self.assertHeldBy(others, kept, self.customer)
        self.assertHeldBy(of_below, below, self.customer)
        self.assertIn(kept, held[2].message_partner_ids)

    def test_contact_of_a_company_into_another_contact(self):
        double, held = self.make_holder("Dora Double", parent_id=self.customer.id)
        kept, others = self.make_holder("Dora")
        self.merge(kept, double)
        self.assertEqual(kept.parent_id, self.customer, "Odoo completes what is kept")
        self.assertHeldBy(held, kept, self.customer)
        self.assertHeldBy(others, kept, self.customer)

    def test_companies(self):
        contact, held = self.make_holder("Kim Contact", parent_id=self.other_customer.id)
        ticket = self.make_ticket(partner_id=self.other_customer.id)
        self.merge(self.customer, self.other_customer)
        self.assertHeldBy(held, contact, self.customer)
        self.assertEqual(ticket.commercial_partner_id, self.customer)

    def test_both_were_told_of_the_same(self):
        """Unique indexes: each was notified of one message, follows one ticket, had one update."""
        double, kept = self.make_partner("Dora Double"), self.make_partner("Dora")
        ticket = self.make_ticket(partner_id=kept.id)
        alone = self.make_ticket(partner_id=double.id)
        ticket.message_subscribe(double.ids)
        message = ticket.message_post(body="Mended", subtype_xmlid="mail.mt_comment")
        self.assertGreaterEqual(message.notified_partner_ids, double | kept)
        self.merge(kept, double)
        self.assertEqual(message.notified_partner_ids & kept, kept)
        self.assertEqual(ticket.message_partner_ids & kept, kept)
        self.assertIn(kept, alone.message_partner_ids, "who wrote it still hears of it")


class TestFormerCustomer(AccountCase):
    def test_former_customers_people_are_taken_off(self):
        ticket = self.make_ticket(partner_id=self.customer_contact.id)
        colleague = self.portal_colleague.partner_id
        consultant = self.make_partner("Cora Consultant")
        newcomer = self.portal_other.partner_id
        ticket.message_subscribe((colleague | consultant | newcomer).ids)
        ticket.message_subscribe(self.agent_internet.partner_id.ids)
        ticket.email_cc = f"{colleague.email}, x@elsewhere.example, {newcomer.email}"
        token = ticket._portal_ensure_token()
        with Form(ticket.with_user(self.manager)) as form:
            form.partner_id = self.other_customer
        self.assertEqual(
            ticket.message_partner_ids.filtered("partner_share"), newcomer | self.other_customer
        )
        self.assertIn(self.agent_internet.partner_id, ticket.message_partner_ids)
        self.assertNotIn("elsewhere", ticket.email_cc)
        self.assertNotIn(colleague.email, ticket.email_cc)
        self.assertIn(newcomer.email, ticket.email_cc)
        self.assertTrue(ticket.access_token)
        self.assertNotEqual(ticket.access_token, token)
        for user in (self.portal_user, self.portal_colleague):
            self.assertFalse(ticket.with_user(user).has_access("read"))

    def test_supplier_goes_on(self):
        supplier = self.make_partner("Carrier", is_company=True)
        self.other_service.supplier_id = supplier
        ticket = self.make_ticket(partner_id=self.customer_contact.id)
        ticket.message_subscribe(supplier.ids)
        ticket.write({"partner_id": self.other_customer.id, "service_id": self.other_service.id})
        self.assertIn(supplier, ticket.message_partner_ids)

    def test_colleague_of_the_customer_takes_over(self):
        ticket = self.make_ticket(
            partner_id=self.customer_contact.id, email_cc="x@elsewhere.example"
        )
        token = ticket._portal_ensure_token()
        ticket.partner_id = self.portal_colleague.partner_id
        self.assertNotIn(self.customer_contact, ticket.message_partner_ids)
        self.assertIn("elsewhere", ticket.email_cc)
        self.assertEqual(ticket.access_token, token)

    def test_former_customers_address_goes(self):
        silent = self.make_partner("Silent", email=False)
        for how in ("write", "form"):
            ticket = self.make_ticket(partner_id=self.customer_contact.id)
            with self.subTest(how=how):
                if how == "write":
                    ticket.partner_id = silent
                else:
                    with Form(ticket.with_user(self.manager)) as form:
                        form.partner_id = silent
                        self.assertFalse(form.partner_email)
                self.assertFalse(ticket.partner_email)

    def test_unknown_callers_address_stays(self):
        silent = self.make_partner("Silent", email=False)
        ticket = self.make_ticket(partner_id=False, partner_email="caller@elsewhere.example")
        with Form(ticket.with_user(self.manager)) as form:
            form.partner_id = silent
        self.assertEqual(ticket.partner_email, "caller@elsewhere.example")
