from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form

from ..common import SlaCase, frozen


class TestFigures(SlaCase):
    """A figure that nothing can be reckoned with is refused when it is saved, not when the next
    ticket comes in."""

    def form(self):
        form = Form(self.env["telecom.sla.policy"].with_user(self.manager))
        form.name = "Premium"
        return form

    def test_a_million_hours(self):
        for name in ("first_response_hours", "next_response_hours", "resolution_hours"):
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "at most 100000"):
                form = self.form()
                with form.target_ids.edit(0) as line:
                    line.resolution_hours = 100_000
                    line[name] = 1_000_000
                form.save()

    def test_a_hundred_million_minutes(self):
        form = self.form()
        with self.assertRaisesRegex(ValidationError, "at most 1000000"):
            form.imminent_minutes = 99_999_999
            form.save()

    def test_in_a_trial_too(self):
        line = {"priority": "1", "resolution_hours": 1e308}
        with self.assertRaisesRegex(ValidationError, "at most 100000"):
            self.env["telecom.sla.policy"].with_user(self.manager).dry_run(
                {"name": "Premium", "target_ids": [Command.create(line)]}
            )

    def test_the_largest_figures_work_all_the_way(self):
        for calendar in (None, self.paris):
            policy = self.make_policy(
                targets=dict.fromkeys("0123", (100_000, 100_000, 100_000)),
                calendar_id=calendar and calendar.id,
                imminent_minutes=1_000_000,
                warn_percent=1,
            )
            with self.subTest(calendar=calendar), frozen("2026-03-02 08:00:00"):
                self.make_ticket()
                self.env["telecom.sla.policy"]._plan_batch()
                ticket = self.make_ticket()
                self.agent_replies(ticket)
                self.customer_writes(ticket)
                self.env["telecom.sla.clock"]._run_due_batch()
                ticket.sla_countdown  # noqa: B018 (it is worked out)
                self.assertTrue(ticket.sla_explanation)
                self.assertEqual(self.clock(ticket).state, "running")
                self.assert_rebuilds(ticket)
            policy.active = False
