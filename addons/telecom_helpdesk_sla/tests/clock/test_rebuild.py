import os
import random
from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from odoo.addons.telecom_helpdesk.models.ticket.ticket_stage import DONE_STATES

from ...models.clock.sla_clock_store import FOLDED_FIELDS
from ..common import SlaCase, by_seed, frozen


@by_seed("TELECOM_SLA_SEED", 7)
class TestRebuild(SlaCase):
    """The logs give every stored clock back, whatever happened to the ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier = cls.env["telecom.tier"].search([], limit=1)
        (cls.paris + cls.berlin).company_id = False  # for every company
        cls.premium = cls.make_policy(
            "Premium",
            targets={"0": (4, 4, 16), "1": (1, 1, 8), "2": (1, 1, 4), "3": (0.5, 0, 2)},
            tier_ids=cls.tier.ids,
            calendar_id=cls.berlin.id,
            pause_on_third_party=True,
            sequence=1,
        )
        cls.standard = cls.make_policy(
            "Standard",
            targets={"0": (0, 0, 40), "1": (4, 4, 24), "2": (2, 4, 12), "3": (1, 1, 4)},
            calendar_id=cls.paris.id,
            sequence=2,
        )
        target = cls.standard.target_ids.filtered(lambda target: target.priority == "3")
        target.is_always = True
        cls.other_company = cls.env["res.company"].create({"name": "Operator Two"})
        (cls.manager + cls.portal_user).company_ids += cls.other_company
        nobody = cls.env["res.users"]
        cls.other_team = cls.make_team("Two", nobody, company_id=cls.other_company.id)
        cls.close_company("2026-03-27 00:00:00", "2026-03-28 12:00:00")
        cls.env["telecom.sla.policy"]._plan_batch()

    @classmethod
    def close_company(cls, start, stop):
        """A day off in every calendar, for what is promised by ``other_company`` alone."""
        cls.make_holiday("Closed", start, stop).company_id = cls.other_company

    def walk(self, seed):
        """Through the life of tickets; TELECOM_SLA_CASES makes it longer."""
        steps = 200 * int(os.environ.get("TELECOM_SLA_CASES", "1"))
        rng = random.Random(seed)
        now, tickets, done = datetime(2026, 3, 26, 7), self.env["telecom.ticket"], []
        seen, standing = set(), 0
        for number in range(steps):
            pauses = (0, 1, 60, 600, 900, 1800, 3600, 26 * 3600)
            now += timedelta(seconds=rng.choices(pauses, (2, 2, 2, 2, 2, 2, 2, 1))[0])
            living = tickets.filtered(lambda ticket: not ticket.merged_into_id)
            with frozen(str(now)):
                name = rng.choice([n for n in dir(self) if n.startswith("do_")])
                if len(living) < 3:
                    name = "do_create"
                ticket = rng.choice(living) if living else tickets
                done.append(f"{now} {ticket.number} {name}")
                created = getattr(self, name)(rng, ticket, living)
                tickets += created or tickets.browse()
                self.env.flush_all()
                with self.subTest(number=number, last=done[-4:]):
                    tickets._advance_sla(tickets._due_now())
                    stored = tickets.sla_clock_ids.read(FOLDED_FIELDS)
                    self.assertEqual(tickets._rebuild_sla(), {})
                    self.assertEqual(tickets.sla_clock_ids.read(FOLDED_FIELDS), stored)
                seen.update((clock.metric, clock.state) for clock in tickets.sla_clock_ids)
                standing += len(tickets.sla_clock_ids.filtered(lambda clock: clock._is_frozen()))
        self.assertGreater(len(tickets), 8)
        self.assertGreater(len(seen), 7, seen)
        self.assertGreater(standing, 0, "something was settled by former hours")

    def do_create(self, rng, _ticket, _living):
        return self.make_ticket(
            priority=rng.choice("0123"), tier_id=rng.choice([False, self.tier.id])
        )

    def do_move(self, rng, ticket, _living):
        states = ("open", "waiting_customer", "waiting_third_party", "resolved", "closed")
        self.set_state(ticket, rng.choice(states), user=self.manager)

    do_move_again = do_move

    def do_cancel(self, rng, ticket, _living):
        if rng.random() < 0.3:
            self.set_state(ticket, "cancelled", user=self.manager)

    def do_reply(self, _rng, ticket, _living):
        self.agent_replies(ticket, user=self.manager)

    def do_write(self, _rng, ticket, _living):
        self.customer_writes(ticket)

    do_mail = do_write

    def do_create_another(self, rng, ticket, living):
        return self.do_create(rng, ticket, living)

    def do_change_priority(self, rng, ticket, _living):
        ticket.with_user(self.manager).write({"priority": rng.choice("0123")})

    def do_change_tier(self, rng, ticket, _living):
        ticket.tier_id = rng.choice([False, self.tier.id])

    def do_change_policy(self, rng, _ticket, _living):
        policy = rng.choice((self.premium, self.standard))
        target = rng.choice(policy.target_ids)
        target.resolution_hours = rng.choice((4, 6, 8, 20))
        policy._plan_batch()

    def do_archive_policy(self, rng, _ticket, _living):
        if rng.random() < 0.3:
            self.premium.active = not self.premium.active
            self.premium._plan_batch()

    def do_change_hours(self, rng, ticket, _living):
        """A day off, from now on; tickets that are open are counted anew."""
        if rng.random() < 0.5:
            start = ticket._due_now() + timedelta(hours=rng.randint(-10, 30))
            stop = start + timedelta(hours=9)
            self.make_holiday("Closed", start, stop, rng.choice((self.paris, self.berlin)))
            self.env["telecom.sla.policy"]._plan_batch()

    def do_lift_holiday(self, rng, _ticket, _living):
        """Work was done on a day off after all, be it long ago."""
        holidays = (self.paris + self.berlin).leave_ids
        if holidays and rng.random() < 0.5:
            rng.choice(holidays).unlink()
            self.env["telecom.sla.policy"]._plan_batch()

    def do_change_week(self, rng, _ticket, _living):
        row = rng.choice((self.paris + self.berlin).attendance_ids)
        row.hour_to = row.hour_from + rng.choice((1, 2, 3, 3.5))
        self.env["telecom.sla.policy"]._plan_batch()

    def do_change_zone(self, rng, _ticket, _living):
        if rng.random() < 0.5:
            calendar = rng.choice((self.paris, self.berlin))
            calendar.tz = rng.choice(
                ("Europe/Paris", "Europe/Berlin", "Europe/Lisbon", "Asia/Tokyo")
            )
            self.env["telecom.sla.policy"]._plan_batch()

    def do_change_calendar(self, rng, _ticket, _living):
        """The policy counts by other hours; those that it leaves are edited later on."""
        policy = rng.choice((self.premium, self.standard))
        policy.calendar_id = rng.choice((self.paris, self.berlin, self.paris.browse()))
        policy._plan_batch()

    def do_change_company(self, rng, ticket, _living):
        if rng.random() < 0.3:
            team = rng.choice((self.team_voice, self.other_team))
            ticket.with_user(self.manager).write({"team_id": team.id})

    def do_archive(self, rng, _ticket, living):
        if rng.random() < 0.3:
            rng.choice(living).with_user(self.manager).action_archive()

    def do_restore(self, rng, _ticket, living):
        if archived := living.filtered(lambda ticket: not ticket.active):
            rng.choice(archived).with_user(self.manager).action_unarchive()

    def do_run_cron(self, _rng, _ticket, _living):
        self.env["telecom.sla.clock"]._run_due_batch()

    def do_merge(self, rng, ticket, living):
        others = living.filtered(
            lambda other: other.state not in DONE_STATES and other.company_id == ticket.company_id
        )
        others -= ticket
        if others and rng.random() < 0.3:
            ticket.with_user(self.manager)._merge(rng.choice(others).with_user(self.manager))

    def settled_ticket(self):
        """First answered in time by Berlin's hours; then its priority changed, and with it the
        hours: those of Standard's critical tickets are around the clock."""
        self.standard.target_ids.is_always = False
        self.standard.target_ids.filtered(lambda t: t.priority == "3").is_always = True
        self.standard.calendar_id = self.berlin
        self.env["telecom.sla.policy"]._plan_batch()
        with frozen("2026-03-02 15:30:00"):  # 16:30 in Berlin: half an hour, then the night
            ticket = self.make_ticket(priority="1")
        with frozen("2026-03-03 09:00:00"):
            self.agent_replies(ticket)
        self.assert_clock(self.clock(ticket, "first_response"), "met")
        with frozen("2026-03-03 09:10:00"):
            ticket.with_user(self.manager).priority = "3"
        return ticket

    def test_what_was_met_stands_when_hours_that_the_ticket_has_left_are_edited(self):
        """By Berlin's new hours people would have been late; nobody was."""
        ticket = self.settled_ticket()
        other = self.settled_ticket()
        first = self.clock(ticket, "first_response")
        with frozen("2026-03-03 10:00:00"):
            self.berlin.attendance_ids.write({"hour_to": 23})
            self.env["telecom.sla.policy"]._plan_batch()
            self.assert_clock(first, "met")
            message = ticket.with_user(self.manager).action_rebuild_sla()["params"]["message"]
            self.assertEqual(message, "All SLA clocks were correct.")
            self.assert_clock(first, "met")
            other.with_user(self.manager)._merge(ticket.with_user(self.manager))
            self.assert_clock(first, "met")
            self.assert_rebuilds(ticket + other)
        with frozen("2026-03-03 10:05:00"):
            self.env["telecom.sla.clock"]._run_due_batch()
        self.assertNotIn(first, ticket.sla_alert_ids.clock_id, "nobody is alarmed")

    def test_what_is_open_follows_hours_that_the_ticket_has_left(self):
        ticket = self.settled_ticket()
        clock = self.clock(ticket)
        with frozen("2026-03-03 10:00:00"):
            used = clock.consumed_seconds
            self.make_holiday("Flood", "2026-03-02 23:00:00", "2026-03-03 09:00:00", self.berlin)
            self.env["telecom.sla.policy"]._plan_batch()
            self.assertLess(clock.consumed_seconds, used)
            self.assert_rebuilds(ticket)

    def test_archived_hours_and_a_policy_that_is_gone_count_on(self):
        ticket = self.settled_ticket()
        with frozen("2026-03-03 09:30:00"):
            self.standard.calendar_id = self.paris
            self.standard.active = False
            self.env["telecom.sla.policy"]._plan_batch()
            self.berlin.active = False
            self.berlin.tz = "Asia/Tokyo"
            self.assertTrue(self.standard.to_plan, "what it promised by these hours")
            self.env["telecom.sla.policy"]._plan_batch()
            self.assert_rebuilds(ticket)

    def test_days_off_of_the_company_that_a_ticket_was_moved_to(self):
        """They count from the move on, not for the time before."""
        self.standard.calendar_id = self.berlin
        self.close_company("2026-03-02 00:00:00", "2026-03-02 10:00:00")
        self.env["telecom.sla.policy"]._plan_batch()
        with frozen("2026-03-02 08:00:00"):
            ticket = self.make_ticket(priority="1")
        with frozen("2026-03-02 09:00:00"):
            ticket.with_user(self.manager).team_id = self.other_team
            self.assertEqual(ticket.company_id, self.other_company)
            # An hour here, none until 11:00 there, three until 14:00.
            first = self.clock(ticket, "first_response")
            self.assert_clock(first, "running", deadline="2026-03-02 13:00:00")
            self.assertEqual(first.consumed_seconds, 3600)
            self.assert_rebuilds(ticket)

    def test_what_was_spoilt_is_found_and_mended(self):
        with frozen("2026-03-02 08:00:00"):
            ticket = self.make_ticket(priority="1")
        clock = self.clock(ticket)
        deadline = clock.deadline
        with frozen("2026-03-02 09:00:00"):
            clock.write({"deadline": "2026-03-02 12:00:00", "consumed_seconds": 5})
            self.clock(ticket, "first_response").unlink()
            [(metric, started_at, changes), lost] = ticket._rebuild_sla()[ticket.id][::-1]
            self.assertEqual((metric, str(started_at)), ("resolution", "2026-03-02 08:00:00"))
            self.assertEqual(
                changes,
                {
                    "consumed_seconds": (5, 0),
                    "deadline": (datetime(2026, 3, 2, 12), deadline),
                },
            )
            self.assertEqual(lost[0], "first_response")
            self.assertEqual(clock.deadline, deadline)
            self.assertEqual(len(ticket.sla_clock_ids), 2)
            self.assertEqual(ticket._rebuild_sla(), {})

    def test_a_manager_has_the_clocks_counted_anew(self):
        action = self.env.ref("telecom_helpdesk_sla.telecom_ticket_action_rebuild_sla")

        def run(user):
            selected = {"active_model": ticket._name, "active_ids": ticket.ids}
            done = action.with_user(user).with_context(**selected, active_id=ticket.id).run()
            return done["params"]["message"]

        with frozen("2026-03-02 08:00:00"):
            ticket = self.make_ticket(priority="1")
            self.clock(ticket).consumed_seconds = 5
            self.assertEqual(run(self.manager), f"Corrected: {ticket.number}.")
            self.assertEqual(self.clock(ticket).consumed_seconds, 0)
            self.assertEqual(run(self.manager), "All SLA clocks were correct.")
            with self.assertRaises(AccessError):
                run(self.agent_voice)
            with self.assertRaisesRegex(AccessError, "Only managers"):
                ticket.with_user(self.agent_voice).action_rebuild_sla()


@tagged("post_install", "-at_install")
class TestRebuildOfWhatIsThere(TransactionCase):
    """On the demo's tickets, or whatever the database holds."""

    def test_the_logs_give_every_clock_back(self):
        tickets = self.env["telecom.ticket"].search([("sla_term_id", "!=", False)], limit=2000)
        if not tickets:
            self.skipTest("Nothing is promised in this database.")
        tickets._advance_sla(tickets._due_now())
        before = tickets.sla_clock_ids.read(FOLDED_FIELDS)
        self.assertEqual(tickets._rebuild_sla(), {})
        self.assertEqual(tickets.sla_clock_ids.read(FOLDED_FIELDS), before)
