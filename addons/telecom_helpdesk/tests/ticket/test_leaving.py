from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form

from ..common import frozen
from .test_auto_assignment import MONDAY, DistributionCase


class LeavingCase(DistributionCase):
    """Ann leaves the desk, which Bob leads."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk.write({"leader_id": cls.bob.id, "assignment_method": "manual"})
        cls.admin = cls.env.ref("base.user_admin")

    def ticket_of(self, user, **values):
        return self.make_ticket(team_id=self.desk.id, user_id=user.id, **values)

    def archive(self, user):
        """*Archive* in the user's form."""
        user.with_user(self.admin).action_archive()

    def told(self, user):
        """What ``user`` was notified of beside tickets' own messages, the latest first."""
        return self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("partner_ids", "in", user.partner_id.ids),
            ]
        )


class TestSomebodyLeaves(LeavingCase):
    def test_every_way_out_tells_the_leader_with_a_list(self):
        agents = self.env.ref("telecom_helpdesk.group_agent")
        other = self.env["res.company"].create({"name": "Other"})
        ways = {
            "archived": self.archive,
            "written": lambda user: user.write({"active": False}),
            "no longer in the group": lambda user: user.write(
                {"group_ids": [Command.unlink(agents.id)]}
            ),
            "taken out of the group's list": lambda user: agents.write(
                {"user_ids": [Command.unlink(user.id)]}
            ),
            "deleted": lambda user: user.unlink(),
            "works for another company": lambda user: user.write(
                {"company_ids": [Command.set(other.ids)], "company_id": other.id}
            ),
        }
        for number, (way, leave) in enumerate(ways.items()):
            with self.subTest(way):
                user = self.make_user(
                    f"leaver{number}", "telecom_helpdesk.group_agent", name=f"Leaver {number}"
                )
                self.desk.member_ids += user
                mine, done = self.ticket_of(user), self.ticket_of(user)
                done.with_user(user).action_resolve()
                before = self.told(self.bob)
                leave(user)
                told = self.told(self.bob) - before
                self.assertEqual(told.mapped("subject"), [f"Tickets of Leaver {number}: 1"])
                self.assertIn(mine.number, told.body)
                self.assertNotIn(done.number, told.body)

    def test_without_tickets_nobody_is_told(self):
        before = self.told(self.bob)
        self.archive(self.cid)
        self.assertEqual(self.told(self.bob), before)

    def test_who_stays_is_not_taken_for_gone(self):
        ticket = self.ticket_of(self.ann)
        before = self.told(self.bob)
        portal = self.env.ref("base.group_partner_manager")
        self.ann.write({"group_ids": [Command.link(portal.id)]})
        self.assertEqual(self.told(self.bob), before)
        self.assertEqual(ticket.user_id, self.ann)

    def test_tickets_stay_unless_the_company_wants_them_back(self):
        ticket = self.ticket_of(self.ann)
        self.archive(self.ann)
        self.assertEqual(ticket.user_id, self.ann)

    def test_tickets_go_back_to_the_queue_and_are_shared_out(self):
        self.company.telecom_leaver_tickets = "queue"
        self.desk.assignment_method = "round_robin"
        with frozen(MONDAY):
            ticket = self.ticket_of(self.ann)
            self.archive(self.ann)
            self.assertFalse(ticket.user_id)
            self.assertIn("back in the queue", self.told(self.bob)[:1].body)
        self.run_cron(MONDAY)
        self.assertIn(ticket.user_id, self.bob + self.cid)

    def test_who_leads_the_team_and_leaves_is_stood_in_for(self):
        ticket = self.ticket_of(self.bob)
        before = self.told(self.bob)
        self.archive(self.bob)
        self.assertEqual(self.told(self.bob), before)
        self.assertIn(ticket.number, self.told(self.manager)[:1].body)

    def test_what_they_had_to_do_is_passed_on(self):
        ticket = self.ticket_of(self.ann)
        activity = ticket.activity_schedule(
            "mail.mail_activity_data_todo", summary="Call back", user_id=self.ann.id
        )
        self.archive(self.ann)
        self.assertEqual(activity.exists().user_id, self.bob)

    def test_the_customers_next_message_reaches_the_leader(self):
        ticket = self.ticket_of(self.ann)
        self.archive(self.ann)
        for write in (self.customer_writes, self.customer_mails):
            with self.subTest(write.__name__):
                message = write(ticket)
                self.assertIn(self.bob.partner_id, message.notified_partner_ids)

    def test_who_left_hears_no_more(self):
        """Odoo goes on mailing to the contact of a login that is archived."""
        followed = self.ticket_of(self.bob)
        followed.message_subscribe(partner_ids=self.ann.partner_id.ids)
        theirs = self.make_ticket(partner_id=self.ann.partner_id.id)
        self.archive(self.ann)
        message = self.customer_writes(followed)
        self.assertNotIn(self.ann.partner_id, message.notified_partner_ids)
        self.assertIn(self.ann.partner_id, theirs.message_partner_ids, "they are the customer")

    def test_without_a_leader_it_reaches_the_team(self):
        self.desk.leader_id = False
        ticket = self.ticket_of(self.ann)
        self.archive(self.ann)
        message = self.customer_writes(ticket)
        members = (self.bob + self.cid).partner_id
        self.assertEqual(message.notified_partner_ids & members, members)

    def test_a_message_that_reopens_an_old_ticket_puts_it_into_the_queue(self):
        self.company.telecom_leaver_tickets = "queue"
        ticket = self.ticket_of(self.ann)
        ticket.action_resolve()
        self.archive(self.ann)
        self.assertEqual(ticket.user_id, self.ann)
        self.customer_writes(ticket)
        self.assertEqual((ticket.state, ticket.user_id.id), ("open", False))


class TestGoneGetNothing(LeavingCase):
    def leave_all(self):
        """Pairs (how, user): people of the desk who are gone in each way."""
        archived = self.make_user("archived", "telecom_helpdesk.group_agent")
        former = self.make_user("former", "telecom_helpdesk.group_agent")
        self.desk.member_ids += archived + former
        self.archive(archived)
        former.group_ids = self.env.ref("base.group_user")
        return (("archived", archived), ("former", former))

    def test_no_ticket_by_hand(self):
        ticket = self.make_ticket(team_id=self.desk.id)
        for how, user in self.leave_all():
            for write in (
                lambda user=user: ticket.with_user(self.manager).write({"user_id": user.id}),
                lambda user=user: self.ticket_of(user),
                lambda user=user: (
                    self.env["telecom.ticket.assign"]
                    .with_user(self.manager)
                    .create({"ticket_ids": [Command.set(ticket.ids)], "user_id": user.id})
                    .action_assign()
                ),
            ):
                with self.subTest(how), self.assertRaises(ValidationError):
                    write()

    def test_no_turn(self):
        self.desk.write({"assignment_method": "round_robin", "leader_id": False})
        gone = [user.id for _how, user in self.leave_all()]
        self.ann.group_ids = self.bob.group_ids = self.env.ref("base.group_user")
        with frozen(MONDAY):
            tickets = self.arrive(3)
        self.run_cron(MONDAY)
        self.assertEqual(tickets.user_id, self.cid)
        self.assertNotIn(self.cid.id, gone)

    def test_no_ticket_handed_back(self):
        self.desk.escalation_team_id = self.team_voice
        ticket = self.ticket_of(self.ann)
        ticket.sudo()._escalate(reason="Up")
        self.archive(self.ann)
        wizards = self.env["telecom.ticket.escalate"].with_user(self.manager)
        form = Form(wizards.with_context(active_ids=ticket.ids, default_direction="down"))
        form.reason = "Down"
        form.save().action_confirm()
        self.assertEqual((ticket.team_id, ticket.user_id.id), (self.desk, False))

    def test_no_escalation_and_no_activity(self):
        self.archive(self.bob)
        ticket = self.ticket_of(self.ann)
        self.assertNotIn(self.bob, ticket._get_manager())
        self.assertIn(self.manager, ticket._get_manager())
        self.assertNotIn(self.bob, ticket._get_due_responsible())

    def test_nobody_left_at_all_means_an_administrator(self):
        company = self.env["res.company"].create({"name": "Empty"})
        people = self.env["telecom.agent"]._get_people_to_notify(self.bob, company=company)
        self.assertTrue(people.has_group("base.group_system"))
        self.assertTrue(people.active)
