import time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from ...models.mixins.matching_mixin import MAX_LINES
from ...models.rule import ticket_rule_dry_run
from ..common import HelpdeskCommon, frozen
from .test_rules import RuleCase
from .test_rules_time import TimeRuleCase


class TestRuleTrial(TimeRuleCase):
    """A rule can be tried before it is saved."""

    def dry_run(self, changes, rule=None, user=None):
        rules = (rule or self.env["telecom.ticket.rule"]).with_user(user or self.manager)
        return rules.dry_run({"set_minimum_priority": "2", **changes})

    def test_words_in_subjects_descriptions_and_opening_mails(self):
        by_subject = self.make_ticket(name="Total OUTAGE")
        by_text = self.make_ticket(name="Help", description="<p>There is an outage</p>")
        by_mail = self.mail_opens("Help me", "The outage goes on")
        done = self.make_ticket(name="outage")
        done.action_cancel()
        self.make_ticket(name="Nothing")
        before = self.env["telecom.ticket.rule.log"].search_count([])
        [group] = self.dry_run({"trigger": "on_create", "keywords": "outage"})["groups"]
        self.assertEqual(group["count"], 3)
        self.assertEqual(set(group["ids"]), set((by_subject + by_text + by_mail).ids))
        reasons = {line["id"]: line["reason"] for line in group["lines"]}
        self.assertEqual(reasons[by_subject.id], "found in the subject: “OUTAGE”")
        self.assertEqual(reasons[by_mail.id], "found in the text: “outage”")
        self.assertEqual(by_subject.priority, "1", "a trial changes nothing")
        self.assertEqual(self.env["telecom.ticket.rule.log"].search_count([]), before)
        narrow = {"trigger": "on_create", "keywords": "outage", "keywords_in_body": False}
        self.assertEqual(self.dry_run(narrow)["groups"][0]["ids"], by_subject.ids)

    def test_the_customers_last_message(self):
        ticket = self.make_ticket()
        self.customer_writes(ticket, "I call my lawyer")
        self.agent_replies(ticket, body="Which lawyer?")
        changes = {"trigger": "on_customer_message", "keywords": "lawyer"}
        self.assertEqual(self.dry_run(changes)["groups"][0]["ids"], ticket.ids)
        self.customer_writes(ticket, "Never mind")
        self.assertFalse(self.dry_run(changes)["groups"])

    def test_time_rules_tell_what_is_due_now_and_what_later(self):
        late, soon = self.ticket_at("2026-03-02 08:00:00"), self.ticket_at("2026-03-02 10:00:00")
        changes = {
            "trigger": "on_time", "after_value": 2, "after_unit": "hours",
            "in_working_time": True, "measure": "since_customer_message", "escalate": True,
        }  # fmt: skip
        with frozen("2026-03-02 10:30:00"):
            now, later = self.dry_run(changes)["groups"]
        self.assertEqual((now["ids"], later["ids"]), (late.ids, soon.ids))
        self.assertIn("no answer for 2 working hour(s)", now["lines"][0]["reason"])
        self.assertTrue(later["lines"][0]["at"])

    def test_changes_of_a_saved_rule_are_tried_and_not_saved(self):
        ticket = self.make_ticket(name="outage")
        rule = self.make_rule(keywords="fraud")
        self.assertFalse(self.dry_run({}, rule)["groups"])
        found = self.dry_run({"keywords": "outage"}, rule)["groups"][0]["ids"]
        self.assertEqual(found, ticket.ids)
        self.assertEqual(rule.keywords, "fraud")

    def test_rule_that_could_not_be_saved_is_refused_in_the_same_words(self):
        with self.assertRaisesRegex(ValidationError, "nearly everywhere"):
            self.dry_run({"trigger": "on_create", "keywords": "a*"})
        with self.assertRaisesRegex(ValidationError, "cannot be used"):
            self.dry_run({"trigger": "on_create", "domain": "[('nonsense', '=', 1)]"})

    def test_only_tickets_that_the_user_may_see(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.env["telecom.ticket"].create({"name": "outage", "company_id": other.id})
        ours = self.make_ticket(name="outage")
        [group] = self.dry_run({"trigger": "on_create", "keywords": "outage"})["groups"]
        self.assertIn(ours.id, group["ids"])
        self.assertNotIn(theirs.id, group["ids"])

    def test_trial_is_for_managers(self):
        for user in (self.agent_voice, self.internal_user, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.dry_run({"trigger": "on_create"}, user=user)

    def test_ten_thousand_tickets_are_tried_in_seconds(self):
        sample = self.make_ticket(name="Kein Wählton", description="<p>Seit heute früh</p>" * 5)
        self.copy_ticket(sample, 10_000)
        start = time.monotonic()
        result = self.dry_run({"trigger": "on_create", "keywords": "pas de tonalité\nkein Wählton"})
        self.assertLess(time.monotonic() - start, ticket_rule_dry_run.MAX_SECONDS + 5)
        [group] = result["groups"]
        self.assertEqual(group["count"], result["looked_at"])
        self.assertEqual(len(group["lines"]), MAX_LINES)

    def test_trial_that_takes_too_long_says_how_far_it_came(self):
        self.copy_ticket(self.make_ticket(name="outage"), 5)
        self.patch(ticket_rule_dry_run, "MAX_SECONDS", -1)
        result = self.dry_run({"trigger": "on_create", "keywords": "outage"})
        self.assertEqual(result["looked_at"], 0)
        self.assertGreaterEqual(result["open_count"], 6)


class TestRuleAccess(RuleCase):
    def test_managers_write_rules_and_read_what_they_did(self):
        rule = self.make_rule(keywords="outage").with_user(self.manager)
        self.make_ticket(name="outage")
        self.assertEqual(rule.log_count, 1)
        self.assertEqual(rule.action_open_log()["domain"], [("rule_id", "=", rule.id)])
        self.assertEqual(rule.log_ids.action_open_ticket()["res_model"], "telecom.ticket")
        rule.keywords = "fraud"
        with self.assertRaises(AccessError):
            rule.log_ids.changes = "Nothing"
        with self.assertRaisesRegex(UserError, "Rule Firing: 1"):
            rule.unlink()
        self.make_rule().with_user(self.manager).unlink()

    def test_nobody_else_does(self):
        rule = self.make_rule()
        ticket = self.make_ticket()
        for user in (self.agent_voice, self.internal_user, self.portal_user, self.public_user):
            for record in (rule, rule.log_ids):
                for operation in ("read", "write", "unlink"):
                    with self.subTest(user=user.login, record=record, operation=operation):
                        self.assertFalse(record.with_user(user).has_access(operation))
        self.assertEqual(ticket.with_user(self.agent_voice).priority, "2")

    def test_agents_work_while_rules_look_on(self):
        self.make_rule(
            trigger="on_time", after_value=1, measure="since_created", notify_manager=True
        )
        self.make_rule(keywords="outage", notify_manager=True)
        ticket = self.make_ticket(as_user=self.agent_voice, name="outage")
        ticket.with_user(self.agent_voice).write({"team_id": self.team_internet.id})
        self.assertTrue(ticket.next_due_at)

    def test_rules_and_firings_of_another_company_are_out_of_sight(self):
        other = self.env["res.company"].create({"name": "Other"})
        rules = self.env["telecom.ticket.rule"]
        theirs = rules.create(
            {"name": "Theirs", "company_id": other.id, "set_minimum_priority": "2"}
        )
        common = rules.create({"name": "All", "set_minimum_priority": "2"})
        ticket = self.env["telecom.ticket"].create({"name": "Theirs", "company_id": other.id})
        self.assertTrue(ticket.exists() and (theirs + common).log_ids)
        seen = rules.with_user(self.manager).search([])
        self.assertIn(common, seen)
        self.assertNotIn(theirs, seen)
        self.assertFalse(
            self.env["telecom.ticket.rule.log"]
            .with_user(self.manager)
            .search([("ticket_id", "=", ticket.id)])
        )


@tagged("-at_install", "post_install")
class TestRuleTour(HelpdeskCommon, HttpCase):
    def test_manager_tries_a_rule_before_saving_it(self):
        self.make_ticket(name="Total outage in Lyon")
        self.manager.write({"password": "manager-of-the-desk"})
        self.env["telecom.ticket.rule"].search([]).unlink()
        self.start_tour("/odoo/helpdesk-rules", "telecom_helpdesk_rule_trial", login="manager")
        rule = self.env["telecom.ticket.rule"].search([])
        self.assertEqual((rule.keywords, rule.set_minimum_priority), ("outage", "3"))
