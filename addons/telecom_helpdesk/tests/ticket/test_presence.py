import json
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command, Datetime
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.bus.models.bus import channel_with_db, dispatch, json_dump
from odoo.addons.bus.tests.common import WebsocketCase

from ..common import HelpdeskCase, HelpdeskCommon, frozen


class TestPresence(HelpdeskCase):
    """Who has the ticket open, as each agent's page tells and asks the server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.make_user(
            "colleague", "telecom_helpdesk.group_agent", name="Colin Colleague"
        )
        cls.team_voice.member_ids = [Command.link(cls.colleague.id)]
        cls.ticket = cls.make_ticket()

    def announce(self, user, mode="viewing", **kwargs):
        return (
            self.env["telecom.ticket.presence"]
            .with_user(user)
            .announce(self.ticket.id, mode, **kwargs)
        )

    def withdraw(self, user, mode="viewing"):
        self.env["telecom.ticket.presence"].with_user(user).withdraw(self.ticket.id, mode)

    def seen_by_agent(self):
        others = self.announce(self.agent_voice, heartbeat=True)
        return [(other["name"], other["mode"]) for other in others]

    def said_on_the_bus(self):
        self.env.cr.precommit.run()
        channel = json_dump(channel_with_db(self.env.cr.dbname, self.ticket))
        sent = self.env["bus.bus"].sudo().search([("channel", "=", channel)], order="id")
        said = [json.loads(message) for message in sent.mapped("message")]
        sent.unlink()
        return [(message["type"], message["payload"]) for message in said]

    def test_an_agent_alone_sees_nobody(self):
        self.assertEqual(self.announce(self.agent_voice), [])
        self.assertEqual(self.seen_by_agent(), [])

    def test_a_colleague_is_seen_viewing_then_writing_then_gone(self):
        self.announce(self.colleague)
        self.assertEqual(self.seen_by_agent(), [("Colin Colleague", "viewing")])
        self.announce(self.colleague, "writing")
        self.assertEqual(self.seen_by_agent(), [("Colin Colleague", "writing")])
        self.announce(self.colleague, "viewing")
        self.assertEqual(self.seen_by_agent(), [("Colin Colleague", "viewing")])
        self.withdraw(self.colleague)
        self.assertEqual(self.seen_by_agent(), [])

    def test_only_changes_go_over_the_bus(self):
        self.announce(self.colleague)
        change = {
            "ticket_id": self.ticket.id,
            "user_id": self.colleague.id,
            "name": "Colin Colleague",
        }
        kind = "telecom.ticket/presence"
        self.assertEqual(self.said_on_the_bus(), [(kind, {**change, "mode": "viewing"})])
        self.announce(self.colleague, heartbeat=True)
        self.assertEqual(self.said_on_the_bus(), [])
        self.announce(self.colleague, "writing")
        self.assertEqual(self.said_on_the_bus(), [(kind, {**change, "mode": "writing"})])
        self.withdraw(self.colleague, "writing")
        self.assertEqual(self.said_on_the_bus(), [(kind, {**change, "mode": False})])
        self.withdraw(self.colleague, "writing")
        self.assertEqual(self.said_on_the_bus(), [])

    def test_who_is_not_heard_of_for_a_minute_is_gone(self):
        with frozen("2026-03-02 09:00:00"):
            self.announce(self.colleague)
        with frozen("2026-03-02 09:00:59"):
            self.assertEqual(len(self.seen_by_agent()), 1)
        with frozen("2026-03-02 09:01:00"):
            self.assertEqual(self.seen_by_agent(), [])
        self.said_on_the_bus()
        with frozen("2026-03-02 09:05:00"):
            self.announce(self.colleague, heartbeat=True)
            self.assertEqual(len(self.seen_by_agent()), 1)
            arrived = [said["user_id"] for _type, said in self.said_on_the_bus()]
            self.assertIn(self.colleague.id, arrived)

    def test_one_row_for_each_ticket_and_user(self):
        for mode in ("viewing", "writing", "viewing"):
            self.announce(self.colleague, mode)
        presences = self.env["telecom.ticket.presence"].search([("ticket_id", "=", self.ticket.id)])
        self.assertEqual(presences.user_id, self.colleague)
        self.assertEqual(len(presences), 1)

    def test_a_second_page_does_not_hide_that_one_is_writing(self):
        self.announce(self.colleague, "writing")
        self.announce(self.colleague, "viewing", heartbeat=True)
        self.withdraw(self.colleague, "viewing")
        self.assertEqual(self.seen_by_agent(), [("Colin Colleague", "writing")])

    def test_a_second_page_takes_over_when_the_writing_one_died(self):
        with frozen("2026-03-02 09:00:00"):
            self.announce(self.colleague, "writing")
        with frozen("2026-03-02 09:00:50"):
            self.announce(self.colleague, "viewing", heartbeat=True)
        with frozen("2026-03-02 09:01:15"):
            self.announce(self.colleague, "viewing", heartbeat=True)
            self.assertEqual(self.seen_by_agent(), [("Colin Colleague", "viewing")])

    def test_an_agent_of_another_team_is_refused_until_brought_in(self):
        with self.assertRaises(AccessError):
            self.announce(self.agent_internet)
        self.ticket.collaborator_ids = self.agent_internet
        self.announce(self.agent_internet)
        self.assertEqual(self.seen_by_agent(), [("Ivo Internet", "viewing")])

    def test_customers_are_refused_on_their_own_ticket(self):
        self.ticket.with_user(self.portal_user).check_access("read")
        for user in (self.portal_user, self.public_user):
            with (
                self.subTest(user=user.login),
                self.assertRaisesRegex(AccessError, "Only colleagues"),
            ):
                self.announce(user)

    def test_a_colleague_without_the_helpdesk_is_refused(self):
        with self.assertRaises(AccessError):
            self.announce(self.internal_user)

    def test_nobody_reads_the_rows_directly(self):
        self.announce(self.colleague)
        for user in (self.agent_voice, self.manager, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["telecom.ticket.presence"].with_user(user).search([])

    def test_nobody_withdraws_somebody_else(self):
        self.announce(self.colleague, "writing")
        self.withdraw(self.agent_voice, "writing")
        self.assertEqual(self.seen_by_agent(), [("Colin Colleague", "writing")])

    def test_a_deleted_ticket_is_open_nowhere(self):
        self.announce(self.colleague)
        self.ticket.unlink()
        with self.assertRaises(AccessError):
            self.announce(self.agent_voice)
        self.assertFalse(
            self.env["telecom.ticket.presence"].search([("ticket_id", "=", self.ticket.id)])
        )

    def test_an_unknown_mode_is_refused(self):
        with self.assertRaises(ValueError):
            self.announce(self.colleague, "sleeping")

    def test_old_rows_are_swept_away(self):
        presences = self.env["telecom.ticket.presence"]
        self.announce(self.colleague)
        self.announce(self.agent_voice)
        old = presences.search([("user_id", "=", self.colleague.id)])
        old.seen_at = Datetime.now() - timedelta(hours=2)
        presences._gc_expired()
        left = presences.search([("ticket_id", "=", self.ticket.id)])
        self.assertEqual(left.user_id, self.agent_voice)

    def test_viewers_are_told_of_new_messages_and_nobody_else_is(self):
        self.agent_notes(self.ticket)
        self.assertEqual(self.said_on_the_bus(), [])
        self.announce(self.colleague)
        self.said_on_the_bus()
        message = self.customer_writes(self.ticket)
        self.assertEqual(
            self.said_on_the_bus(),
            [
                (
                    "telecom.ticket/message",
                    {"ticket_id": self.ticket.id, "message_id": message.id},
                )
            ],
        )


@tagged("post_install", "-at_install")
class TestPresenceChannel(HelpdeskCommon, WebsocketCase):
    """Who may listen to a ticket from a browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket()

    def listen(self, login):
        session = self.authenticate(login, login)
        self.env.cr.precommit.run()
        websocket = self.websocket_connect(cookie=f"session_id={session.sid};")
        last = self.env["bus.bus"]._bus_last_id()
        self.subscribe(websocket, [f"telecom.ticket_{self.ticket.id}"], last)
        return websocket

    def is_listened_to(self):
        channel = channel_with_db(self.env.cr.dbname, self.ticket)
        return bool(dispatch._channels_to_ws.get(channel))

    def test_an_agent_of_the_team_hears_who_comes(self):
        websocket = self.listen(self.agent_voice.login)
        self.env["telecom.ticket.presence"].with_user(self.manager).announce(
            self.ticket.id, "writing"
        )
        self.trigger_notification_dispatching([self.ticket])
        [notification] = json.loads(websocket.recv())
        self.assertEqual(notification["message"]["type"], "telecom.ticket/presence")
        self.assertEqual(notification["message"]["payload"]["name"], "Mona Manager")
        self.assertEqual(notification["message"]["payload"]["mode"], "writing")

    def test_what_was_said_while_the_browser_began_to_listen_is_repeated(self):
        self.env["telecom.ticket.presence"].with_user(self.manager).announce(
            self.ticket.id, "viewing"
        )
        websocket = self.listen(self.agent_voice.login)
        self.trigger_notification_dispatching([self.agent_voice.partner_id])
        [notification] = json.loads(websocket.recv())
        self.assertEqual(notification["message"]["type"], "telecom.ticket/presence")
        self.assertEqual(notification["message"]["payload"]["name"], "Mona Manager")

    def test_an_agent_of_another_team_hears_nothing(self):
        self.listen(self.agent_internet.login)
        self.assertFalse(self.is_listened_to())

    def test_a_customer_hears_nothing_of_their_own_ticket(self):
        self.listen(self.portal_user.login)
        self.assertFalse(self.is_listened_to())

    @mute_logger("odoo.addons.bus.websocket")
    def test_the_public_hears_nothing(self):
        websocket = self.websocket_connect()
        self.subscribe(websocket, [f"telecom.ticket_{self.ticket.id}"], 0)
        self.assertFalse(self.is_listened_to())
