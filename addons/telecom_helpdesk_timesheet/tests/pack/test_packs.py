from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged

from ..packs_common import PacksCommon


@tagged("post_install", "-at_install")
class TestPacks(PacksCommon, TransactionCase):
    """Hours are bought on an invoice and used up by approved work before that is invoiced."""

    # Bought

    def test_a_posted_invoice_makes_a_pack(self):
        move = self.order(2)
        self.assertFalse(self.get_pack(move), "a draft sells nothing yet")
        move.action_post()
        pack = self.get_pack(move)
        self.assertEqual((pack.partner_id, pack.contact_id), (self.customer, self.customer))
        self.assertEqual((pack.bought_hours, pack.name), (20, move.name))
        self.assertEqual((str(pack.date_start), str(pack.date_end)), ("2026-03-01", "2026-05-31"))
        self.assert_pack(pack, 0, 20)
        self.assertIn("Hour pack of 20:00 h until 05/31/2026", move.message_ids[0].body)

    def test_months_of_zero_mean_no_end(self):
        self.pack_product.support_pack_months = 0
        pack = self.sell()
        self.assertFalse(pack.date_end)
        self.at("2036-01-01 00:00:00")
        self.work(1, "2035-12-31")
        self.assert_pack(pack, 1, 9)

    def test_the_quantity_counts_in_the_products_unit(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        move = self.order()
        move.invoice_line_ids.product_uom_id = dozen
        move.action_post()
        self.assertEqual(self.get_pack(move).bought_hours, 120)

    def test_what_is_no_pack_sells_none(self):
        move = self.draft()
        move.action_post()
        self.assertFalse(self.get_pack(move))
        refund = self.order(move_type="out_refund")
        refund.action_post()
        self.assertFalse(self.get_pack(refund), "nor does a credit note")

    def test_packs_are_for_the_whole_account(self):
        pack = self.sell(partner_id=self.customer_contact.id)
        self.assertEqual((pack.partner_id, pack.contact_id), (self.customer, self.customer_contact))

    def test_a_copy_of_the_invoice_sells_another_pack(self):
        move = self.sell().invoice_id
        copy = move.with_user(self.accountant).copy({"invoice_date": "2026-03-08"})
        copy.action_post()
        self.assertEqual(self.get_pack(copy).bought_hours, 10)
        self.assert_pack(self.get_pack(move), 0, 10)

    # Used

    def test_approved_work_uses_it_up(self):
        pack = self.sell()
        line = self.work(4)
        self.assertEqual(line.included_hours, 4)
        self.assert_pack(pack, 4, 6)

    def test_with_and_without_a_contract(self):
        pack = self.sell()
        self.work(1)
        self.work(2, ticket=self.ticket)
        self.assert_pack(pack, 3, 7)

    def test_what_the_contract_includes_comes_first(self):
        self.include_hours(2)
        pack = self.sell()
        lines = self.work(3, ticket=self.ticket) | self.work(1, ticket=self.ticket)
        self.assertEqual(lines.mapped("included_hours"), [3, 1])
        self.assertEqual(self.contract.current_period_id.used_hours, 2)
        self.assert_pack(pack, 2, 8)
        self.include_hours(4)
        self.contract.with_user(self.manager).action_grant_now()
        self.assert_pack(pack, 0, 10)

    def test_the_oldest_pack_comes_first(self):
        first, second = self.sell(day="2026-03-01"), self.sell(day="2026-03-02")
        self.work(8), self.work(4)
        self.assert_pack(first, 10, 0, "used")
        self.assert_pack(second, 2, 8)

    def test_an_hour_is_an_hour_whatever_the_rate(self):
        pack = self.sell()
        night = self.log_approved(20, started_at="2026-03-05 22:00:00", ticket=self.bare)
        self.assertEqual((night.support_rate_id, night.billed_hours), (self.rate_out, 1))
        self.assert_pack(pack, 1, 9)

    def test_only_work_from_its_first_to_its_last_day(self):
        pack = self.sell(day="2026-03-04")
        self.assertEqual(self.work(1, "2026-03-03").included_hours, 0)
        self.assertEqual(self.work(1, "2026-03-04").included_hours, 1)
        self.at("2026-06-10 09:00:00")
        self.assertEqual(self.work(1, "2026-06-03").included_hours, 1)
        self.assertEqual(self.work(1, "2026-06-04").included_hours, 0)
        self.assert_pack(pack, 2, 0, "expired", lost=8)

    def test_work_that_waits_is_covered_once_a_pack_is_bought(self):
        line = self.work(3)
        self.assertEqual(line.included_hours, 0)
        self.assert_pack(self.sell(), 3, 7)
        self.assertEqual(line.included_hours, 3)

    def test_unlocking_gives_hours_back(self):
        pack = self.sell()
        first, second = self.work(8), self.work(4)
        self.assertEqual(second.included_hours, 2)
        first.with_user(self.manager)._unlock("Wrong ticket")
        self.assertEqual((first.included_hours, second.included_hours), (0, 4))
        self.assert_pack(pack, 4, 6)

    def test_other_customers_and_companies_use_none(self):
        pack = self.sell()
        self.assertEqual(self.work(1, ticket=self.other_ticket).included_hours, 0)
        pack.sudo().company_id = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(self.work(1).included_hours, 0)

    # Billed

    def test_only_the_rest_is_invoiced(self):
        pack = self.sell()
        first, second = self.work(8), self.work(4)
        wizard = self.wizard()
        self.assertEqual(
            wizard.line_ids.coverers, f"10:00 h: the hours bought with invoice {pack.name}"
        )
        wizard.action_bill()
        self.assert_states(first, "included")
        self.assert_states(second, "invoiced")
        line = second.invoice_line_id
        note = self.support_lines(second.invoice_id) - line
        self.assertEqual((line.quantity, line.price_subtotal), (2, 160))
        self.assertIn(
            f"2:00 h more are covered by the hours bought with invoice {pack.name}", line.name
        )
        self.assertIn(f"Covered by the hours bought with invoice {pack.name}: 8:00 h", note.name)
        self.assert_books(first | second, 160, 2)
        self.assert_pack(pack, 10, 0, "used")

    def test_covered_wholly_there_is_no_invoice(self):
        self.sell()
        line = self.work(3)
        run = self.bill()
        self.assertEqual(run.line_ids.mapped("state"), ["covered"])
        self.assert_states(line, "included")

    def test_contract_and_pack_are_named_both(self):
        self.include_hours(1)
        pack = self.sell()
        line = self.work(3, ticket=self.ticket)
        other = self.work(20, "2026-03-06")
        self.bill()
        self.assertEqual(line.billing_state, "included")
        note = self.support_lines(other.invoice_id) - other.invoice_line_id
        self.assertIn(
            f"Covered by contract {self.contract.name}, the hours bought with invoice "
            f"{pack.name}: 3:00 h",
            note.name,
        )

    def test_what_was_billed_keeps_its_hours(self):
        pack = self.sell()
        late = self.work(6, "2026-03-09")
        self.bill()
        early = self.work(6, "2026-03-02")
        self.assertEqual((late.included_hours, early.included_hours), (6, 4))
        self.assert_pack(pack, 10, 0, "used")

    def test_a_cancelled_invoice_frees_the_hours_that_others_may_use(self):
        pack = self.sell(day="2026-03-04")
        line = self.work(12, "2026-03-05")
        move = self.bill().line_ids.move_id
        self.assertEqual(line.invoice_id, move)
        move.with_user(self.accountant).button_cancel()
        self.assert_states(line, "approved")
        self.assert_pack(pack, 10, 0, "used")
        older = self.work(5, "2026-03-04")
        self.assertEqual((older.included_hours, line.included_hours), (5, 5))
        older._link_to_invoice(self.env["account.move.line"])
        with self.assertRaisesRegex(UserError, "5:00 h are missing"):
            move.with_user(self.accountant).button_draft()

    # Whatever happens

    def test_nobody_writes_a_pack(self):
        pack = self.sell()
        for user in (self.accountant, self.manager, self.agent_voice):
            for values in ({"bought_hours": 99}, {"left_hours": 99}, {"state": "active"}):
                with self.subTest(user=user.name, **values), self.assertRaises(AccessError):
                    pack.with_user(user).write(values)
            with self.assertRaises(AccessError):
                pack.with_user(user).copy()

    def test_many_customers_take_as_many_queries(self):
        counts = []
        for number in (1, 1, 12):
            customers = self.env["res.partner"].create(
                [{"name": f"Customer {n}", "is_company": True} for n in range(number)]
            )
            for customer in customers:
                ticket = self.make_ticket(partner_id=customer.id, team_id=self.team_voice.id)
                self.sell(partner_id=customer.id)
                self.work(1, ticket=ticket)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["telecom.hour.pack"]._allot(customers)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], 8)
