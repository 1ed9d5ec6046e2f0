from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from ..packs_common import PacksCommon

PAGE = "/my/support-hours"


@tagged("post_install", "-at_install")
class TestPacksWarning(PacksCommon, TransactionCase):
    """Somebody is told before a pack runs out, once; what is left in the end is lost."""

    def warnings(self, pack):
        return pack.activity_ids

    def test_a_manager_is_told_at_a_fifth(self):
        pack = self.sell()
        self.work(7)
        self.run_scheduler()
        self.assertFalse(self.warnings(pack))
        self.work(1)
        self.run_scheduler()
        [warning] = self.warnings(pack)
        self.assertTrue(warning.user_id.has_group("telecom_helpdesk.group_manager"))
        self.assertEqual(warning.summary, f"{self.customer.name}: 2:00 h of 10:00 h left")

    def test_the_customers_salesperson_is_told_if_they_work_at_the_helpdesk(self):
        pack = self.sell()
        self.customer.user_id = self.agent_internet
        self.work(9)
        self.run_scheduler()
        self.assertEqual(self.warnings(pack).user_id, self.agent_internet)
        other = self.sell()
        self.customer.user_id = self.internal_user
        self.work(10)
        self.run_scheduler()
        self.assertTrue(self.warnings(other).user_id.has_group("telecom_helpdesk.group_manager"))

    def test_once_for_each_pack(self):
        pack = self.sell()
        line = self.work(10)
        self.run_scheduler()
        self.assertEqual(len(self.warnings(pack)), 1)
        line.with_user(self.manager)._unlock("Wrong")
        self.approve(line)
        self.run_scheduler()
        self.assertEqual(len(self.warnings(pack)), 1)
        self.sell()
        self.run_scheduler()
        self.assertEqual(len(self.warnings(pack)), 1)

    def test_the_company_says_when(self):
        self.company.telecom_pack_warning_percent = 50
        pack = self.sell()
        self.work(5)
        self.run_scheduler()
        self.assertTrue(self.warnings(pack))
        self.company.telecom_pack_warning_percent = 0
        other = self.sell()
        self.work(15)
        self.run_scheduler()
        self.assertFalse(self.warnings(other))

    def test_the_customer_is_told_where_the_company_wants_so(self):
        self.customer.email = "office@acme.example"
        mails = self.env["mail.mail"].sudo()
        domain = [("model", "=", "telecom.hour.pack"), ("subject", "like", "support hours")]
        before = mails.search_count(domain)
        self.sell()
        self.work(9)
        self.run_scheduler()
        self.assertEqual(mails.search_count(domain), before)
        self.company.telecom_pack_tell_customer = True
        pack = self.sell()
        self.work(10)
        self.run_scheduler()
        mail = mails.search([*domain, ("res_id", "=", pack.id)])
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertEqual(mail.subject, "Your support hours: 1:00 h left")
        self.assertIn(pack.name, mail.body_html)

    def test_it_expires_by_itself(self):
        pack = self.sell()
        self.work(4)
        self.run_scheduler()
        self.at("2026-05-31 23:00:00")
        self.run_scheduler()
        self.assert_pack(pack, 4, 6)
        self.at("2026-06-01 00:00:00")
        self.run_scheduler()
        self.assert_pack(pack, 4, 0, "expired", lost=6)
        self.assertFalse(pack.next_due_at)

    def test_work_approved_at_the_same_moment_is_counted_soon(self):
        line = self.work(4)
        self.sell()
        # The approval saw no pack, the invoice no approval.
        line._write_billing({"included_hours": 0, "included_periods": False})
        self.at("2026-03-10 09:02:00")
        self.run_scheduler()
        self.assertEqual(line.included_hours, 4)


@tagged("post_install", "-at_install")
class TestPacksPeople(PacksCommon, TransactionCase):
    """What agents see on the ticket, and what becomes of packs when customers are merged."""

    def notice(self, ticket=None):
        ticket = (ticket or self.bare).with_user(self.agent_voice)
        ticket.invalidate_recordset()
        return ticket.included_notice, ticket.included_is_short

    def test_the_ticket_says_what_is_left(self):
        self.assertEqual(self.notice(), (False, False))
        self.sell()
        self.sell(day="2026-03-02")
        text = "20:00 h left in packs, to be used first until 05/31/2026"
        self.assertEqual(self.notice(), (text, False))
        self.log(120, ticket=self.bare, date="2026-03-05")
        self.assertEqual(self.notice(), (f"{text}; 2:00 h wait for approval", False))
        self.log(20 * 60, ticket=self.bare, date="2026-03-06")
        self.assertTrue(self.notice()[1], "more waits than is left")
        self.assertEqual(self.notice(self.other_ticket), (False, False))

    def test_one_notice_with_the_contracts_hours(self):
        self.include_hours(5)
        self.pack_product.support_pack_months = 0
        self.sell()
        self.log(6 * 60, ticket=self.ticket, date="2026-03-05")
        text, is_short = self.notice(self.ticket)
        contract, waiting, packs = text.split("; ")
        self.assertEqual(contract, "5:00 h of 5:00 h left until 31 Mar")
        self.assertEqual(waiting, "6:00 h wait for approval")
        self.assertEqual(packs, "10:00 h left in packs")
        self.assertFalse(is_short)

    def test_used_up_it_says_so_without_alarm(self):
        self.sell()
        self.work(10)
        self.assertEqual(self.notice(), ("packs of hours are used up", False))

    def test_the_notices_of_many_tickets_take_as_many_queries(self):
        counts = []
        for number in (1, 1, 10):
            tickets = self.bare.browse()
            for index in range(number):
                customer = self.env["res.partner"].create({"name": f"C{index}"})
                tickets |= self.make_ticket(partner_id=customer.id)
                self.sell(partner_id=customer.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            tickets.mapped("included_notice")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_the_customers_form_leads_to_the_packs(self):
        pack = self.sell()
        self.work(4)
        contact = self.customer_contact.with_user(self.agent_voice)
        self.assertEqual((contact.telecom_pack_left_hours, contact.telecom_pack_count), (6, 1))
        action = contact.action_open_telecom_packs()
        self.assertEqual(self.env["telecom.hour.pack"].search(action["domain"]), pack)

    def test_merged_customers_share_their_packs(self):
        pack = self.sell(partner_id=self.other_customer.id)
        line = self.work(4)
        self.assertEqual(line.included_hours, 0)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.other_customer | self.customer).ids, self.customer)
        self.env.invalidate_all()
        self.assertEqual(pack.partner_id, self.customer)
        self.assertEqual(line.included_hours, 4)
        self.assert_pack(pack, 4, 6)

    def test_a_customer_who_becomes_part_of_another_brings_them_along(self):
        pack = self.sell(partner_id=self.other_customer.id)
        line = self.work(4)
        self.other_customer.write({"parent_id": self.customer.id, "is_company": False})
        self.assertEqual(pack.partner_id, self.customer)
        self.assertEqual(line.included_hours, 4)

    def test_a_customer_with_packs_is_not_deleted(self):
        self.sell(partner_id=self.other_customer.id)
        with self.assertRaisesRegex(UserError, "Archive the customer instead|bought packs"):
            self.other_customer.unlink()

    def test_only_the_companys_people_see_them(self):
        pack = self.sell()
        for user in (self.agent_voice, self.agent_internet, self.manager):
            pack.with_user(user).read()
        self.assertEqual(pack.with_user(self.accountant).invoice_id, pack.sudo().invoice_id)
        with self.assertRaises(AccessError):
            pack.with_user(self.agent_voice).read(["invoice_line_id"])
        foreign = new_test_user(
            self.env,
            "foreign_accountant",
            "account.group_account_invoice",
            company_id=self.env["res.company"].create({"name": "Other"}).id,
        )
        for user in (foreign, self.internal_user, self.portal_user):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                pack.with_user(user).read(["left_hours"])


@tagged("-at_install", "post_install")
class TestPacksPortal(PacksCommon, HttpCase):
    """What customers see of the hours that they bought."""

    def see(self, user):
        self.env.flush_all()
        self.authenticate(user.login, user.login)
        response = self.url_open(PAGE)
        self.assertEqual(response.status_code, 200)
        return " ".join(response.text.split())

    def test_bought_used_left_and_expiry(self):
        self.customer_contact.telecom_portal_scope = "company"
        pack = self.sell()
        self.work(4, name="Replaced the line card")
        text = self.see(self.portal_user)
        for found in (pack.name, "Ten hours of support", ">10:00<", ">4:00<", ">6:00<"):
            self.assertIn(found, text)
        self.assertIn("05/31/2026", text)
        self.assertIn("Covered by hours that you bought", text)
        self.assertNotIn("Covered by your contract", text)

    def test_a_pack_without_end(self):
        self.pack_product.support_pack_months = 0
        self.sell(partner_id=self.customer_contact.id)
        self.assertIn(">never<", self.see(self.portal_user))

    def test_whoever_sees_their_own_tickets_sees_what_they_bought(self):
        accounts = self.sell(day="2026-03-02")
        own = self.sell(partner_id=self.customer_contact.id)
        text = self.see(self.portal_user)
        self.assertIn(own.name, text)
        self.assertNotIn(accounts.name, text)
        self.assertNotIn(own.name, self.see(self.portal_colleague))

    def test_others_see_nothing(self):
        pack = self.sell(partner_id=self.customer_contact.id)
        self.portal_other.partner_id.telecom_portal_scope = "company"
        self.assertNotIn(pack.name, self.see(self.portal_other))
        self.customer_contact.parent_id = False
        self.assertNotIn(pack.name, self.see(self.portal_user), "a former contact")

    def test_what_was_cancelled_is_not_shown(self):
        self.customer_contact.telecom_portal_scope = "company"
        pack = self.sell()
        pack.invoice_id.with_user(self.accountant).button_cancel()
        self.assertNotIn(pack.name, self.see(self.portal_user))
