from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import mute_logger

from ..rates_common import RatesCommon


@tagged("-at_install", "post_install")
class TestRate(RatesCommon, TransactionCase):
    def find(self, **values):
        """The rate of an hour of work on a ticket made of ``values``."""
        line = self.log_hours(1, "2026-03-02 09:00:00", self.make_own_ticket(**values))
        return line._find_rates()[line.id]

    # Which rate

    def test_the_first_rate_in_sequence_that_matches_applies(self):
        premium = self.env.ref("telecom_helpdesk.tier_premium")
        second = self.make_rate("Premium", self.product_working, tier_ids=premium.ids, sequence=2)
        line = self.log_hours(1, "2026-03-02 09:00:00")
        self.assertEqual(line._find_rates(), {line.id: self.rate_working})
        self.customer.telecom_tier_id = premium
        self.assertEqual(line._find_rates(), {line.id: second})
        first = self.make_rate(
            "Premium, first", self.product_working, tier_ids=premium.ids, sequence=1
        )
        self.assertEqual(line._find_rates(), {line.id: first})
        first.sequence = 3
        self.assertEqual(line._find_rates(), {line.id: second})
        second.active = False
        self.assertEqual(line._find_rates(), {line.id: first})

    def test_every_criterion_that_is_filled_in_must_match(self):
        other_type = self.env.ref("telecom_helpdesk.contract_type_round_the_clock")
        self.make_rate(
            "Other type", self.product_working, sequence=1, contract_type_ids=other_type.ids
        )
        own = self.make_rate(
            "Own type", self.product_working, sequence=2, contract_type_ids=self.contract_type.ids
        )
        self.assertEqual(self.find(), own)
        self.assertEqual(self.find(contract_id=False), self.rate_working)

    def test_a_category_stands_for_those_below_it(self):
        network, line_fault, other = self.env["telecom.ticket.category"].create(
            [{"name": "Network"}, {"name": "Line Fault"}, {"name": "Bills"}]
        )
        line_fault.parent_id = network
        rate = self.make_rate("Network", self.product_working, sequence=1, category_ids=network.ids)
        self.assertEqual(self.find(category_id=line_fault.id), rate)
        self.assertEqual(self.find(category_id=network.id), rate)
        self.assertEqual(self.find(category_id=other.id), self.rate_working)
        self.assertEqual(self.find(), self.rate_working)

    def test_work_out_of_hours_has_a_rate_of_its_own(self):
        lines = self.log_hours(1, "2026-03-02 19:00:00")
        self.assertEqual(lines._find_rates(), {lines.id: self.rate_out})
        self.make_rate("Any time", self.product_working, sequence=1)
        self.assertEqual(lines._find_rates()[lines.id].name, "Any time")

    def test_a_rate_of_another_company_does_not_apply(self):
        other = self.env["res.company"].create({"name": "Other Operator"})
        self.make_rate("Theirs", self.product_working, sequence=1, company_id=other.id)
        ours = self.make_rate("Ours", self.product_working, sequence=2, company_id=self.company.id)
        self.assertEqual(self.find(), ours)

    def test_no_rate_no_bill(self):
        (self.rate_working | self.rate_out).active = False
        line = self.log_hours(1, "2026-03-02 09:00:00")
        self.assertEqual(line._find_rates(), {line.id: self.rate_working.browse()})
        self.assertEqual(line._default_billable(), {line.id: False})
        self.assertIn("No rate", line.rate_explanation)

    def test_german_nouns_keep_their_capitals(self):
        # "In der Servicezeit" was once written small.
        self.env["res.lang"]._activate_lang("de_DE")
        labels = self.env["ir.model.fields.selection"].search(
            [("field_id.model", "=", "telecom.support.rate"), ("value", "=", "working")]
        )
        labels.with_context(lang="de_DE").name = "In der Servicezeit"
        line = self.log_hours(1, "2026-03-02 09:00:00").with_context(lang="de_DE")
        self.assertIn("(In der Servicezeit)", line.rate_explanation)

    def test_200_entries_are_matched_without_a_query_for_each(self):
        tickets = [self.make_own_ticket() for _index in range(20)]
        lines = self.env["account.analytic.line"]
        for index in range(200):
            lines |= self.log_hours(0.5, ticket=tickets[index % 20])
        self.assertEqual(len(lines), 200)
        lines._find_rates()
        counts = []
        for some in (lines[:10], lines):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._find_rates()
            some._default_billable()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 10)

    # Billable or not

    def test_category_then_contract_type_then_rate_decide_whether_it_is_billed(self):
        parent, child = self.env["telecom.ticket.category"].create(
            [{"name": "Our Faults"}, {"name": "Exchange"}]
        )
        child.parent_id = parent
        line = self.log_hours(1, "2026-03-02 09:00:00", self.make_own_ticket(category_id=child.id))
        for of_child, of_parent, of_type, free_rate, expected, reason in [
            (False, False, False, False, True, "Working hours"),
            (False, False, "free", False, False, "Nine to Six"),
            (False, "billable", "free", False, True, "Working hours"),
            ("free", "billable", False, False, False, "Exchange"),
            (False, "free", "billable", False, False, "Our Faults"),
            (False, False, False, True, False, "free of charge"),
            (False, False, "billable", True, False, "free of charge"),
        ]:
            with self.subTest(child=of_child, parent=of_parent, type=of_type, free=free_rate):
                child.time_billing, parent.time_billing = of_child, of_parent
                self.contract_type.time_billing = of_type
                self.rate_working.is_free = free_rate
                line.billable = line._default_billable()[line.id]
                self.assertEqual(line.billable, expected)
                self.assertIn(reason, line.rate_explanation)

    def test_who_bills_work_under_a_free_rate_gets_the_next_one(self):
        free = self.make_rate(
            "Courtesy", self.product_working, sequence=1, is_free=True, product_id=False
        )
        line = self.log_hours(1, "2026-03-02 09:00:00")
        self.assertEqual(line._default_billable(), {line.id: False})
        line.billable = False
        self.assertEqual(line._find_rates(), {line.id: free})
        line.billable = True
        self.assertEqual(line._find_rates(), {line.id: self.rate_working})

    # How much

    def test_hours_are_rounded_up_and_a_call_out_has_a_minimum(self):
        for start, hours, billed in [
            ("2026-03-02 09:00:00", 0.1, 0.25),
            ("2026-03-02 09:00:00", 1.0, 1.0),
            ("2026-03-02 19:00:00", 0.1, 1.0),
            ("2026-03-02 19:00:00", 1.1, 1.25),
        ]:
            with self.subTest(start=start, hours=hours):
                line = self.log_hours(hours, start)
                self.approve(line)
                self.assertEqual(line.billed_hours, billed)

    def test_an_archived_rate_counts_for_the_work_approved_under_it(self):
        self.rate_working.rounding_minutes = 60
        line = self.log_hours(0.1, "2026-03-02 09:00:00")
        self.approve(line)
        self.rate_working.active = False
        line._recount_billed()
        self.assertEqual(line.billed_hours, 1)

    def test_what_was_approved_stays_as_it_was_counted(self):
        line = self.log_hours(0.1, "2026-03-02 09:00:00")
        self.approve(line)
        self.rate_working.write({"rounding_minutes": 60})
        self.approve(self.log_hours(0.1, "2026-03-03 09:00:00"))
        self.assertEqual(line.billed_hours, 0.25)

    # Its price

    def test_the_price_is_that_of_the_customers_pricelist(self):
        self.env.user.group_ids |= self.env.ref("product.group_product_pricelist")
        self.env.ref("base.group_user")._apply_group(
            self.env.ref("product.group_product_pricelist")
        )
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"name": "2026-01-01", "currency_id": euro.id, "rate": 0.5}
        )
        hour, day = self.env.ref("uom.product_uom_hour"), self.env.ref("uom.product_uom_day")
        line = self.log_hours(1, "2026-03-02 09:00:00")
        self.approve(line)
        self.assertEqual(line._get_billing_price(1, hour), 80)
        self.assertEqual(line._get_billing_currency(), self.company.currency_id)
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Friends",
                "currency_id": euro.id,
                "item_ids": [Command.create({"compute_price": "percentage", "percent_price": 10})],
            }
        )
        self.customer.property_product_pricelist = pricelist
        self.assertEqual(line._get_billing_currency(), euro)
        self.assertAlmostEqual(line._get_billing_price(1, hour), 36)
        self.assertAlmostEqual(line._get_billing_price(1, day), 36 * 8)

    def test_a_price_by_date_is_that_of_the_day_of_the_work(self):
        self.env.ref("base.group_user")._apply_group(
            self.env.ref("product.group_product_pricelist")
        )
        self.customer.property_product_pricelist = self.env["product.pricelist"].create(
            {
                "name": "Raised in March",
                "item_ids": [
                    Command.create(
                        {"compute_price": "fixed", "fixed_price": 99, "date_start": "2026-03-01"}
                    )
                ],
            }
        )
        hour = self.env.ref("uom.product_uom_hour")
        for start, price in [("2026-02-27 10:00:00", 80), ("2026-03-02 10:00:00", 99)]:
            line = self.log_hours(1, start)
            self.approve(line)
            self.assertEqual(line._get_billing_price(1, hour), price)

    # The screen, and who may use it

    def test_a_manager_makes_a_rate(self):
        form = Form(self.env["telecom.support.rate"].with_user(self.manager))
        form.name = "Weekend"
        form.hours_period = "out"
        form.product_id = self.product_out
        form.minimum_minutes = 120
        rate = form.save()
        self.assertEqual(rate.rounding_minutes, 15)
        self.assertEqual(rate.price, 120)

    def test_an_accountant_makes_a_rate_too(self):
        rate = (
            self.env["telecom.support.rate"]
            .with_user(self.accountant)
            .create(
                {
                    "name": "Weekend",
                    "product_id": self.product_working.id,
                    "contract_type_ids": [Command.set(self.contract_type.ids)],
                }
            )
        )
        self.assertEqual(rate.contract_type_ids.name, "Nine to Six")
        with Form(rate) as form:
            form.rounding_minutes = 30
        rate.unlink()

    def test_agents_read_rates_and_others_do_not(self):
        rate = self.rate_working
        self.assertEqual(rate.with_user(self.agent_voice).name, "Working hours")
        with self.assertRaises(AccessError):
            rate.with_user(self.agent_voice).name = "Free for all"
        for user in (self.internal_user, self.portal_user, self.public_user):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                rate.with_user(user).read(["name"])

    def test_a_manager_elsewhere_sees_neither_our_rates_nor_our_periods(self):
        other = self.env["res.company"].create({"name": "Other Operator"})
        self.rate_working.company_id = self.company
        self.contract.included_hours = 5
        stranger = self.make_user(
            "manager_other",
            "telecom_helpdesk.group_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        rates = self.env["telecom.support.rate"].with_user(stranger).search([])
        self.assertEqual(rates, self.rate_out, "that of all companies")
        for record in (self.rate_working, self.contract.period_ids):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(stranger).read(["display_name"])

    def test_a_rate_needs_a_service_measured_in_time(self):
        unit = self.make_product("Visit", 50, uom_id=self.env.ref("uom.product_uom_unit").id)
        goods = self.make_product("Router", 50, type="consu")
        archived = self.make_product("Old", 50, active=False)
        for product, reason in [
            (unit, "by time"),
            (goods, "not a service"),
            (archived, "archived"),
        ]:
            with self.subTest(reason=reason), self.assertRaisesRegex(ValidationError, reason):
                self.rate_working.product_id = product
        self.rate_working.product_id = self.make_product(
            "Day", 500, uom_id=self.env.ref("uom.product_uom_day").id
        )
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.rate_working.product_id = False
            self.env.flush_all()

    def test_a_rate_that_was_used_is_archived_not_deleted(self):
        self.approve(self.log_hours(1, "2026-03-02 09:00:00"))
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.rate_working.unlink()

    def test_the_shipped_rates_have_no_invented_price(self):
        working = self.env.ref("telecom_helpdesk_timesheet.support_rate_working")
        out = self.env.ref("telecom_helpdesk_timesheet.support_rate_out")
        self.assertEqual((working.price, out.price), (0, 0))
        self.assertEqual((working.rounding_minutes, working.minimum_minutes), (15, 0))
        self.assertEqual((out.rounding_minutes, out.minimum_minutes), (15, 60))

    # Hours of the contract type

    def test_a_contract_type_cannot_have_hours_in_which_nobody_works(self):
        empty = self.make_hours("Nobody")
        with self.assertRaisesRegex(ValidationError, "nobody ever works"):
            self.contract_type.support_calendar_id = empty
