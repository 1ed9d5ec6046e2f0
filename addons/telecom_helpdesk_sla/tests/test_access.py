from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .common import SlaCase

ACCESS = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
MODELS = ("policy", "target", "term", "event", "clock", "alert")


class TestAccess(SlaCase):
    """Agents read what was promised for their tickets, managers set it up, nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.policy = cls.make_policy()
        cls.ticket = cls.make_ticket()
        cls.agent_replies(cls.ticket)
        cls.customer_writes(cls.ticket)
        cls.rows = {
            "policy": cls.policy,
            "target": cls.policy.target_ids,
            "term": cls.ticket.sla_term_id,
            "event": cls.env["telecom.sla.event"].search([("ticket_id", "=", cls.ticket.id)]),
            "clock": cls.ticket.sla_clock_ids,
            "alert": cls.env["telecom.sla.alert"].create(
                {
                    "clock_id": cls.ticket.sla_clock_ids[0].id,
                    "ticket_id": cls.ticket.id,
                    "kind": "warning",
                    "deadline": "2026-03-02 08:00:00",
                    "due_at": "2026-03-02 08:00:00",
                    "at": "2026-03-02 08:00:00",
                }
            ),
        }

    def find(self, name, user):
        rows = self.rows[name]
        self.assertTrue(rows)
        return rows.with_user(user).search([("id", "in", rows.ids)])

    def test_agent_of_the_team_and_manager_read_everything(self):
        for user in (self.agent_voice, self.manager):
            for name in MODELS:
                with self.subTest(user=user.login, model=name):
                    self.assertEqual(self.find(name, user), self.rows[name])
                    self.rows[name].with_user(user).mapped("display_name")
            self.assertIn("Standard", self.ticket.with_user(user).sla_explanation)

    def test_agent_of_another_team_reads_policies_alone(self):
        for name in MODELS:
            with self.subTest(model=name):
                seen = name in ("policy", "target")
                self.assertEqual(bool(self.find(name, self.agent_internet)), seen)

    @mute_logger(*ACCESS)
    def test_everybody_else_reads_nothing(self):
        for user in (self.internal_user, self.portal_user, self.public_user):
            for name in MODELS:
                with self.subTest(user=user.login, model=name), self.assertRaises(AccessError):
                    self.find(name, user)

    @mute_logger(*ACCESS)
    def test_portal_reads_no_promise_of_its_own_ticket(self):
        ticket = self.ticket.with_user(self.portal_user)
        self.assertTrue(ticket.name)
        for name in ("sla_policy_id", "sla_state", "sla_deadline", "sla_explanation"):
            with self.subTest(name), self.assertRaises(AccessError):
                ticket.read([name])

    @mute_logger(*ACCESS)
    def test_manager_sets_policies_up_and_agent_does_not(self):
        policies = self.env["telecom.sla.policy"]
        values = {"name": "Gold"}
        mine = policies.with_user(self.manager).create(values)
        mine.target_ids[0].resolution_hours = 5
        mine.target_ids[0].unlink()
        mine.unlink()
        for action in (
            lambda: policies.with_user(self.agent_voice).create(values),
            lambda: self.policy.with_user(self.agent_voice).write(values),
            lambda: self.policy.target_ids.with_user(self.agent_voice).write({"is_always": True}),
            lambda: self.policy.with_user(self.agent_voice).unlink(),
        ):
            with self.assertRaises(AccessError):
                action()

    @mute_logger(*ACCESS)
    def test_nobody_rewrites_what_was_logged(self):
        for user in (self.agent_voice, self.manager):
            for name in ("term", "event", "clock", "alert"):
                rows = self.rows[name].with_user(user)
                with self.subTest(user=user.login, model=name):
                    for action in (
                        lambda rows=rows: rows.write({"ticket_id": False}),
                        lambda rows=rows: rows.unlink(),
                        lambda rows=rows: rows.create({"ticket_id": self.ticket.id}),
                    ):
                        with self.assertRaises(AccessError):
                            action()
