import os
import random
from datetime import datetime, timedelta

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from odoo.addons.telecom_helpdesk.models.ticket_stage import DONE_STATES

from ..models.sla_clock_fold import FOLDED_FIELDS
from .common import SlaCase, frozen


class TestRebuild(SlaCase):
    """The logs give every stored clock back, whatever happened to the ticket."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier = cls.env["telecom.tier"].search([], limit=1)
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
        cls.manager.company_ids += cls.other_company
        nobody = cls.env["res.users"]
        cls.other_team = cls.make_team("Two", nobody, company_id=cls.other_company.id)
        cls.make_holiday(
            "Of Two", "2026-03-27 00:00:00", "2026-03-28 12:00:00", company_id=cls.other_company.id
        )
        cls.env["telecom.sla.policy"]._plan_batch()

    def test_a_random_walk_through_the_life_of_tickets(self):
        """TELECOM_SLA_SEED repeats a walk, TELECOM_SLA_CASES makes it longer."""
        seed = int(os.environ.get("TELECOM_SLA_SEED", "7"))
        steps = 250 * int(os.environ.get("TELECOM_SLA_CASES", "1"))
        rng = random.Random(seed)
        now, tickets, done = datetime(2026, 3, 26, 7), self.env["telecom.ticket"], []
        seen = set()
        for number in range(steps):
            now += timedelta(seconds=rng.choice((0, 1, 60, 600, 900, 1800, 3600, 26 * 3600)))
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
                with self.subTest(seed=seed, number=number, last=done[-4:]):
                    tickets._advance_sla(tickets._due_now())
                    stored = tickets.sla_clock_ids.read(FOLDED_FIELDS)
                    self.assertEqual(tickets._rebuild_sla(), {})
                    self.assertEqual(tickets.sla_clock_ids.read(FOLDED_FIELDS), stored)
                seen.update((clock.metric, clock.state) for clock in tickets.sla_clock_ids)
        self.assertGreater(len(tickets), 8)
        self.assertGreater(len(seen), 10, seen)

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
        self.agent_replies(ticket)

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
            calendar.tz = rng.choice(("Europe/Paris", "Europe/Berlin", "Europe/Lisbon", "Asia/Tokyo"))
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
            self.assertEqual(run(self.manager), f"Put right: {ticket.number}.")
            self.assertEqual(self.clock(ticket).consumed_seconds, 0)
            self.assertEqual(run(self.manager), "Every clock was right.")
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
