from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .test_rules import LOGGER, RuleCase

ASK = "Only administrators choose"
STOP = "you can switch it off"


class TestServerAction(RuleCase):
    """A rule may run an action of Odoo's; administrators say which, and on which tickets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = cls.make_user("root-admin", "telecom_helpdesk.group_manager")
        cls.administrator.group_ids += cls.env.ref("base.group_system")
        cls.action = cls.make_action("records.write({'description': '<p>Run by %s</p>' % env.uid})")

    @classmethod
    def make_action(cls, code, name="Note who runs it", model="telecom.ticket"):
        return cls.env["ir.actions.server"].create(
            {
                "name": name,
                "model_id": cls.env["ir.model"]._get_id(model),
                "state": "code",
                "code": code,
            }
        )

    def running_rule(self, action=None, **values):
        rules = self.env["telecom.ticket.rule"].with_user(self.administrator)
        values = {"name": "Runs", "server_action_id": (action or self.action).id, **values}
        return rules.create(values).with_env(self.env)

    def test_administrator_chooses_it_in_the_form(self):
        form = Form(self.env["telecom.ticket.rule"].with_user(self.administrator))
        form.name = "Runs"
        form.server_action_id = self.action
        self.assertEqual(form.save().server_action_id, self.action)

    def test_it_runs_as_superuser_whoever_causes_it_and_is_in_note_and_log(self):
        rule = self.running_rule(keywords="outage", set_minimum_priority="3")
        tickets = self.env["telecom.ticket"].with_user(self.agent_voice)
        caught, other = tickets.create([{"name": "outage"}, {"name": "Invoice"}])
        self.assertIn("Run by 1<", caught.description)
        self.assertFalse(other.description)
        self.assertIn("Server action: Note who runs it", self.notes(caught).body)
        self.assertIn("Server action: Note who runs it", rule.log_ids.changes)
        self.assertIn("Priority: Normal → Critical", rule.log_ids.changes)

    def test_what_it_changes_is_in_the_thread(self):
        self.running_rule(self.make_action("records.write({'priority': '3'})", "Make it critical"))
        ticket = self.make_ticket()
        self.assertEqual(ticket.priority, "3")
        self.assertIn("Priority: Normal → Critical", self.notes(ticket).body)

    def test_if_it_fails_the_rule_does_nothing_and_the_managers_are_told(self):
        broken = self.make_action("records.write({'priority': '2'})\nraise UserError('No link')")
        rule = self.running_rule(broken, set_support_level="2")
        with mute_logger(LOGGER):
            ticket = self.mail_opens("One")
        self.assertEqual((ticket.priority, ticket.support_level), ("1", "1"))
        self.assertIn("No link", rule.error)
        self.assertIn(self.manager, rule.activity_ids.user_id)

    def test_an_action_that_deletes_the_ticket_loses_nothing(self):
        rule = self.running_rule(self.make_action("records.unlink()"))
        with mute_logger(LOGGER):
            ticket = self.mail_opens("One")
        self.assertTrue(ticket.exists())
        self.assertTrue(rule.error)

    def test_tickets_that_an_action_makes_run_none(self):
        again = self.make_action("env['telecom.ticket'].create({'name': 'Again'})", "Once more")
        self.running_rule(again)
        before = self.env["telecom.ticket"].search_count([])
        self.make_ticket()
        self.assertEqual(self.env["telecom.ticket"].search_count([]), before + 2)
        made = self.env["telecom.ticket"].search([("name", "=", "Again")])
        self.assertIn("another server action caused this", self.notes(made).body)

    def test_manager_sees_it_and_cannot_choose_it(self):
        rule = self.running_rule().with_user(self.manager)
        [shown] = rule.web_read({"server_action_id": {"fields": {"display_name": {}}}})
        self.assertEqual(shown["server_action_id"]["display_name"], self.action.name)
        self.assertTrue(rule.fields_get(["server_action_id"])["server_action_id"]["readonly"])
        rules, chosen = rule.browse(), {"server_action_id": self.action.id}
        mine = rules.create({"name": "Mine", "escalate": True})
        spec = {"server_action_id": {"fields": {"display_name": {}}}}
        for call in (
            lambda: rules.create({"name": "x", "escalate": True, **chosen}),
            lambda: rules.with_context(default_server_action_id=self.action.id).create(
                {"name": "x", "escalate": True}
            ),
            lambda: mine.write(chosen),
            lambda: rule.write({"server_action_id": False}),
            lambda: rules.onchange(chosen, ["server_action_id"], spec),
            lambda: mine.copy(chosen),
            lambda: rules.dry_run({"escalate": True, **chosen}),
        ):
            with self.assertRaises(AccessError):
                call()
        with self.assertRaisesRegex(AccessError, ASK):
            mine.write(chosen)

    def test_a_managers_copy_runs_nothing(self):
        rule = self.running_rule(escalate=True)
        self.assertEqual(rule.with_user(self.administrator).copy().server_action_id, self.action)
        self.assertFalse(rule.with_user(self.manager).copy().server_action_id)
        with self.assertRaisesRegex(ValidationError, "does nothing yet"):
            self.running_rule().with_user(self.manager).copy()

    def test_manager_stops_it_and_changes_nothing_else(self):
        rule = self.running_rule(keywords="outage").with_user(self.manager)
        for values in (
            {"keywords": "e*"},
            {"keywords": False},
            {"trigger": "on_customer_message"},
            {"domain": "[('priority', '=', '0')]"},
            {"company_id": self.company.id},
            {"escalate": True},
            {"active": False, "keywords": False},
            {"active": True},
        ):
            with self.subTest(values=values), self.assertRaisesRegex(AccessError, STOP):
                rule.write(values)
        rule.write({"name": "Theirs", "sequence": 3, "active": False})
        with self.assertRaisesRegex(AccessError, STOP):
            rule.active = True
        rule.with_user(self.administrator).write({"active": True, "keywords": "fraud"})
        rule.unlink()

    def test_actions_on_other_records_and_scheduled_ones_are_refused(self):
        partners = self.make_action("pass", model="res.partner")
        cron = self.env.ref("telecom_helpdesk.ir_cron_ticket_due", raise_if_not_found=False)
        cron = cron or self.env["ir.cron"].search([("model_name", "=", "telecom.ticket")], limit=1)
        for action in (partners, cron.ir_actions_server_id):
            with self.assertRaisesRegex(ValidationError, "cannot be chosen"):
                self.running_rule(action)

    def test_an_action_that_left_the_tickets_fails_in_words(self):
        rule = self.running_rule()
        self.action.model_id = self.env["ir.model"]._get_id("res.partner")
        with mute_logger(LOGGER):
            ticket = self.make_ticket()
        self.assertFalse(self.notes(ticket))
        self.assertIn("is no longer an action on tickets", rule.error)

    def test_an_action_in_use_is_not_deleted(self):
        self.running_rule()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.action.unlink()

    def test_a_trial_says_what_would_run_and_runs_nothing(self):
        ticket = self.make_ticket(name="outage")
        rules = self.env["telecom.ticket.rule"].with_user(self.administrator)
        found = rules.dry_run({"keywords": "outage", "server_action_id": self.action.id})
        self.assertEqual(found["remark"], "Would run the server action “Note who runs it” on each.")
        self.assertEqual(found["groups"][0]["ids"], ticket.ids)
        self.assertFalse(ticket.description)
        rule = self.running_rule(keywords="outage").with_user(self.manager)
        self.assertIn("Note who runs it", rule.dry_run({})["remark"], "whoever looks at it")
        self.assertEqual(rules.dry_run({"keywords": "x", "escalate": True})["remark"], "")

    def test_a_team_that_closes_still_hands_over_in_such_rules(self):
        rule = self.running_rule(set_team_id=self.team_voice.id)
        wizard = self.env["telecom.ticket.team.archive"].with_user(self.manager)
        wizard.create(
            {"team_ids": self.team_voice.ids, "successor_id": self.team_internet.id}
        ).action_archive()
        self.assertEqual(rule.set_team_id, self.team_internet)
