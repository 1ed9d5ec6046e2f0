from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ...models.billing import billing_run_line
from ..billing_common import ADDRESS, BillingCommon


@tagged("post_install", "-at_install")
class TestBilling(BillingCommon, TransactionCase):
    """Approved time goes on the customer's next invoice, once."""

    def test_approved_time_goes_on_the_customers_next_invoice(self):
        entry = self.log_approved(50)
        run = self.bill()
        move = run.line_ids.move_id
        line = self.support_lines(move)
        self.assertEqual(move.partner_id, self.customer)
        self.assertEqual((move.move_type, move.state), ("out_invoice", "draft"))
        self.assertEqual((line.quantity, line.price_unit, line.price_subtotal), (1, 80, 80))
        self.assertEqual(line.product_id, self.product_working)
        self.assertEqual(line.product_uom_id, self.env.ref("uom.product_uom_hour"))
        self.assertEqual((entry.billing_state, entry.invoice_line_id), ("invoiced", line))
        self.assertEqual(run.line_ids.amount, 80)
        self.assertEqual(run.user_id, self.accountant)
        self.assertEqual(move.create_uid, self.accountant)

    def test_nothing_is_billed_that_the_preview_did_not_show(self):
        seen = self.log_approved(60)
        wizard = self.wizard()
        later = self.log_approved(120)
        action = wizard.action_bill()
        self.assertEqual((action["res_model"], action["res_id"]), (wizard._name, wizard.id))
        self.assert_states(seen | later, "approved")
        self.assertTrue(wizard.has_changed)
        self.assertEqual(wizard.line_ids.amount, 240)
        self.assertEqual(wizard.action_bill()["res_model"], "telecom.billing.run")
        self.assert_states(seen | later, "invoiced")

    def leave_open(self, change, **values):
        """The form is open while ``change`` happens, and "Bill" is pressed then."""
        form = Form(self.env["telecom.bill.time"].with_user(self.accountant))
        for name, value in values.items():
            form[name] = value
        change()
        wizard = form.save()
        action = wizard.action_bill()
        self.assertEqual((action["res_model"], action["res_id"]), (wizard._name, wizard.id))
        self.assertTrue(wizard.has_changed)
        return wizard

    def test_form_that_was_left_open_bills_nothing_else(self):
        entry = self.log_approved(60)

        def add_time():
            self.log_approved(120)

        def raise_price():
            self.product_working.list_price = 100

        def find_draft():
            self.draft()

        def free_the_price():
            self.product_working.list_price = 0

        for change, amount in ((add_time, 240), (raise_price, 300), (find_draft, 300)):
            with self.subTest(change.__name__):
                wizard = self.leave_open(change, grouping="single")
                self.assert_states(entry, "approved")
                self.assertEqual(wizard.line_ids.amount, amount)
        # It was shown, and stays open for a while once more.
        free_the_price()
        self.assertEqual(wizard.action_bill()["res_model"], wizard._name)
        self.assertIn("has no price", wizard.line_ids.problem)
        self.product_working.list_price = 50
        wizard.action_bill()
        self.assertEqual(wizard.line_ids.amount, 150)
        self.assertEqual(wizard.action_bill()["res_model"], "telecom.billing.run")
        self.assertEqual(entry.invoice_id.amount_untaxed, 250)

    def test_what_changed_takes_back_what_was_billed_before_it(self):
        customers = self.log_for_new_customers(3)
        wizard = self.wizard(partners=customers)
        runs, moves = self.env["telecom.billing.run"], self.env["account.move"]
        before = runs.search_count([]), moves.search_count([])
        customers[-1].write(dict.fromkeys((*ADDRESS, "country_id"), False))
        with patch.object(billing_run_line, "TOGETHER", 1):
            action = wizard.action_bill()
        self.assertEqual((action["res_model"], action["res_id"]), (wizard._name, wizard.id))
        self.assertEqual((runs.search_count([]), moves.search_count([])), before)
        entries = self.env["account.analytic.line"].search([("partner_id", "in", customers.ids)])
        self.assert_states(entries, "approved")
        self.assertTrue(wizard.has_changed)
        self.assertIn("no invoicing address", wizard.line_ids[-1].problem)
        self.assertEqual(wizard.action_bill()["res_model"], runs._name)
        left = entries.filtered(lambda entry: entry.partner_id == customers[-1])
        self.assert_states(left, "approved")
        self.assert_states(entries - left, "invoiced")

    def test_time_that_is_held_is_left_and_the_rest_is_billed_as_shown(self):
        entries = self.log_approved(60) | self.log_approved(120)
        held = entries[0]
        lines = self.env.registry["account.analytic.line"]
        lock_as_ever = lines._lock_to_bill
        wizard = self.wizard()
        with patch.object(lines, "_lock_to_bill", lambda self: lock_as_ever(self - held)):
            self.product_working.list_price = 100
            self.assertEqual(wizard.action_bill()["res_model"], wizard._name)
            self.assert_states(entries, "approved")
            run = self.env["telecom.billing.run"].browse(wizard.action_bill()["res_id"])
        self.assertIn("Somebody is changing this time", run.line_ids.problem)
        self.assert_states(held, "approved")
        self.assert_states(entries - held, "invoiced")

    def test_changed_filter_and_grouping_show_what_they_bill(self):
        self.log_approved(60)
        self.log_approved(60, ticket=self.other_ticket)
        form = Form(self.env["telecom.bill.time"].with_user(self.accountant))
        form.partner_ids.add(self.customer)
        form.grouping = "entry"
        wizard = form.save()
        self.assertEqual(wizard.line_ids.partner_id, self.customer)
        form = Form(wizard)
        form.partner_ids.add(self.other_customer)
        wizard = form.save()
        self.assertEqual(wizard.line_ids.partner_id, self.customer + self.other_customer)
        run = self.env["telecom.billing.run"].browse(wizard.action_bill()["res_id"])
        self.assertEqual(run.line_ids.mapped("amount"), wizard.line_ids.mapped("amount"))

    def test_run_without_an_invoice_says_why(self):
        run = self.bill(date_until="2026-03-31")
        self.assertIn("no approved time up to 03/31/2026 waited", run.reason)
        self.assertIn("no approved time waited", self.bill().reason)
        with frozen("2026-03-10 09:00:00"):
            self.include_hours(1)
            self.log_approved(60)
            self.assertIn("contracts or packs cover all", self.bill().reason)
            self.log_approved(60)
        self.customer.write({"street": False, "city": False, "country_id": False})
        self.assertIn("for the reasons below", self.bill().reason)
        self.customer.write(ADDRESS)
        run = self.bill()
        self.assertFalse(run.reason)
        run.line_ids.move_id.unlink()
        self.assertIn("was deleted since", run.reason)

    def test_customer_with_nothing_left_says_why(self):
        entry = self.log_approved(60)
        run = self.env["telecom.billing.run"].create({"company_id": self.company.id})
        run._make_lines()
        entry.with_user(self.manager)._unlock("Too long")
        run.line_ids._bill()
        self.assertEqual(run.line_ids.state, "left")
        self.assertIn("billed or unlocked in the meantime", run.line_ids.problem)

    def test_subsidiaries_can_be_chosen(self):
        subsidiary = self.make_partner(
            "ACME North", is_company=True, parent_id=self.customer.id, **ADDRESS
        )
        mine = self.log_approved(60, ticket=self.make_ticket(partner_id=subsidiary.id))
        parents = self.log_approved(60)
        run = self.bill(partners=subsidiary)
        self.assertEqual(run.line_ids.partner_id, subsidiary)
        self.assert_states(mine, "invoiced")
        self.assert_states(parents, "approved")

    def test_a_second_run_bills_nothing(self):
        self.log_approved()
        first = self.bill()
        second = self.bill()
        self.assertEqual(len(first.line_ids.move_id), 1)
        self.assertFalse(second.line_ids)
        self.assertEqual(first.line_ids.move_id.amount_untaxed, 80)

    def test_only_approved_time_is_billed(self):
        waiting = self.log(60, date="2026-03-02")
        free = self.log(60, date="2026-03-02", billable=False)
        self.assertFalse(self.bill().line_ids)
        self.assert_states(waiting, "to_approve")
        self.assert_states(free, "not_billable")

    def test_time_goes_on_the_oldest_open_draft_and_leaves_its_lines_alone(self):
        oldest, newest = self.draft(), self.draft()
        self.log_approved()
        move = self.bill().line_ids.move_id
        self.assertEqual(move, oldest)
        self.assertEqual(oldest.amount_untaxed, 180)
        self.assertEqual(newest.amount_untaxed, 100)
        lines = oldest.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
        self.assertEqual(lines.mapped("is_support_time"), [False, True])

    def test_time_goes_on_a_draft_to_the_invoicing_address(self):
        elsewhere = self.draft(self.customer_contact)
        bills = self.make_partner("Bills", parent_id=self.customer.id, type="invoice", city="Ghent")
        head_office, draft = self.draft(), self.draft(bills)
        self.log_approved()
        self.assertEqual(self.bill().line_ids.move_id, draft)
        self.assertEqual((elsewhere | head_office).mapped("amount_untaxed"), [100, 100])

    def test_time_goes_on_a_draft_of_the_same_month(self):
        with frozen("2026-03-20 09:00:00"):
            self.draft(invoice_date="2026-02-27")
            self.draft(invoice_date="2026-04-01")
            self.draft(invoice_date="2027-03-31", auto_post="at_date")
            self.draft(invoice_date="2026-03-31", auto_post="yearly")
            draft = self.draft(invoice_date="2026-03-31")
            self.log_approved()
            preview = self.wizard().line_ids
            self.assertEqual(preview.target, draft.display_name)
            self.assertEqual(self.bill().line_ids.move_id, draft)

    def test_time_goes_on_no_draft_that_posts_itself_a_year_later(self):
        with frozen("2026-03-20 09:00:00"):
            later = self.draft(invoice_date="2027-03-31", auto_post="at_date")
            self.log_approved()
            self.assertNotEqual(self.bill().line_ids.move_id, later)

    def test_drafts_that_are_not_for_it_are_left_alone(self):
        currency = self.env.ref("base.CHF")
        currency.active = True
        others = self.draft(self.other_customer)
        others |= self.draft(currency_id=currency.id)
        others |= self.draft(move_type="out_refund")
        posted = self.draft()
        posted.action_post()
        corrected = self.draft()
        corrected.action_post()
        corrected.button_draft()
        others |= posted | corrected
        self.log_approved()
        move = self.bill().line_ids.move_id
        self.assertNotIn(move, others)
        self.assertEqual(others.mapped("amount_untaxed"), [100] * 5)

    def test_new_invoice_has_what_odoo_knows_of_the_customer(self):
        terms = self.env["account.payment.term"].create({"name": "In two weeks"})
        self.customer.property_payment_term_id = terms
        office = self.make_partner(
            "Bills", parent_id=self.customer.id, type="invoice", city="Ghent"
        )
        self.product_working.taxes_id = self.tax
        self.log_approved()
        move = self.bill(invoice_date="2026-03-31").line_ids.move_id
        self.assertEqual(move.partner_id, office)
        self.assertEqual(move.invoice_payment_term_id, office.property_payment_term_id or terms)
        self.assertEqual(str(move.invoice_date), "2026-03-31")
        self.assertEqual((move.amount_untaxed, move.amount_total), (80, 96.8))

    def test_taxes_follow_the_fiscal_position(self):
        none = self.env["account.tax"].create(
            {"name": "0% abroad", "amount": 0, "type_tax_use": "sale"}
        )
        abroad = self.env["account.fiscal.position"].create({"name": "Abroad"})
        none.write(
            {"fiscal_position_ids": abroad.ids, "original_tax_ids": [Command.set(self.tax.ids)]}
        )
        self.customer.property_account_position_id = abroad
        self.product_working.taxes_id = self.tax
        self.log_approved()
        line = self.support_lines(self.bill().line_ids.move_id)
        self.assertEqual(line.tax_ids, none)
        self.assertEqual(line.move_id.amount_total, 80)

    def test_price_with_taxes_in_it(self):
        included = self.tax.copy({"price_include_override": "tax_included"})
        self.product_working.write({"taxes_id": [Command.set(included.ids)], "list_price": 121})
        self.log_approved()
        wizard = self.wizard()
        self.assertEqual(wizard.line_ids.amount, 100)
        run = self.bill()
        self.assertEqual(run.line_ids.move_id.amount_untaxed, 100)
        self.assertEqual(run.line_ids.move_id.amount_total, 121)
        self.assertEqual(run.line_ids.amount, 100)

    def test_price_and_currency_of_the_customers_pricelist(self):
        self.env["res.config.settings"].create({"group_product_pricelist": True}).execute()
        francs = self.env.ref("base.CHF")
        francs.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": francs.id,
                "name": "2026-01-01",
                "rate": 2,
                "company_id": self.company.id,
            }
        )
        self.customer.property_product_pricelist = self.env["product.pricelist"].create(
            {
                "name": "Francs",
                "currency_id": francs.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": self.product_working.id,
                            "compute_price": "fixed",
                            "fixed_price": 99.9,
                        }
                    )
                ],
            }
        )
        self.log_approved(90)
        run = self.bill()
        self.assertEqual(run.line_ids.currency_id, francs)
        self.assertEqual(run.line_ids.move_id.currency_id, francs)
        self.assertEqual(run.line_ids.move_id.amount_untaxed, 149.85)

    def test_a_price_counts_on_the_day_of_the_work(self):
        self.env["res.config.settings"].create({"group_product_pricelist": True}).execute()
        price = {
            "applied_on": "0_product_variant",
            "product_id": self.product_working.id,
            "compute_price": "fixed",
        }
        self.customer.property_product_pricelist = self.env["product.pricelist"].create(
            {
                "name": "New prices in April",
                "item_ids": [
                    Command.create({**price, "fixed_price": 70, "date_end": "2026-03-31 21:00:00"}),
                    Command.create(
                        {**price, "fixed_price": 90, "date_start": "2026-03-31 22:00:00"}
                    ),
                ],
            }
        )
        self.log_approved(60, date="2026-03-30")
        self.log_approved(60, date="2026-04-02")
        lines = self.support_lines(self.bill().line_ids.move_id)
        self.assertEqual(lines.mapped("price_unit"), [70, 90])

    def test_ten_minutes_are_billed_to_the_cent(self):
        self.rate_working.write({"rounding_minutes": 1, "minimum_minutes": 0})
        self.log_approved(10)
        line = self.support_lines(self.bill().line_ids.move_id)
        self.assertEqual(line.product_uom_id, self.env.ref("uom.product_uom_minute"))
        self.assertEqual((line.quantity, line.price_subtotal), (10, 13.33))
        self.assertIn("0:10 h (10 minutes)", line.name)

    def test_the_printed_invoice_says_what_the_quantity_is_in(self):
        self.rate_working.write({"rounding_minutes": 1, "minimum_minutes": 0})
        self.log_approved(10, name="Short")
        self.log_approved(90, name="Long")
        own = self.draft()
        move = self.bill(grouping="entry").line_ids.move_id
        self.assertEqual(move, own)
        reports = self.env["ir.actions.report"]
        uses_units = self.env.ref("uom.group_uom")
        for has_units in (False, True):
            users = self.env.ref("base.group_user")
            if has_units:
                users._apply_group(uses_units)
            else:
                users._remove_group(uses_units)
            content, _kind = reports.with_user(self.accountant)._render_qweb_html(
                "account.account_invoices", move.ids
            )
            cells = etree.HTML(content).xpath("//td[@name='td_quantity']")
            texts = [" ".join("".join(cell.itertext()).split()) for cell in cells]
            with self.subTest(units=has_units):
                self.assertTrue(texts[1].startswith("10.00 Minutes"), texts)
                self.assertEqual(texts[1].count("Minutes"), 1)
                self.assertTrue(texts[2].startswith("1.50 Hours"), texts)

    def test_a_line_for_each_ticket_and_rate(self):
        second = self.make_own_ticket(name="Echo on the line")
        self.log_approved(60)
        self.log_approved(30, date="2026-03-03")
        self.log_approved(60, hours_period="out")
        self.log_approved(60, ticket=second)
        lines = self.support_lines(self.bill(grouping="ticket").line_ids.move_id)
        self.assertEqual(lines.mapped("price_subtotal"), [120, 120, 80])
        self.assertIn(f"{self.ticket.number} No dial tone", lines[0].name)
        self.assertIn("1:30 h", lines[0].name)
        self.assertIn("03/02/2026 to 03/03/2026", lines[0].name)
        self.assertIn(f"{second.number} Echo on the line", lines[2].name)

    def test_a_line_for_each_entry(self):
        entries = self.log_approved(60, name="Found a broken cable")
        entries |= self.log_approved(30, name="Replaced it")
        lines = self.support_lines(self.bill(grouping="entry").line_ids.move_id)
        self.assertEqual(entries.mapped("invoice_line_id"), lines)
        self.assertEqual(lines.mapped("price_subtotal"), [80, 40])
        self.assertIn("Found a broken cable", lines[0].name)
        self.assertIn(self.ticket.number, lines[0].name)

    def test_one_line_in_all(self):
        second = self.make_own_ticket()
        self.log_approved(60)
        self.log_approved(60, ticket=second)
        self.log_approved(60, hours_period="out")
        lines = self.support_lines(self.bill(grouping="single").line_ids.move_id)
        self.assertEqual(lines.mapped("price_subtotal"), [160, 120])
        self.assertIn(self.ticket.number, lines[0].name)
        self.assertIn(second.number, lines[0].name)

    def test_texts_are_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.product_working.with_context(lang="fr_FR").name = "Assistance"
        self.customer.lang = "fr_FR"
        self.log_approved(60, date="2026-03-02")
        line = self.support_lines(self.bill().line_ids.move_id)
        self.assertIn("Assistance", line.name)
        self.assertIn("02/03/2026", line.name)

    def test_analytic_distribution_is_carried_over_by_what_is_billed(self):
        accounts = self.env["account.analytic.account"].create(
            [
                {"name": name, "plan_id": self.env["account.analytic.plan"].search([], limit=1).id}
                for name in ("Voice", "Internet")
            ]
        )
        entries = self.log(60, date="2026-03-02") | self.log(30, date="2026-03-02")
        for entry, account in zip(entries, accounts, strict=True):
            entry.account_id = account
        self.approve(entries)
        line = self.support_lines(self.bill().line_ids.move_id)
        first, second = map(str, accounts.ids)
        self.assertEqual(line.analytic_distribution, {first: 66.67, second: 33.33})

    def test_included_hours_are_not_billed_and_told_in_a_note(self):
        with frozen("2026-03-10 09:00:00"):
            self.include_hours(2)
            covered = self.log_approved(60, date="2026-03-02")
            partly = self.log_approved(90, date="2026-03-03")
            self.assertEqual((covered.included_hours, partly.included_hours), (1, 1))
            move = self.bill(grouping="entry").line_ids.move_id
        line, note = self.support_lines(move)
        self.assertEqual((line.quantity, line.price_subtotal), (0.5, 40))
        self.assertIn("1:00 h", line.name)
        self.assertEqual(note.display_type, "line_note")
        self.assertIn(f"Covered by contract {self.contract.name}: 1:00 h", note.name)
        self.assertEqual((covered.billing_state, covered.invoice_line_id), ("included", note))
        self.assertEqual((partly.billing_state, partly.invoice_line_id), ("invoiced", line))

    def test_wholly_covered_time_makes_no_invoice(self):
        with frozen("2026-03-10 09:00:00"):
            self.include_hours(2)
            covered = self.log_approved(60)
            draft = self.draft()
            run = self.bill()
        self.assertEqual((covered.billing_state, covered.invoice_line_id.id), ("included", False))
        self.assertEqual((run.line_ids.state, run.line_ids.move_id.id), ("covered", False))
        self.assertEqual(draft.amount_untaxed, 100)

    def test_until_a_day_and_for_some_customers_only(self):
        early = self.log_approved(60, date="2026-03-02")
        late = self.log_approved(60, date="2026-04-02")
        other = self.log_approved(60, ticket=self.other_ticket)
        self.bill(date_until="2026-03-31", partners=self.customer)
        self.assert_states(early, "invoiced")
        self.assert_states(late | other, "approved")

    def test_preview_is_what_billing_comes_to(self):
        with frozen("2026-03-10 09:00:00"):
            self.include_hours(1)
            self.log_approved(50)
            self.log_approved(80, hours_period="out")
            self.log_approved(20, ticket=self.other_ticket)
            draft = self.draft()
            wizard = self.wizard()
            moves = self.env["account.move"].search_count([])
            preview = {line.partner_id: line for line in wizard.line_ids}
            self.assertEqual(moves, self.env["account.move"].search_count([]))
            run = self.env["telecom.billing.run"].browse(wizard.action_bill()["res_id"])
        self.assertEqual(preview.keys(), {self.customer, self.other_customer})
        self.assertEqual(preview[self.customer].target, draft.display_name)
        self.assertEqual(preview[self.other_customer].target, "New invoice")
        self.assertEqual(preview[self.customer].spent_hours, 130 / 60)
        for line in run.line_ids:
            for name in ("amount", "entry_count", "billed_hours", "included_hours"):
                self.assertEqual(preview[line.partner_id][name], line[name])
            self.assertEqual(preview[line.partner_id].invoiced_hours, line.invoiced_hours)
            own = self.support_lines(line.move_id)
            self.assertAlmostEqual(sum(own.mapped("price_subtotal")), line.amount)

    def test_nobody_is_told_but_the_invoices_own_history(self):
        self.log_approved()
        draft = self.draft()
        mails = self.env["mail.mail"].search_count([])
        before = draft.message_ids
        self.bill()
        self.assertEqual(mails, self.env["mail.mail"].search_count([]))
        messages = draft.message_ids - before
        self.assertFalse(messages.notified_partner_ids)
        # The other one is Odoo's own: the amount changed.
        [note] = messages.filtered(lambda message: not message.tracking_value_ids)
        self.assertIn("Support time added: 1:00 h (entries: 1).", note.body)

    def test_only_who_may_make_invoices_bills(self):
        self.log_approved()
        for user in (self.agent_voice, self.manager, self.internal_user, self.portal_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["telecom.bill.time"].with_user(user).create({})
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["telecom.billing.run"].with_user(user)._start(self.company)
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["telecom.billing.run"].with_user(user).search([])

    def test_accountants_do_not_change_what_a_run_came_to(self):
        self.log_approved()
        run = self.bill().with_user(self.accountant)
        self.assertEqual(run.line_ids.mapped("state"), ["billed"])
        for attempt in (
            lambda: run.write({"date_until": "2026-01-01"}),
            lambda: run.line_ids.write({"amount": 1}),
            run.unlink,
        ):
            with self.assertRaises(AccessError):
                attempt()

    def count_queries(self, **values):
        """Of pressing the button in the wizard with ``values``."""
        wizard = self.wizard(**values)
        self.env.flush_all()
        self.env.invalidate_all()
        start = self.env.cr.sql_log_count
        wizard.action_bill()
        self.env.flush_all()
        return self.env.cr.sql_log_count - start

    def test_query_count_does_not_follow_the_number_of_entries(self):
        counts = []
        for partner, number in ((self.customer, 5), (self.other_customer, 60)):
            ticket = self.ticket if partner == self.customer else self.other_ticket
            for _each in range(number):
                self.log(15, ticket=ticket, date="2026-03-02")
            entries = self.env["account.analytic.line"].search([("ticket_id", "=", ticket.id)])
            self.approve(entries)
            counts.append(self.count_queries(partners=partner, grouping="single"))
        few, many = counts
        self.assertLessEqual(many, few + 2)

    def log_for_new_customers(self, number):
        """Approved time of ``number`` further customers with an address."""
        customers = self.env["res.partner"].create(
            [
                {"name": f"Customer {each}", "is_company": True, "country_id": self.belgium.id}
                | ADDRESS
                for each in range(number)
            ]
        )
        entries = [
            self.log(15, ticket=self.make_ticket(partner_id=customer.id), date="2026-03-02")
            for customer in customers
        ]
        self.approve(self.env["account.analytic.line"].union(*entries))
        return customers

    def test_query_count_of_a_further_customer(self):
        # The first one fills the caches.
        _first, few, many = [
            self.count_queries(partners=self.log_for_new_customers(number)) for number in (1, 2, 12)
        ]
        self.assertLessEqual((many - few) / 10, 3)

    def test_one_that_fails_holds_up_no_other(self):
        customers = self.log_for_new_customers(5)
        failing = customers[2]
        lines = self.env.registry["telecom.billing.run.line"]
        prepare_as_ever = lines._prepare_invoice

        def prepare(line, charges):
            if line.partner_id == failing:
                raise UserError("Their number is on the blacklist.")
            return prepare_as_ever(line, charges)

        for together in (1, 2, 50):
            with (
                self.subTest(together=together),
                patch.object(billing_run_line, "TOGETHER", together),
                patch.object(lines, "_prepare_invoice", prepare),
            ):
                run = self.bill(partners=customers)
                billed = run.line_ids.filtered("move_id")
                left = run.line_ids - billed
                self.assertEqual(billed.partner_id, customers - failing)
                self.assertEqual(len(billed.move_id), 4)
                self.assertEqual(left.mapped("state"), ["left"])
                self.assertEqual(left.problem, "Their number is on the blacklist.")
                billed.move_id.unlink()
