from odoo.exceptions import ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..common import frozen
from .test_alert import AlertCase


class TestSlaRules(AlertCase):
    """The desk's rules react to warning and breach."""

    def make_rule(self, **values):
        return self.quietly_create(
            "telecom.ticket.rule", {"name": "SLA rule", "trigger": "on_sla_breach", **values}
        )

    def logs(self, ticket):
        return self.env["telecom.ticket.rule.log"].search([("ticket_id", "=", ticket.id)])

    def test_breach_escalates_as_shipped(self):
        rule = self.env.ref("telecom_helpdesk_sla.rule_breach_escalates")
        self.assertFalse(rule.active, "each desk decides who takes it")
        rule.active = True
        self.team_voice.escalation_team_id = self.team_internet
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.IMMINENT)
        self.assertFalse(ticket.is_escalated)
        self.run_at(self.BREACH)
        self.assertTrue(ticket.is_escalated)
        self.assertEqual((ticket.support_level, ticket.team_id), ("2", self.team_internet))
        log = self.logs(ticket)
        self.assertEqual((log.rule_id, log.trigger), (rule, "on_sla_breach"))
        self.assertEqual(
            log.reason.replace("\N{NARROW NO-BREAK SPACE}", " "),
            "Resolution breached on Wed, Jul 15, 2026, 3:30 PM (Europe/Paris)",
        )
        note = next(m.body for m in ticket.message_ids if "Rule “" in (m.body or ""))
        self.assertIn("Resolution breached on", note)
        # The alert went to who was in charge when it happened.
        self.assertIn(("SLA breached", "Vera Voice"), self.mailed(ticket))
        self.run_at("2026-07-16 07:00:00")
        self.assertEqual(len(self.logs(ticket)), 1)

    def test_every_kind_and_every_action(self):
        tag = self.env["telecom.ticket.tag"].create({"name": "At risk"})
        self.make_rule(trigger="on_sla_warning", add_tag_ids=tag.ids, set_minimum_priority="2")
        self.make_rule(trigger="on_sla_imminent", set_user_id=self.manager.id)
        self.make_rule(trigger="on_sla_breach", notify_manager=True)
        self.policy.target_ids.resolution_hours = 8
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.WARNING)
        self.assertEqual((ticket.tag_ids, ticket.priority), (tag, "2"))
        self.assertEqual(ticket.user_id, self.agent_voice)
        self.run_at(self.IMMINENT)
        self.assertEqual(ticket.user_id, self.manager)
        self.assertIn(self.manager, self.activities(ticket).user_id)
        self.run_at(self.BREACH)
        self.assertEqual(
            self.logs(ticket).mapped("trigger"),
            ["on_sla_breach", "on_sla_imminent", "on_sla_warning"],
        )

    def test_condition_and_metric(self):
        self.policy.target_ids.first_response_hours = 1
        rule = self.make_rule(
            sla_metric="first_response", domain="[('priority', '=', '3')]", notify_manager=True
        )
        normal, critical = self.ticket_at(self.CREATED), self.ticket_at(self.CREATED, priority="3")
        self.run_at("2026-07-13 14:00:00")
        self.assertEqual(self.logs(critical).rule_id, rule)
        self.assertFalse(self.logs(normal))
        self.run_at(self.BREACH)
        self.assertEqual(len(self.logs(critical)), 1, "not for the resolution")

    def test_after_downtime_each_kind_has_its_rules(self):
        self.make_rule(trigger="on_sla_warning", set_minimum_priority="2")
        self.make_rule(trigger="on_sla_breach", notify_manager=True)
        ticket = self.ticket_at(self.CREATED)
        self.run_at("2026-07-16 07:00:00")
        self.assertEqual(len(self.logs(ticket)), 2)

    @mute_logger("odoo.addons.telecom_helpdesk.models.rule.ticket_rule_firing")
    def test_rule_that_fails_stops_no_alert(self):
        rule = self.make_rule(set_user_id=self.agent_internet.id)
        self.agent_internet.active = False
        self.env.registry.clear_cache()
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.BREACH)
        self.assertIn("archived", rule.error)
        self.assertEqual(self.kinds(ticket)[-1], "breach")
        self.assertEqual(len(self.mails(ticket)), 2)
        self.assertEqual(ticket.sla_state, "breached")

    def test_form_asks_what_fits(self):
        with Form(self.env["telecom.ticket.rule"].with_user(self.manager)) as form:
            form.name = "Answer first"
            form.trigger = "on_create"
            form.keywords = "no dial tone"
            form.trigger = "on_sla_breach"
            self.assertFalse(form.keywords)
            form.sla_metric = "first_response"
            form.notify_manager = True
        rule = form.record
        with self.assertRaisesRegex(ValidationError, "another rule add a tag"):
            rule.keywords = "no dial tone"

    def test_trial_shows_when_it_would_fire(self):
        self.policy.target_ids.first_response_hours = 1
        ticket = self.ticket_at(self.CREATED)
        self.ticket_at(self.CREATED).with_user(self.manager).action_resolve()
        changes = {"trigger": "on_sla_breach", "sla_metric": "resolution", "escalate": True}
        with frozen("2026-07-13 13:30:00"):
            trial = (
                self.env["telecom.ticket.rule"]
                .with_user(self.manager)
                .dry_run({"name": "SLA rule", **changes})
            )
        [group] = trial["groups"]
        self.assertEqual(group["ids"], ticket.ids)
        self.assertIn("7/15/26", group["lines"][0]["at"])
