from unittest.mock import patch

from odoo.fields import Command, Datetime
from odoo.tests import Form

from ..common import WEEKDAYS, frozen
from ..mixins.test_due_mixin import DueCase

MONDAY = "2026-03-02 10:00:00"
NIGHT = "2026-03-02 22:00:00"
FRIDAY_NIGHT = "2026-03-06 22:00:00"


class DistributionCase(DueCase):
    """A team of three who take turns, from 8 to 17 UTC on working days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.make_calendar("8 to 17", "UTC", {WEEKDAYS: ((8, 17),)})
        agent = "telecom_helpdesk.group_agent"
        cls.ann, cls.bob, cls.cid = (
            cls.make_user(name.lower(), agent, name=name, notification_type="inbox")
            for name in ("Ann", "Bob", "Cid")
        )
        cls.desk = cls.make_team(
            "Desk",
            cls.ann + cls.bob + cls.cid,
            assignment_method="round_robin",
            resource_calendar_id=cls.calendar.id,
        )

    @classmethod
    def make_resource(cls, user, calendar=None):
        return cls.quietly_create(
            "resource.resource",
            {
                "name": user.name,
                "user_id": user.id,
                "tz": "UTC",
                "calendar_id": calendar.id if calendar else False,
            },
        )

    @classmethod
    def make_leave(cls, resource, start, stop):
        return cls.quietly_create(
            "resource.calendar.leaves",
            {
                "name": "Holiday",
                "resource_id": resource.id,
                "calendar_id": resource.calendar_id.id,
                "date_from": start,
                "date_to": stop,
            },
        )

    @classmethod
    def set_agent(cls, user, **values):
        cls.env["telecom.agent"]._ensure_rows(user).write(values)

    def arrive(self, count=1, **values):
        """Tickets that come in for the desk."""
        return self.env["telecom.ticket"].create(
            [
                {
                    "name": f"Ticket {n}",
                    "team_id": self.desk.id,
                    "partner_id": self.customer_contact.id,
                    **values,
                }
                for n in range(count)
            ]
        )

    def make_unassigned(self, at=MONDAY, count=1, **values):
        """Tickets that come in at an instant, after the scheduled action ran; oldest first."""
        with frozen(at):
            tickets = self.arrive(count, **values)
        self.run_cron(at)
        tickets.invalidate_recordset()
        return tickets

    def notes(self, ticket, words):
        return ticket.message_ids.filtered(lambda message: words in str(message.body))


class TestByTurn(DistributionCase):
    def test_new_tickets_go_round(self):
        tickets = self.make_unassigned(count=7)
        expected = [self.ann, self.bob, self.cid, self.ann, self.bob, self.cid, self.ann]
        self.assertEqual([ticket.user_id for ticket in tickets], expected)
        self.assertEqual(self.make_unassigned().user_id, self.bob, "it goes on where it stopped")
        self.assertFalse(any(tickets.mapped("distribute_at")))
        self.assertEqual(set(tickets.mapped("assigned_at")), {Datetime.to_datetime(MONDAY)})

    def test_at_once_whatever_the_channel(self):
        with frozen(MONDAY):
            contact = self.customer_contact
            mail = (
                f"From: {contact.email_formatted}\nTo: support@operator.example.com\n"
                "Subject: Trouble\nMessage-ID: <p5@customer.example.com>\n\nNo tone."
            )
            id_ = self.env["mail.thread"].message_process(
                "telecom.ticket", mail, custom_values={"team_id": self.desk.id}
            )
        self.assertIn(MONDAY, self.triggers())
        self.run_cron(MONDAY)
        self.assertEqual(self.env["telecom.ticket"].browse(id_).user_id, self.ann)

    def test_the_thread_says_why_and_the_agent_is_told(self):
        category = self.env["telecom.ticket.category"].create(
            {"name": "No Dial Tone", "skill_user_ids": [Command.set(self.bob.ids)]}
        )
        with patch.object(self.registry, "ready", True):
            ticket = self.make_unassigned(category_id=category.id)
        [note] = self.notes(ticket, "Assigned to")
        self.assertIn("Assigned to Bob: round robin, knows “No Dial Tone”.", str(note.body))
        self.assertFalse(ticket.message_ids.tracking_value_ids, "it is said once")
        told = self.env["mail.notification"].search(
            [("res_partner_id", "=", self.bob.partner_id.id)]
        )
        self.assertIn("assigned", str(told.mail_message_id.body))
        self.assertEqual(told.notification_type, "inbox")

    def test_by_hand_nothing_is_shared_out(self):
        self.desk.assignment_method = "manual"
        ticket = self.make_unassigned()
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.next_due_at)

    def test_tickets_with_an_agent_or_an_incident_stay(self):
        incident = self.make_ticket(incident_kind="incident")
        taken = self.make_unassigned(user_id=self.cid.id)
        child = self.make_unassigned(parent_id=incident.id)
        done = self.make_unassigned(stage_id=self.stage("resolved").id)
        self.assertEqual(taken.user_id, self.cid)
        self.assertFalse(child.user_id + done.user_id)

    def test_a_ticket_taken_meanwhile_stays_with_its_agent(self):
        with frozen(MONDAY):
            ticket = self.arrive()
            ticket.with_user(self.cid).action_assign_to_me()
        self.assertFalse(ticket.next_due_at)
        self.run_cron(MONDAY)
        self.assertEqual(ticket.user_id, self.cid)
        self.assertEqual(self.make_unassigned().user_id, self.ann, "nobody's turn was used up")

    def test_a_team_that_stopped_sharing_out_meanwhile(self):
        with frozen(MONDAY):
            ticket = self.arrive()
            self.desk.assignment_method = "manual"
        self.run_cron(MONDAY)
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.next_due_at)

    def test_an_agent_of_another_company_is_no_candidate(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.ann.write({"company_ids": [Command.set(company.ids)], "company_id": company.id})
        self.assertEqual(self.make_unassigned().user_id, self.bob)

    def test_archived_members_and_people_who_left_the_helpdesk(self):
        self.ann.active = False
        self.bob.group_ids = self.env.ref("base.group_user")
        self.assertEqual(self.make_unassigned().user_id, self.cid)


class TestByLoad(DistributionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk.assignment_method = "least_loaded"

    def test_the_least_busy_first(self):
        for user, count in ((self.ann, 3), (self.bob, 1), (self.cid, 2)):
            for _number in range(count):
                self.make_ticket(user_id=user.id)
        tickets = self.make_unassigned(count=4)
        self.assertEqual(
            [ticket.user_id for ticket in tickets], [self.bob, self.cid, self.bob, self.ann]
        )
        self.assertTrue(self.notes(tickets[0], "Assigned to Bob: fewest open tickets."))

    def test_tickets_that_wait_for_the_customer_do_not_count(self):
        for state in ("waiting_customer", "resolved", "closed"):
            self.make_ticket(user_id=self.ann.id, stage_id=self.stage(state).id)
        self.make_ticket(user_id=self.bob.id, stage_id=self.stage("waiting_third_party").id)
        self.make_ticket(user_id=self.cid.id)
        self.assertEqual(self.make_unassigned().user_id, self.ann)


class TestWhoMay(DistributionCase):
    def test_only_those_of_the_level(self):
        self.set_agent(self.bob, support_level="2")
        tickets = self.make_unassigned(count=2, support_level="2")
        self.assertEqual(tickets.user_id, self.bob)
        self.assertEqual(self.make_unassigned().user_id, self.ann, "at level 1 it goes round")

    def test_those_who_know_the_category_first(self):
        parent = self.env["telecom.ticket.category"].create(
            {"name": "Telephony", "skill_user_ids": [Command.set(self.cid.ids)]}
        )
        child = parent.create({"name": "Porting", "parent_id": parent.id})
        self.assertEqual(self.make_unassigned(category_id=child.id).user_id, self.cid)
        self.assertEqual(self.make_unassigned(category_id=parent.id).user_id, self.cid)
        child.skill_user_ids = self.bob
        self.assertEqual(
            self.make_unassigned(category_id=child.id).user_id, self.bob, "the nearest"
        )

    def test_nobody_there_who_knows_it(self):
        category = self.env["telecom.ticket.category"].create(
            {"name": "Telephony", "skill_user_ids": [Command.set(self.bob.ids)]}
        )
        self.set_agent(self.bob, is_available=False)
        self.assertEqual(self.make_unassigned(category_id=category.id).user_id, self.ann)

    def test_people_switched_off_are_skipped(self):
        self.env["telecom.agent"].with_user(self.ann).set_my_availability(False)
        self.assertFalse(self.env["telecom.agent"].with_user(self.ann).get_my_availability())
        self.assertEqual(self.make_unassigned(count=2).user_id, self.bob + self.cid)


class TestPresence(DistributionCase):
    def test_people_on_leave_are_skipped(self):
        self.make_leave(
            self.make_resource(self.ann, self.calendar),
            "2026-03-02 00:00:00",
            "2026-03-03 23:59:59",
        )
        self.make_leave(self.make_resource(self.bob), "2026-03-02 00:00:00", "2026-03-03 23:59:59")
        self.assertEqual(self.make_unassigned().user_id, self.cid)
        self.assertEqual(
            self.make_unassigned("2026-03-04 10:00:00").user_id, self.ann, "back again"
        )

    def test_their_own_working_hours_count(self):
        self.make_resource(self.ann, self.make_calendar("13 to 17", "UTC", {WEEKDAYS: ((13, 17),)}))
        self.assertEqual(self.make_unassigned().user_id, self.bob)
        self.assertEqual(self.make_unassigned("2026-03-02 14:00:00").user_id, self.ann)

    def test_at_night_it_is_the_next_working_day_that_counts(self):
        resource = self.make_resource(self.ann, self.calendar)
        self.make_leave(resource, "2026-03-03 00:00:00", "2026-03-03 23:59:59")
        self.assertEqual(self.make_unassigned(NIGHT).user_id, self.bob)
        self.make_leave(resource, "2026-03-09 00:00:00", "2026-03-09 23:59:59")
        tickets = self.make_unassigned(FRIDAY_NIGHT, count=3)
        self.assertNotIn(self.ann, tickets.user_id)

    def test_a_team_without_hours_always_works(self):
        self.desk.resource_calendar_id = False
        self.make_resource(self.ann, self.calendar)
        self.assertEqual(self.make_unassigned(NIGHT).user_id, self.bob)

    def test_nobody_there_waits_for_the_first_who_comes_back(self):
        for user, back in ((self.ann, 5), (self.bob, 4), (self.cid, 6)):
            resource = self.make_resource(user, self.calendar)
            self.make_leave(resource, "2026-03-02 00:00:00", f"2026-03-0{back} 00:00:00")
        ticket = self.make_unassigned()
        self.assertFalse(ticket.user_id)
        self.assertEqual(str(ticket.distribute_at), "2026-03-04 08:00:00")
        self.assertEqual(str(ticket.next_due_at), "2026-03-04 08:00:00")
        self.assertIn("2026-03-04 08:00:00", self.triggers())
        self.run_cron("2026-03-04 08:00:00")
        self.assertEqual(ticket.user_id, self.bob)
        self.assertEqual(len(self.notes(ticket, "stays in the queue")), 1)
        self.assertFalse(ticket.distribution_waits)

    def test_a_long_leave_is_looked_beyond(self):
        for user in (self.ann, self.bob, self.cid):
            resource = self.make_resource(user, self.calendar)
            self.make_leave(resource, "2026-03-02 00:00:00", "2026-06-01 00:00:00")
        ticket = self.make_unassigned()
        again = str(ticket.distribute_at)
        self.assertEqual(again, "2026-04-06 10:00:00")
        self.run_cron(again)
        self.assertGreater(str(ticket.distribute_at), again)
        self.assertEqual(len(self.notes(ticket, "stays in the queue")), 1, "it is said once")

    def test_somebody_switched_on_gets_what_waited(self):
        for user in (self.ann, self.bob, self.cid):
            self.env["telecom.agent"].with_user(user).set_my_availability(False)
        ticket = self.make_unassigned()
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.next_due_at, "nothing polls")
        with frozen("2026-03-02 11:00:00"):
            self.env["telecom.agent"].with_user(self.cid).set_my_availability(True)
        self.run_cron("2026-03-02 11:00:00")
        self.assertEqual(ticket.user_id, self.cid)

    def test_a_team_that_no_longer_shares_out_leaves_what_waited(self):
        self.env["telecom.agent"]._ensure_rows(self.desk.member_ids).is_available = False
        ticket = self.make_unassigned()
        self.assertTrue(ticket.distribution_waits)
        with frozen(MONDAY), Form(self.desk.with_user(self.manager)) as form:
            form.assignment_method = "manual"
        self.run_cron(MONDAY)
        self.assertFalse(ticket.user_id)
        self.assertFalse(ticket.distribution_waits)

    def test_time_off_approved_in_odoo(self):
        if "hr.leave" not in self.env:
            self.skipTest("Odoo's time off is not installed")
        calendar = self.calendar
        ann = self.quietly_create(
            "hr.employee",
            {"name": "Ann", "user_id": self.ann.id, "resource_calendar_id": calendar.id},
        )
        kind = self.quietly_create(
            "hr.leave.type", {"name": "Paid", "requires_allocation": False, "time_type": "leave"}
        )
        leave = self.env["hr.leave"].create(
            {
                "employee_id": ann.id,
                "holiday_status_id": kind.id,
                "request_date_from": "2026-03-02",
                "request_date_to": "2026-03-03",
            }
        )
        self.assertEqual(self.make_unassigned().user_id, self.ann, "not approved yet")
        leave._action_validate()
        tickets = self.make_unassigned(count=4)
        self.assertEqual(tickets.user_id, self.bob + self.cid)

    def test_somebody_who_joins_gets_what_waited(self):
        self.desk.member_ids = False
        ticket = self.make_unassigned()
        with frozen("2026-03-02 11:00:00"), Form(self.desk.with_user(self.manager)) as form:
            form.member_ids.add(self.bob)
        self.run_cron("2026-03-02 11:00:00")
        self.assertEqual(ticket.user_id, self.bob)

    def test_somebody_who_may_now_gets_what_waited(self):
        ticket = self.make_unassigned(support_level="2")
        self.assertFalse(ticket.user_id)
        agent = self.env["telecom.agent"].search([("user_id", "=", self.cid.id)])
        with frozen("2026-03-02 11:00:00"), Form(agent.with_user(self.manager)) as form:
            form.support_level = "3"
        self.run_cron("2026-03-02 11:00:00")
        self.assertEqual(ticket.user_id, self.cid)


class TestLater(DistributionCase):
    def test_another_team_shares_it_out(self):
        with frozen(MONDAY):
            ticket = self.make_ticket()
            ticket.with_user(self.manager).team_id = self.desk
        self.run_cron(MONDAY)
        self.assertEqual(ticket.user_id, self.ann)

    def test_an_escalated_ticket_is_shared_out_to_those_who_may(self):
        self.team_voice.escalation_team_id = self.desk
        self.set_agent(self.bob, support_level="2")
        with frozen(MONDAY):
            ticket = self.make_ticket(user_id=self.agent_voice.id)
            ticket.with_user(self.agent_voice)._escalate(reason="Beyond me.")
        self.run_cron(MONDAY)
        self.assertEqual(ticket.user_id, self.bob)

    def test_escalated_in_its_own_team(self):
        self.set_agent(self.bob, support_level="2")
        ticket = self.make_unassigned()
        self.assertEqual(ticket.user_id, self.ann)
        with frozen(MONDAY):
            ticket.with_user(self.ann)._escalate(reason="Beyond me.")
        self.run_cron(MONDAY)
        self.assertEqual(ticket.user_id, self.bob)

    def test_a_reopened_ticket_is_shared_out(self):
        with frozen(MONDAY):
            ticket = self.arrive(stage_id=self.stage("resolved").id)
            self.customer_writes(ticket)
        self.run_cron(MONDAY)
        self.assertEqual(ticket.user_id, self.ann)

    def test_back_in_the_queue_by_hand_it_stays_there(self):
        ticket = self.make_unassigned()
        with frozen("2026-03-02 11:00:00"), Form(ticket.with_user(self.ann)) as form:
            form.user_id = self.env["res.users"]
        self.run_cron("2026-03-02 11:00:00")
        self.assertFalse(ticket.user_id)
        with frozen("2026-03-02 12:00:00"):
            ticket.with_user(self.ann).write({"team_id": self.desk.id, "name": "The same"})
            self.customer_writes(ticket)
        self.run_cron("2026-03-02 12:00:00")
        self.assertFalse(ticket.user_id)

    def test_no_longer_tied_to_an_incident(self):
        incident = self.make_ticket(incident_kind="incident")
        ticket = self.make_unassigned(parent_id=incident.id)
        with frozen(MONDAY):
            ticket.with_user(self.manager).parent_id = False
        self.run_cron(MONDAY)
        self.assertEqual(ticket.user_id, self.ann)


class TestCost(DistributionCase):
    def count_queries(self, count):
        self.make_unassigned(count=2)
        with frozen(MONDAY):
            self.arrive(count)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            with patch.object(self.registry, "ready", True):
                self.env["telecom.ticket.due"]._run_due_batch()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

    def test_queries_of_tickets_that_come_in(self):
        def count(number):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.arrive(number)
            self.env.cr.flush()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(1), count(50))

    def test_loads_are_counted_through_an_index(self):
        done = self.make_ticket(user_id=self.ann.id, stage_id=self.stage("closed").id)
        self.copy_ticket(done + self.make_ticket(user_id=self.agent_voice.id), 2000)
        self.make_ticket(user_id=self.ann.id)
        self.env.flush_all()
        self.env.cr.execute("ANALYZE telecom_ticket")
        self.env.cr.execute(
            """EXPLAIN SELECT user_id, count(*) FROM telecom_ticket WHERE user_id IN %s
               AND state IN ('new', 'open', 'waiting_third_party') GROUP BY user_id""",
            [tuple((self.ann + self.bob + self.cid).ids)],
        )
        self.assertIn("telecom_ticket_load", str(self.env.cr.fetchall()))

    def test_queries_of_a_batch(self):
        for user in (self.ann, self.bob, self.cid):
            self.make_resource(user, self.calendar)
        for method in ("round_robin", "least_loaded"):
            with self.subTest(method=method):
                self.desk.assignment_method = method
                few, many = self.count_queries(10), self.count_queries(50)
                # A note, a notification to the agent, their following the ticket and the step
                # that is done, no more; two of them for telecom_helpdesk_mail.
                self.assertLessEqual((many - few) / 40, 24)
                self.assertLessEqual(few, 305)
