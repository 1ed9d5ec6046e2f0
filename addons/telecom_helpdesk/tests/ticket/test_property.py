import itertools
import random
from collections import Counter
from datetime import datetime, timedelta

from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCase, by_seed, frozen

STEPS = 80
CHECKED_EACH = 5


@by_seed("TELECOM_WALK_SEED", 1, 2, 3)
@tagged("post_install", "-at_install")
class TestProperty(HelpdeskCase):
    """No order of events loses a message or takes a step twice.

    A walk at random over real records, through the doors that people and machines take: mails,
    portal, answers, notes, macros, merges, splits, buttons, rules, the scheduled action. After
    every few steps all that must always hold is checked.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team_voice.write({"wait_after_reply": True, "auto_close_days": 2, "reopen_days": 3})
        cls.macro = cls.env["telecom.ticket.macro"].create(
            {
                "name": "Restored",
                "body": '<p>About <t t-out="object.number"/></p>',
                "review": False,
                "stage_id": cls.stage("resolved").id,
            }
        )

        cls.rules = cls.set_up_rules()

    @classmethod
    def set_up_rules(cls):
        model = cls.env["telecom.ticket.rule"]
        model.search([]).active = False
        by_time = {"trigger": "on_time", "in_working_time": False}
        return model.create(
            [
                {
                    "name": "Rule of silence",
                    "measure": "since_customer_message",
                    "after_value": 3,
                    "escalate": True,
                    **by_time,
                },
                {
                    "name": "Rule of age",
                    "measure": "since_created",
                    "after_value": 30,
                    "set_minimum_priority": "2",
                    **by_time,
                },
                {
                    "name": "Rule of words",
                    "trigger": "on_customer_message",
                    "keywords": "mail",
                    "keywords_in_body": True,
                    "set_minimum_priority": "3",
                },
            ]
        )

    def set_up_walk(self, seed):
        self.dice = random.Random(seed)
        self.now = datetime(2026, 3, 2, 9)
        self.account = self.make_partner(f"Account {seed}", is_company=True)
        self.contacts = [
            self.make_partner(f"Contact {seed} {n}", parent_id=self.account.id) for n in range(2)
        ]
        self.portals = [self.make_portal_user(contact) for contact in self.contacts]
        self.said = {}
        self.story = []
        with self.at_this_moment():
            for contact in self.contacts:
                self.make_ticket(partner_id=contact.id, name=f"Of {contact.name}")

    def at_this_moment(self):
        return frozen(f"{self.now:%Y-%m-%d %H:%M:%S}")

    @property
    def tickets(self):
        return self.env["telecom.ticket"].search(
            [("commercial_partner_id", "=", self.account.id)], order="id"
        )

    def any_ticket(self):
        return self.dice.choice(self.tickets)

    def keep(self, message):
        """Remember what was said: it must be there ever after."""
        self.assertTrue(message)
        self.said[message.id] = message.body
        return message

    # Steps

    def do_mail(self):
        contact = self.dice.choice(self.contacts)
        known = (
            self.env["mail.message"]
            .browse(self.said)
            .filtered(lambda message: not message.subtype_id.internal)
        )
        if not known:
            return
        parent = self.dice.choice(known.sorted("id"))
        ticket = self.env["telecom.ticket"].browse(parent.res_id)
        self.keep(
            self.customer_mails(
                ticket,
                f"Mail {len(self.said)}",
                email_from=contact.email_formatted,
                Message_ID=f"<{len(self.said)}.{self.account.id}@customer.example.com>",
                In_Reply_To=parent.message_id,
                References=parent.message_id,
            )
        )

    def do_portal(self):
        ticket = self.any_ticket()
        user = next(user for user in self.portals if user.partner_id == ticket.partner_id)
        self.keep(self.customer_writes(ticket, f"Portal {len(self.said)}", user=user))

    def do_reply(self):
        self.keep(self.agent_replies(self.any_ticket(), body=f"Reply {len(self.said)}"))

    def do_note(self):
        self.keep(self.agent_notes(self.any_ticket(), body=f"Note {len(self.said)}"))

    def do_macro(self):
        ticket = self.any_ticket()
        before = ticket.message_ids
        ticket.with_user(self.agent_voice).action_apply_macro(self.macro.id)
        self.keep((ticket.message_ids - before).filtered(lambda m: m.message_type == "comment"))

    def do_merge(self):
        one, other = self.any_ticket(), self.any_ticket()
        one.with_user(self.agent_voice)._merge(other.with_user(self.agent_voice))

    def do_split(self):
        if self.said:
            message = self.env["mail.message"].browse(self.dice.choice(sorted(self.said)))
            ticket = self.env["telecom.ticket"].browse(message.res_id)
            ticket.with_user(self.agent_voice)._split(message.with_user(self.agent_voice))

    def do_button(self):
        name = self.dice.choice(["resolve", "close", "reopen", "assign_to_me"])
        getattr(self.any_ticket().with_user(self.agent_voice), f"action_{name}")()

    def do_relate(self):
        one, other = self.any_ticket(), self.any_ticket()
        one.with_user(self.agent_voice).related_ids = [Command.link(other.id)]

    def do_clock(self):
        self.now += timedelta(hours=self.dice.choice([1, 6, 24, 60]))
        with self.at_this_moment():
            while self.env["telecom.ticket.due"]._run_due_batch():
                pass

    def step(self):
        steps = [self.do_mail] * 4 + [self.do_portal, self.do_reply, self.do_split] * 2
        steps += [self.do_merge] * 2 + [self.do_button] * 3 + [self.do_clock] * 2
        steps += [self.do_note, self.do_macro, self.do_relate]
        step = self.dice.choice(steps)
        self.now += timedelta(minutes=self.dice.randint(1, 90))
        said = dict(self.said)
        try:
            with self.at_this_moment(), self.env.cr.savepoint():
                step()
                self.env.flush_all()
            self.story.append(step.__name__)
        except (RedirectWarning, UserError) as refusal:
            self.said = said
            self.story.append(f"{step.__name__} refused: {refusal.args[0]}")
        self.env.invalidate_all()

    # What must always hold

    def check(self):
        tickets = self.tickets
        self.check_messages(tickets)
        self.check_history(tickets)
        self.check_merged(tickets)
        self.check_rules(tickets)

    def check_messages(self, tickets):
        messages = self.env["mail.message"].search(
            [
                ("model", "=", tickets._name),
                ("res_id", "in", tickets.ids),
                ("message_type", "in", ("comment", "email")),
            ],
            order="id",
        )
        self.assertEqual({message.id: message.body for message in messages}, self.said)
        self.assertEqual(messages.mapped("date"), sorted(messages.mapped("date")))
        merged = tickets.filtered("merged_into_id")
        self.assertFalse(set(messages.mapped("res_id")) & set(merged.ids))

    def check_history(self, tickets):
        for ticket in tickets:
            log = ticket.transition_ids.sorted("id")
            states = [False, *log.mapped("state_to")]
            self.assertEqual(log.mapped("state_from"), states[:-1], ticket)
            self.assertEqual(states[-1], ticket.state, ticket)
            for before, after in itertools.pairwise(states):
                self.assertNotEqual(before, after, "a step was taken twice")
            self.assertEqual(log.mapped("at"), sorted(log.mapped("at")))
            self.assertFalse(any(ticket.due_ids.mapped("due_error")))

    def check_merged(self, tickets):
        for ticket in tickets:
            self.assertNotIn(ticket, ticket.related_ids)
            for other in ticket.related_ids:
                self.assertIn(ticket, other.related_ids)
            if target := ticket.merged_into_id:
                self.assertEqual(ticket.state, "cancelled")
                self.assertFalse(target.merged_into_id, "each points to the end of its chain")
                self.assertFalse(ticket.child_ids)

    def check_rules(self, tickets):
        log = self.env["telecom.ticket.rule.log"].search([("ticket_id", "in", tickets.ids)])
        steps = [(row.ticket_id, row.rule_id) for row in log if row.trigger == "on_time"]
        self.assertEqual(len(steps), len(set(steps)), "a rule's step was taken twice")
        notes = tickets.message_ids.filtered(lambda note: note.message_type == "notification")
        told = Counter(
            (note.res_id, rule) for note in notes for rule in self.rules if rule.name in note.body
        )
        # A step that finds nothing left to change is logged and not told.
        changing = log.filtered(lambda row: row.changes != "Nothing was left to change.")
        fired = Counter((row.ticket_id.id, row.rule_id) for row in changing)
        self.assertEqual((told - fired, fired - told), (Counter(), Counter()))

    @mute_logger("odoo.addons.mail.models.mail_thread")
    def walk(self, seed):
        self.set_up_walk(seed)
        for number in range(1, STEPS + 1):
            self.step()
            if number % CHECKED_EACH:
                continue
            try:
                self.check()
            except AssertionError as error:
                story = "\n".join(self.story[-15:])
                raise AssertionError(f"The last steps:\n{story}\n{error}") from error
        done = {name.split()[0] for name in self.story if "refused" not in name}
        self.assertGreaterEqual(len(done), 9, "a walk takes every kind of step")
        fired = self.env["telecom.ticket.rule.log"].search([("rule_id", "in", self.rules.ids)])
        self.assertEqual(fired.rule_id, self.rules, "every rule fires on a walk")
