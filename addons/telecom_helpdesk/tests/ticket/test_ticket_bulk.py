from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from ..common import HelpdeskCase


class TestBulk(HelpdeskCase):
    """One action on a selection; what is refused for one does not stop the others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tickets = cls.env["telecom.ticket"].union(*(cls.make_ticket() for _n in range(3)))

    def run_action(self, name, tickets=None, user=None):
        """Choose an entry of the list's action menu; returns what follows."""
        tickets = tickets if tickets is not None else self.tickets
        action = self.env.ref(f"telecom_helpdesk.telecom_ticket_action_{name}")
        self.assertEqual(action.binding_model_id.model, "telecom.ticket")
        return (
            action.with_user(user or self.agent_voice)
            .with_context(active_model=tickets._name, active_ids=tickets.ids)
            .run()
        )

    def test_take(self):
        done = self.tickets.with_user(self.agent_voice).action_assign_to_me()
        self.assertEqual(self.tickets.user_id, self.agent_voice)
        self.assertEqual(done["params"]["message"], "Tickets assigned to you: 3.")

    def test_take_what_ones_level_allows(self):
        hard = self.make_ticket()
        hard.support_level = "3"
        done = (self.tickets + hard).with_user(self.agent_voice).action_assign_to_me()
        self.assertEqual(self.tickets.user_id, self.agent_voice)
        self.assertFalse(hard.user_id)
        self.assertIn("Tickets assigned to you: 3", done["params"]["message"])
        self.assertIn(f"{hard.number}: ", done["params"]["message"])
        self.assertTrue(done["params"]["sticky"])

    def ask(self, action):
        """The question that ``action`` opens, as who pressed the button sees it."""
        self.assertEqual(action["res_model"], "telecom.ticket.question")
        question = self.env[action["res_model"]].with_user(self.agent_voice)
        return question.browse(action["res_id"])

    def test_take_asks_about_what_colleagues_have(self):
        """Ten are selected: two are free, one is one's own, seven have somebody."""
        self.tickets[0].user_id = self.agent_voice
        taken = self.tickets.union(*(self.make_ticket() for _n in range(7))) - self.tickets
        taken[:6].user_id = self.agent_internet
        taken[6].user_id = self.manager
        taken[6]._escalate("1", user=self.manager, reason="The line is dead")
        question = self.ask(
            (self.tickets + taken).with_user(self.agent_voice).action_assign_to_me()
        )
        self.assertEqual(self.tickets.user_id, self.agent_voice)
        self.assertEqual(taken.user_id, self.agent_internet + self.manager)
        self.assertEqual(question.ticket_ids, taken)
        for number in self.tickets.mapped("number"):
            self.assertIn(number, question.done)
        named = ", ".join(taken[:6].mapped("number"))
        self.assertIn(f"Ivo Internet has {named}.", question.question)
        self.assertIn(f"Mona Manager has {taken[6].number} (escalated).", question.question)
        question.action_go_on()
        self.assertEqual(taken.user_id, self.agent_voice)

    def test_take_on_a_stale_screen_says_who_has_it(self):
        """The button was there when the form was opened; a colleague was quicker."""
        ticket = self.tickets[0]
        ticket.with_user(self.agent_internet).sudo().user_id = self.agent_internet
        question = self.ask(ticket.with_user(self.agent_voice).action_assign_to_me())
        self.assertEqual(question.question, f"Ivo Internet has {ticket.number}.")
        self.assertFalse(question.done)
        self.assertEqual(ticket.user_id, self.agent_internet)

    def test_take_says_what_was_refused_beside_the_question(self):
        hard = self.make_ticket()
        hard.support_level = "3"
        self.tickets[0].user_id = self.agent_internet
        question = self.ask((self.tickets + hard).with_user(self.agent_voice).action_assign_to_me())
        self.assertEqual(self.tickets[1:].user_id, self.agent_voice)
        self.assertIn(f"{hard.number}: ", question.done)

    def test_resolve_says_how_many_were_never_answered(self):
        answered = self.tickets[0]
        answered.with_user(self.agent_voice).message_post(
            body="Mended", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        for name, end in (("resolve", "resolved"), ("close", "closed")):
            tickets = self.tickets.with_user(self.agent_voice)
            with self.subTest(name):
                question = self.ask(
                    tickets.action_ask_resolve() if name == "resolve" else self.run_action(name)
                )
                self.assertEqual(set(self.tickets.mapped("state")), {"new"})
                numbers = ", ".join(self.tickets[1:].mapped("number"))
                self.assertEqual(question.question, f"Never answered: 2 of 3 tickets ({numbers}).")
                question.action_only_others()
                self.assertEqual(answered.state, end)
                self.assertEqual(set(self.tickets[1:].mapped("state")), {"new"})
                self.ask(tickets.action_ask_resolve()).action_go_on()
                self.assertEqual(set(self.tickets[1:].mapped("state")), {"resolved"})
                self.tickets._set_state("new")
        answered.with_user(self.agent_voice).action_ask_resolve()
        self.assertEqual(answered.state, "resolved", "need no confirmation")

    def test_assign_says_who_has_them(self):
        self.tickets[0].user_id = self.agent_internet
        wizards = self.env["telecom.ticket.assign"].with_user(self.manager)
        wizard = Form(wizards.with_context(default_ticket_ids=self.tickets.ids))
        self.assertEqual(wizard.holders, f"Ivo Internet has {self.tickets[0].number}.")

    def test_assign(self):
        action = self.env.ref("telecom_helpdesk.telecom_ticket_action_assign")
        wizards = self.env[action.res_model].with_user(self.manager)
        wizard = Form(wizards.with_context(default_ticket_ids=self.tickets.ids))
        wizard.user_id = self.agent_internet
        done = wizard.save().action_assign()
        self.assertEqual(self.tickets.user_id, self.agent_internet)
        self.assertIn("Tickets assigned to Ivo Internet: 3", done["params"]["message"])

    def test_resolve_and_close(self):
        cancelled = self.make_ticket()
        cancelled.action_cancel()
        done = (self.tickets + cancelled).with_user(self.agent_voice).action_resolve()
        self.assertEqual(set(self.tickets.mapped("state")), {"resolved"})
        self.assertIn("Tickets resolved: 3", done["params"]["message"])
        self.assertIn(f"{cancelled.number}: Already done (Cancelled)", done["params"]["message"])
        self.tickets.with_user(self.agent_voice).action_close()
        self.assertEqual(set(self.tickets.mapped("state")), {"closed"})

    def test_cancel(self):
        self.run_action("cancel")
        self.assertEqual(set(self.tickets.mapped("state")), {"cancelled"})

    def test_priority_and_stage_of_many_at_once(self):
        self.tickets.with_user(self.agent_voice).write({"priority": "3"})
        self.assertEqual(set(self.tickets.mapped("priority")), {"3"})
        self.assertTrue(all(self.tickets.mapped("priority_by_hand")))

    def test_merge_and_relate(self):
        action = self.run_action("merge")
        wizards = self.env[action["res_model"]].with_user(self.agent_voice)
        self.assertTrue(Form(wizards.with_context(**action["context"])).is_selection)
        self.run_action("link")
        self.assertEqual(self.tickets[0].related_ids, self.tickets[1:])

    def test_fifty_cost_no_more_queries_than_five(self):
        def count(number):
            tickets = self.env["telecom.ticket"].union(
                *(self.make_ticket() for _n in range(number))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            tickets.with_user(self.agent_voice).action_assign_to_me()
            tickets.with_user(self.agent_voice).action_resolve()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1)
        count(2)
        self.assertLessEqual(count(50), count(5) + 2)

    def test_a_collaborator_leaves(self):
        ticket = self.make_ticket(
            team_id=self.team_internet.id, collaborator_ids=[Command.set(self.agent_voice.ids)]
        )
        action = self.run_action("leave", ticket)
        self.assertFalse(ticket.collaborator_ids)
        self.assertNotIn(self.agent_voice.partner_id, ticket.message_partner_ids)
        self.assertEqual(action["params"]["message"], "You have left the ticket.")
        self.assertEqual(action["params"]["next"]["res_model"], "telecom.ticket")


class TestLink(HelpdeskCase):
    """Tickets that have to do with each other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = cls.make_ticket(name="One"), cls.make_ticket(name="Two")

    def link(self, ticket, other, user=None):
        """On the form, tab "Related"."""
        with Form(ticket.with_user(user or self.agent_voice)) as form:
            form.related_ids.add(other)

    def test_whoever_says_it_of_whom(self):
        self.link(self.one, self.two)
        self.assertEqual((self.one.related_ids, self.two.related_ids), (self.two, self.one))
        with Form(self.two.with_user(self.agent_voice)) as form:
            form.related_ids.remove(id=self.one.id)
        self.assertFalse(self.one.related_ids + self.two.related_ids)

    def test_twice_is_once(self):
        self.link(self.one, self.two)
        self.two.related_ids = [Command.link(self.one.id)]
        self.env.cr.execute("SELECT count(*) FROM telecom_ticket_related_rel")
        self.assertEqual(self.env.cr.fetchone(), (2,))

    def test_not_to_itself(self):
        with self.assertRaisesRegex(ValidationError, "linked to itself"):
            self.one.related_ids = self.one

    def test_not_to_another_companys(self):
        company = self.env["res.company"].create({"name": "Operator Two"})
        self.manager.company_ids += company
        theirs = self.make_ticket(team_id=False, company_id=company.id)
        with self.assertRaisesRegex(UserError, "compan"):
            self.one.related_ids = theirs

    def test_one_that_the_user_may_not_see_is_left_out_and_kept(self):
        hidden = self.make_ticket(name="Hidden", team_id=self.team_internet.id)
        self.one.related_ids = hidden
        self.env.invalidate_all()
        mine = self.one.with_user(self.agent_voice)
        self.assertFalse(mine.related_ids)
        self.link(self.one, self.two)
        self.env.invalidate_all()
        self.assertEqual(mine.related_ids, self.two.with_user(self.agent_voice))
        self.env.invalidate_all()
        self.assertEqual(self.one.related_ids, hidden + self.two)

    def test_at_creation(self):
        new = self.make_ticket(related_ids=[Command.set(self.one.ids)])
        self.assertEqual(self.one.related_ids, new)

    def test_customers_see_nothing_of_it(self):
        self.link(self.one, self.two)
        data = self.one.with_user(self.portal_user).fields_get()
        self.assertFalse(data.keys() & {"related_ids", "merged_into_id"})

    def test_too_many_at_once(self):
        tickets = self.copy_ticket(self.one, 21)
        with self.assertRaisesRegex(UserError, "major incident"):
            tickets.with_user(self.manager).action_link()
