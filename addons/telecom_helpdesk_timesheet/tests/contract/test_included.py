import random
from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..rates_common import RatesCommon

MARCH = "2026-03-10 09:00:00"


@tagged("-at_install", "post_install")
class TestIncluded(RatesCommon, TransactionCase):
    def grant(self, hours=5, contract=None, **values):
        """``contract`` includes ``hours`` a month from now on."""
        contract = contract or self.contract
        contract.write({"included_hours": hours, **values})
        return contract

    def work(self, day, hours, **values):
        """``hours`` of approved work on ``day`` ("03-02"), 2026."""
        line = self.log_hours(hours, f"2026-{day} 09:00:00", **values)
        self.approve(line)
        return line

    def bill(self, lines):
        """What they bill is fixed, as it is when they go on an invoice."""
        for line in lines:
            line._write_billing({"billing_state": "included"})
        lines.contract_id._allot_included()

    def periods(self, contract=None):
        return [
            (
                str(period.date_start)[5:],
                period.hours,
                period.carried_hours,
                period.used_hours,
                period.lost_hours,
                period.left_hours,
            )
            for period in (contract or self.contract).period_ids.sorted("date_start")
        ]

    # Periods

    @frozen(MARCH)
    def test_a_contract_grants_hours_from_the_present_period_on(self):
        self.grant(5)
        self.assertEqual(self.periods(), [("03-01", 5, 0, 0, 0, 5)])
        self.assertEqual(str(self.contract.next_due_at), "2026-04-01 00:00:00")

    @frozen(MARCH)
    def test_a_contract_takes_its_terms_from_its_type(self):
        self.contract_type.write(
            {
                "included_hours": 8,
                "included_unit": "quarter",
                "included_carry_over": "next",
                "included_out_of_hours": True,
            }
        )
        form = Form(self.env["telecom.contract"].with_user(self.manager))
        form.partner_id = self.customer
        form.type_id = self.contract_type
        form.date_start = "2025-11-30"
        self.assertEqual(form.included_hours, 8)
        contract = form.save()
        self.assertFalse(contract.period_ids, "a draft grants nothing")
        contract.action_activate()
        [period] = contract.period_ids
        self.assertEqual(
            (str(period.date_start), str(period.date_end)), ("2026-02-28", "2026-05-29")
        )
        self.assertEqual((period.hours, period.carry_over), (8, "next"))
        self.contract_type.included_hours = 10
        self.assertEqual(contract.included_hours, 8, "what was agreed stays")

    def test_the_scheduler_makes_the_next_period(self):
        with frozen(MARCH):
            self.grant(5, included_carry_over="next")
            self.work("03-05", 2)
        with frozen("2026-04-01 00:00:00"):
            self.env["telecom.contract.due"]._run_due_batch()
            self.assertEqual(self.periods(), [("03-01", 5, 0, 2, 0, 3), ("04-01", 5, 3, 0, 0, 8)])
            self.assertEqual(str(self.contract.next_due_at), "2026-05-01 00:00:00")

    def test_after_downtime_all_periods_are_made(self):
        with frozen(MARCH):
            self.grant(5)
        with frozen("2026-06-15 12:00:00"):
            self.env["telecom.contract.due"]._run_due_batch()
            self.assertEqual(
                [row[0] for row in self.periods()], ["03-01", "04-01", "05-01", "06-01"]
            )
            self.assertEqual(self.periods()[0][4], 5, "lost")

    def test_the_end_of_the_month_stays_the_end(self):
        contract = self.make_contract(
            self.customer, type_id=self.contract_type.id, date_start="2026-01-31"
        )
        with frozen("2026-01-31 09:00:00"):
            self.grant(1, contract)
        with frozen("2026-04-15 09:00:00"):
            contract._allot_included()
        self.assertEqual([row[0] for row in self.periods(contract)], ["01-31", "02-28", "03-31"])

    def test_the_end_of_the_contract_ends_the_period(self):
        with frozen(MARCH):
            self.grant(5, date_end="2026-03-20")
            [period] = self.contract.period_ids
            self.assertEqual(str(period.date_end), "2026-03-20")
            self.contract.date_end = "2026-06-30"
            self.assertEqual(str(period.date_end), "2026-03-31")
            self.contract.date_end = "2026-03-20"
        with frozen("2026-03-21 00:00:00"):
            self.env["telecom.contract.due"]._run_due_batch()
            self.assertEqual(self.contract.state, "expired")
            self.assertEqual(self.periods(), [("03-01", 5, 0, 0, 5, 0)])
        with frozen("2026-05-01 00:00:00"):
            self.env["telecom.contract.due"]._run_due_batch()
            self.assertEqual(len(self.contract.period_ids), 1)

    @frozen(MARCH)
    def test_a_terminated_contract_covers_what_was_done_before(self):
        self.grant(5)
        before = self.log_hours(1, "2026-03-09 09:00:00")
        after = self.log_hours(1, "2026-03-11 09:00:00")
        self.contract.action_cancel()
        self.assertEqual(str(self.contract.ended_on), "2026-03-10")
        self.approve(before | after)
        self.assertEqual((before.included_hours, after.included_hours), (1, 0))
        self.assertEqual(self.periods(), [("03-01", 5, 0, 1, 4, 0)])

    # Terms that change

    def test_other_hours_count_from_the_next_period_on(self):
        with frozen(MARCH):
            self.grant(5)
            self.contract.included_hours = 8
            self.assertEqual(self.periods(), [("03-01", 5, 0, 0, 0, 5)])
        with frozen("2026-04-02 00:00:00"):
            self.contract._allot_included()
            self.assertEqual(self.periods()[1], ("04-01", 8, 0, 0, 0, 8))

    @frozen(MARCH)
    def test_or_from_the_present_one_on_if_the_manager_says_so(self):
        self.grant(5)
        line = self.work("03-05", 7)
        self.assertEqual(line.included_hours, 5)
        self.contract.included_hours = 8
        self.contract.with_user(self.manager).action_grant_now()
        self.assertEqual(self.periods(), [("03-01", 8, 0, 7, 0, 1)])
        self.assertEqual(line.included_hours, 7)

    @frozen(MARCH)
    def test_a_manager_grants_more_out_of_goodwill(self):
        self.grant(1)
        line = self.work("03-05", 2)
        contract = self.contract.with_user(self.manager)
        with Form(contract) as form, form.period_ids.edit(0) as period:
            period.hours = 1.5
        self.assertEqual(line.included_hours, 1.5)

    @frozen(MARCH)
    def test_hours_that_are_billed_cannot_be_taken_back(self):
        self.grant(5)
        self.bill(self.work("03-05", 2))
        period = self.contract.period_ids
        with self.assertRaisesRegex(ValidationError, "2:00 h of the hours included"):
            period.hours = 1.75
        period.hours = 2
        with self.assertRaisesRegex(UserError, "periods are counted from"):
            self.contract.date_start = "2026-02-01"

    @frozen(MARCH)
    def test_another_first_day_counts_the_periods_anew(self):
        self.grant(5)
        line = self.work("03-05", 2)
        self.contract.date_start = "2026-02-20"
        self.assertEqual(self.periods(), [("02-20", 5, 0, 2, 0, 3)])
        self.assertEqual(line.included_hours, 2)
        self.assertEqual(list(line.included_periods), [str(self.contract.period_ids.id)])

    @frozen(MARCH)
    def test_a_contract_with_approved_time_is_not_deleted(self):
        self.work("03-05", 1)
        with self.assertRaisesRegex(UserError, "Terminate the contract"):
            self.contract.unlink()

    # Use

    @frozen(MARCH)
    def test_the_oldest_work_uses_the_hours_and_the_rest_is_billed(self):
        self.grant(5)
        late = self.work("03-09", 4)
        self.assertEqual(late.included_hours, 4)
        early = self.work("03-03", 3)
        self.assertEqual((early.included_hours, late.included_hours), (3, 2))
        self.assertEqual(self.periods(), [("03-01", 5, 0, 5, 0, 0)])

    @frozen(MARCH)
    def test_it_is_the_time_to_bill_that_uses_them_up(self):
        self.grant(5)
        line = self.work("03-03", 0.1)
        self.assertEqual((line.billed_hours, line.included_hours), (0.25, 0.25))

    @frozen(MARCH)
    def test_work_out_of_hours_uses_them_where_the_contract_says_so(self):
        self.grant(5)
        line = self.log_hours(1, "2026-03-02 19:00:00")
        self.approve(line)
        self.assertEqual(line.included_hours, 0)
        self.contract.included_out_of_hours = True
        self.assertEqual(line.included_hours, 1)

    @frozen(MARCH)
    def test_work_before_the_hours_were_granted_is_not_covered(self):
        self.grant(5)
        line = self.work("02-27", 1)
        self.assertEqual(line.included_hours, 0)

    def test_late_approval_uses_the_hours_of_the_day_of_the_work(self):
        with frozen(MARCH):
            self.grant(5)
            line = self.log_hours(2, "2026-03-05 09:00:00")
        with frozen("2026-04-10 09:00:00"):
            self.contract._allot_included()
            self.assertEqual(self.periods()[0], ("03-01", 5, 0, 0, 5, 0))
            self.approve(line)
            self.assertEqual(line.included_hours, 2)
            self.assertEqual(self.periods()[0], ("03-01", 5, 0, 2, 3, 0))

    @frozen(MARCH)
    def test_what_was_billed_keeps_its_hours(self):
        self.grant(5)
        billed = self.work("03-09", 5)
        self.bill(billed)
        older = self.work("03-03", 2)
        self.assertEqual((billed.included_hours, older.included_hours), (5, 0))

    @frozen(MARCH)
    def test_hours_come_back_when_work_is_no_longer_approved(self):
        self.grant(5)
        first, second = self.work("03-03", 4), self.work("03-09", 4)
        first.with_user(self.manager)._unlock("It was our own fault")
        first.invalidate_recordset()
        self.assertEqual((first.included_hours, second.included_hours), (0, 4))
        self.assertFalse(first.included_periods)

    @frozen(MARCH)
    def test_two_who_allot_at_once_never_both_succeed(self):
        self.grant(5)
        serial = self.contract.allotment_serial
        self.contract._allot_included()
        self.assertEqual(self.contract.allotment_serial, serial + 1, "the row itself changes")

    def test_whatever_happens_in_whichever_order_the_account_is_the_same(self):
        chance = random.Random(6)
        with frozen("2026-01-15 09:00:00"):
            self.grant(3, included_carry_over="next")
        with frozen("2026-04-15 09:00:00"):
            self.contract._allot_included()
            lines = self.env["account.analytic.line"]
            for day in range(0, 100, 5):
                started = f"{self.contract.date_start + timedelta(days=day)} 09:00:00"
                lines |= self.log_hours(chance.choice([0.25, 1, 2.5]), started)
            for _step in range(60):
                self.do_something(chance, lines)
            before = self.get_account(lines)
            lines.contract_id._allot_included()
            self.assertEqual(self.get_account(lines), before)
            # From scratch, in another order.
            open_lines = lines.filtered(lambda line: line.billing_state == "approved")
            open_lines.with_user(self.manager)._unlock("Once more")
            for line in chance.sample(open_lines, len(open_lines)):
                self.approve(line)
            self.assertEqual(self.get_account(lines), before)

    def do_something(self, chance, lines):
        line = chance.choice(lines)
        billed = line.billing_state in ("included", "invoiced")
        kept = {
            other: other.included_periods for other in lines if other.billing_state == "included"
        }
        if billed and chance.random() < 0.5:
            line._write_billing({"billing_state": "approved"})
            kept.pop(line, None)
            self.contract._allot_included()
        elif line.billing_state == "approved" and chance.random() < 0.5:
            line.with_user(self.manager)._unlock("Once more")
        elif line.billing_state == "approved":
            self.bill(line)
        elif not billed:
            self.approve(line)
        for other, used in kept.items():
            self.assertEqual(other.included_periods, used, "billed work changed")
        self.check_balance(lines)

    def check_balance(self, lines):
        periods = self.contract.period_ids.sorted("date_start")
        for period in periods:
            self.assertAlmostEqual(
                period.hours + period.carried_hours,
                period.used_hours + period.lost_hours + period.left_hours,
            )
            self.assertGreaterEqual(period.left_hours, 0)
            self.assertGreaterEqual(period.lost_hours, 0)
        included = sum(lines.mapped("included_hours"))
        self.assertAlmostEqual(included, sum(periods.mapped("used_hours")))
        self.assertLessEqual(included, sum(periods.mapped("hours")))
        for line in lines:
            self.assertLessEqual(line.included_hours, line.billed_hours + 1e-9)
            if line.billing_state not in ("approved", "included"):
                self.assertEqual(line.included_hours, 0)

    def get_account(self, lines):
        return [(line.included_hours, line.included_periods) for line in lines], self.periods()

    @frozen(MARCH)
    def test_many_contracts_take_few_queries(self):
        contracts = self.make_contract(self.customer, type_id=self.contract_type.id)
        for _index in range(19):
            contracts |= self.make_contract(self.customer, type_id=self.contract_type.id)
        contracts.write({"included_hours": 2})
        lines = self.env["account.analytic.line"]
        for contract in contracts:
            ticket = self.make_own_ticket(contract_id=contract.id)
            for day in ("02", "03", "04"):
                lines |= self.log_hours(1, f"2026-03-{day} 09:00:00", ticket)
        self.approve(lines)
        self.assertEqual(sum(lines.mapped("included_hours")), 40)
        counts = []
        for some in (contracts[:2], contracts):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._allot_included()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    @frozen(MARCH)
    def test_lists_of_contracts_and_tickets_take_as_many_queries_for_many(self):
        contracts = tickets = None
        for _index in range(20):
            contract = self.make_contract(self.customer, type_id=self.contract_type.id)
            ticket = self.make_own_ticket(contract_id=contract.id)
            contracts = contracts | contract if contracts else contract
            tickets = tickets | ticket if tickets else ticket
        contracts.write({"included_hours": 2})
        for records, name in [(contracts, "current_left_hours"), (tickets, "included_notice")]:
            counts = []
            for some in (records[:1], records[:2], records):  # the first fills the caches
                self.env.flush_all()
                self.env.invalidate_all()
                some = some.with_user(self.manager).browse(some.ids)
                before = self.env.cr.sql_log_count
                values = [row[name] for row in some.read([name])]
                counts.append(self.env.cr.sql_log_count - before)
                self.assertTrue(all(values))
            with self.subTest(field=name):
                self.assertEqual(counts[1], counts[2])

    # Where it is shown, and to whom

    @frozen(MARCH)
    def test_the_ticket_tells_what_is_left_and_what_waits(self):
        self.grant(5)
        self.assertEqual(self.ticket.included_notice, "5:00 h of 5:00 h left until 31 Mar")
        self.work("03-05", 1.5)
        self.env.invalidate_all()
        ticket = self.ticket.with_user(self.agent_voice)
        self.assertEqual(ticket.included_notice, "3:30 h of 5:00 h left until 31 Mar")
        self.assertFalse(ticket.included_is_short)
        self.log_hours(4, "2026-03-06 08:00:00")
        self.env.invalidate_all()
        self.assertEqual(
            ticket.included_notice,
            "3:30 h of 5:00 h left until 31 Mar; 4:00 h wait for approval",
        )
        self.assertTrue(ticket.included_is_short)
        self.assertFalse(self.make_own_ticket(contract_id=False).included_notice)

    @frozen(MARCH)
    def test_contracts_that_have_used_up_their_hours_are_found(self):
        self.grant(1)
        contracts = self.env["telecom.contract"].with_user(self.manager)
        domain = [("current_period_id.left_hours", "=", 0)]
        self.assertNotIn(self.contract, contracts.search(domain))
        self.assertEqual(self.contract.current_left_hours, 1)
        self.work("03-05", 1)
        self.assertIn(self.contract, contracts.search(domain))

    @frozen(MARCH)
    def test_only_managers_change_periods(self):
        self.grant(5)
        period = self.contract.period_ids
        period.with_user(self.manager).hours = 6
        self.assertEqual(period.with_user(self.agent_voice).left_hours, 6)
        with self.assertRaises(AccessError):
            period.with_user(self.agent_voice).hours = 100
        with self.assertRaises(AccessError):
            period.with_user(self.manager).copy({"date_start": "2026-08-01"})
        for user in (self.internal_user, self.portal_user, self.public_user):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                period.with_user(user).read(["hours"])
