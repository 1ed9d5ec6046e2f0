from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..alert.test_alert import AlertCase
from ..common import frozen

REASON = "The customer was away and could not let our technician in."


class TestWaive(AlertCase):
    """A manager may say that a breach was not the desk's fault."""

    def missed_ticket(self):
        ticket = self.ticket_at(self.CREATED)
        self.run_at(self.BREACH)
        return ticket

    def waive(self, ticket, user=None, reason=REASON):
        """The button on the clock, and the window that it opens."""
        clock = self.clock(ticket).with_user(user or self.manager)
        action = clock.action_waive()
        form = Form(
            self.env[action["res_model"]]
            .with_user(user or self.manager)
            .with_context(**action["context"])
        )
        form.reason = reason
        form.save().action_confirm()

    def test_waived_with_a_reason_that_stays(self):
        ticket = self.missed_ticket()
        with frozen("2026-07-15 14:00:00"):
            self.waive(ticket)
        clock = self.clock(ticket)
        self.assertEqual(clock.waiver_reason, REASON)
        self.assertEqual(clock.waived_by_id, self.manager)
        self.assertEqual(str(clock.waived_at), "2026-07-15 14:00:00")
        self.assert_clock(clock, "missed", breached_at=self.BREACH)
        self.assertEqual(ticket.sla_state, "none")
        self.assertFalse(ticket.sla_deadline)
        self.assertFalse(self.activities(ticket))
        note = ticket.message_ids[0]
        self.assertIn(REASON, note.body)
        self.assertEqual(note.author_id, self.manager.partner_id)
        self.assertTrue(note.is_internal)
        with frozen("2026-07-15 15:00:00"):
            ticket.with_user(self.agent_voice).action_resolve()
        self.assertNotEqual(ticket.sla_state, "missed")

    def test_waived_before_anybody_was_told(self):
        ticket = self.ticket_at(self.CREATED)
        with frozen("2026-07-15 14:30:00"):
            ticket.with_user(self.agent_voice).action_resolve()
            self.waive(ticket)
        self.assertFalse(self.clock(ticket).next_due_at)
        self.run_at("2026-07-16 07:00:00")
        self.assertFalse(self.mails(ticket))

    def test_taken_back(self):
        ticket = self.missed_ticket()
        with frozen("2026-07-15 14:00:00"):
            self.waive(ticket)
            self.clock(ticket).with_user(self.manager).action_unwaive()
        clock = self.clock(ticket)
        self.assertFalse(clock.waived_at or clock.waiver_reason or clock.waived_by_id)
        self.assertEqual(ticket.sla_state, "breached")
        self.assertIn("Waiver revoked", ticket.message_ids[0].body)
        self.assertIn(REASON, ticket.message_ids[1].body, "the thread keeps it")
        self.run_at("2026-07-16 07:00:00")
        self.assertEqual(len(self.mails(ticket)), 2, "nobody is told twice")

    def test_needs_a_reason_and_a_breach(self):
        missed, running = self.missed_ticket(), self.ticket_at("2026-07-15 13:00:00")
        with self.assertRaisesRegex(UserError, "Enter a reason"):
            self.waive(missed, reason="  ")
        with self.assertRaisesRegex(UserError, "Only a breached promise"):
            self.waive(running)
        self.assertFalse(self.clock(running).waived_at)

    def test_who_may(self):
        ticket = self.missed_ticket()
        clock = self.clock(ticket)
        wizard = (
            self.env["telecom.sla.waive"]
            .with_user(self.manager)
            .create({"clock_ids": clock.ids, "reason": REASON})
        )
        for user in (self.agent_voice, self.internal_user, self.portal_user, self.public_user):
            with self.subTest(user.login):
                for method in ("action_waive", "action_unwaive"):
                    with self.assertRaises(AccessError):
                        getattr(clock.with_user(user), method)()
                with self.assertRaises(AccessError):
                    self.env["telecom.sla.waive"].with_user(user).create(
                        {"clock_ids": clock.ids, "reason": REASON}
                    )
                with self.assertRaises(AccessError):
                    wizard.with_user(user).action_confirm()
                with self.assertRaises(AccessError):
                    clock.with_user(user).write({"waiver_reason": REASON})
        self.assertFalse(clock.waived_at)

    def test_not_in_another_company(self):
        ticket = self.missed_ticket()
        company = self.env["res.company"].create({"name": "Belgium"})
        stranger = self.make_user(
            "manager_be",
            "telecom_helpdesk.group_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        with self.assertRaises(AccessError):
            self.clock(ticket).with_user(stranger).action_waive()
