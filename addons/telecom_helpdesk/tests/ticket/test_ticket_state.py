from datetime import timedelta

from odoo.exceptions import UserError

from ..common import HelpdeskCase, frozen

NOW = "2026-03-02 09:00:00"


class TestTicketLife(HelpdeskCase):
    """Every step of a ticket's life is in the thread in order, with who and when."""

    def step(self, minute, work):
        """Have ``work`` done at that minute, and its tracking written, as one request would."""
        with frozen(f"2026-03-02 09:{minute:02}:00"):
            work()
            self.flush_tracking()

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_every_step_in_the_thread(self):
        env_agent = self.env(user=self.agent_voice)
        env_manager = self.env(user=self.manager)
        ticket = self.env["telecom.ticket"]

        def receive():
            nonlocal ticket
            ticket = ticket.with_env(env_agent).create(
                {
                    "name": "No dial tone",
                    "partner_id": self.customer_contact.id,
                    "team_id": self.team_voice.id,
                    "channel": "phone",
                }
            )

        def write(env, **values):
            return lambda: ticket.with_env(env).write(values)

        ref = self.env.ref
        self.step(0, receive)
        self.step(1, write(env_agent, stage_id=ref("telecom_helpdesk.stage_validated").id))
        self.step(
            2,
            write(
                env_agent,
                category_id=ref("telecom_helpdesk.category_telephony_no_tone").id,
                service_id=self.service_voice.id,
            ),
        )
        self.step(3, write(env_agent, stage_id=ref("telecom_helpdesk.stage_diagnosed").id))
        self.step(4, write(env_agent, priority="3"))
        self.step(5, write(env_manager, user_id=self.agent_voice.id))
        self.step(6, lambda: ticket.with_env(env_manager)._escalate(reason="A guess."))
        self.step(7, lambda: ticket.with_env(env_agent).action_resolve())
        self.step(8, lambda: ticket.with_env(env_manager).action_close())

        agent, manager = self.agent_voice.partner_id, self.manager.partner_id
        expected = [
            (0, agent, set()),
            (1, agent, {"stage_id"}),
            (2, agent, {"category_id", "priority", "service_id"}),
            (3, agent, {"stage_id"}),
            (4, agent, {"priority"}),
            (5, manager, {"user_id"}),
            (6, manager, set()),
            (7, agent, {"stage_id"}),
            (8, manager, {"stage_id"}),
        ]
        thread = (
            ticket.sudo()
            .message_ids.sorted("id")
            .filtered(lambda message: message.message_type == "notification")
        )
        found = [
            (
                message.date.minute,
                message.author_id,
                set(message.tracking_value_ids.field_id.mapped("name")),
            )
            for message in thread
        ]
        self.assertEqual(found, expected)
        self.assertIn(f"{ticket.number} received (Phone)", thread[0].body)

        log = ticket.transition_ids
        self.assertEqual(
            log.mapped("state_to"), ["new", "open", "resolved", "closed"], "states, not stages"
        )
        self.assertEqual([entry.at.minute for entry in log], [0, 3, 7, 8])
        self.assertEqual(log[-1].user_id, self.manager)
        self.assertEqual(ticket.resolved_at.minute, 7)
        self.assertEqual(ticket.closed_at.minute, 8)

    def test_moving_between_stages_of_one_state_is_no_transition(self):
        ticket = self.make_ticket()
        ticket.stage_id = self.env.ref("telecom_helpdesk.stage_validated")
        self.assertEqual(ticket.transition_ids.mapped("state_to"), ["new"])

    def test_stages_may_be_renamed_and_added(self):
        self.stage("resolved").name = "Fertig"
        parts = self.env["telecom.ticket.stage"].create(
            {"name": "Parts Ordered", "state": "waiting_third_party", "sequence": 45}
        )
        ticket = self.make_ticket()
        ticket.stage_id = parts
        ticket.action_resolve()
        self.assertEqual(
            ticket.transition_ids.mapped("state_to"), ["new", "waiting_third_party", "resolved"]
        )

    def test_several_tickets_at_once(self):
        tickets = self.make_ticket() | self.make_ticket() | self.make_ticket()
        tickets[0].action_resolve()
        tickets.with_user(self.agent_voice).action_resolve()
        self.assertEqual(tickets.mapped("state"), ["resolved"] * 3)
        self.assertEqual([len(ticket.transition_ids) for ticket in tickets], [2, 2, 2])

    def test_reopened_by_hand(self):
        ticket = self.make_ticket()
        ticket.action_resolve()
        ticket.action_close()
        ticket.action_reopen()
        self.assertEqual(ticket.state, "open")
        self.assertEqual(ticket.reopen_count, 1)
        self.assertFalse(ticket.resolved_at or ticket.closed_at)

    def test_closed_without_being_resolved_first(self):
        ticket = self.make_ticket()
        ticket.action_close()
        self.assertEqual(ticket.resolved_at, ticket.closed_at)

    def test_cancelled_is_not_resolved(self):
        ticket = self.make_ticket()
        ticket.action_cancel()
        self.assertTrue(ticket.is_done)
        self.assertFalse(ticket.resolved_at)

    def test_cancelled_is_resolved_by_no_definition_of_the_action(self):
        """Whichever of them was imported last."""
        ticket = self.make_ticket()
        ticket.action_cancel()
        for name in ("action_resolve", "action_close"):
            for cls in type(ticket).__mro__:
                if name in vars(cls):
                    with self.subTest(name, module=cls.__module__), self.assertRaises(UserError):
                        vars(cls)[name](ticket)
        self.assertEqual(ticket.state, "cancelled")


class TestAutoClose(HelpdeskCase):
    """Resolved tickets close by themselves after silence, by the team's number of days."""

    def run_scheduled_action(self):
        with self.enter_registry_test_mode():
            self.env.ref("telecom_helpdesk.ir_cron_ticket_due").method_direct_trigger()

    def test_closes_after_the_teams_days(self):
        with frozen(NOW):
            ticket = self.make_ticket()
            ticket.action_resolve()
        self.assertEqual(ticket.next_due_at - ticket.resolved_at, timedelta(days=7))
        with frozen("2026-03-09 08:59:00"):
            self.run_scheduled_action()
        self.assertEqual(ticket.state, "resolved")
        with frozen("2026-03-09 09:00:00"):
            self.run_scheduled_action()
        self.assertEqual(ticket.state, "closed")
        entry = ticket.transition_ids[-1]
        self.assertEqual(entry.reason, "Resolved 7 day(s) ago, no answer since")
        self.assertFalse(ticket.next_due_at)

    def test_customers_word_stops_it(self):
        with frozen(NOW):
            ticket = self.make_ticket()
            ticket.action_resolve()
            self.customer_mails(ticket, "It is broken again.")
        self.assertFalse(ticket.next_due_at)

    def test_zero_days_never_closes(self):
        self.team_voice.auto_close_days = 0
        ticket = self.make_ticket()
        ticket.action_resolve()
        self.assertFalse(ticket.next_due_at)
