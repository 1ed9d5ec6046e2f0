from contextlib import contextmanager, suppress
from imaplib import IMAP4
from unittest.mock import patch

import psycopg2

from odoo.tests import Form
from odoo.tools import mute_logger

from odoo.addons.mail.models import fetchmail

from ...models.gateway.mail_attempt import MAX_ATTEMPTS
from ...models.gateway.mail_intake import MailThread
from ..common import MailCase
from ..mailboxes import ImapServer, PopServer

FETCH_LOG = "odoo.addons.mail.models.fetchmail"
OUR_LOG = "odoo.addons.telecom_helpdesk_mail.models.odoo_models.fetchmail_server"
QUARANTINE_LOG = "odoo.addons.telecom_helpdesk_mail.models.quarantine.mail_quarantine"


class DatabaseAwayError(psycopg2.InterfaceError):
    """Neither could the mail be processed nor stored."""


class TestFetch(MailCase):
    """No mail is lost, none doubled, none stops the mailbox."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.env["fetchmail.server"].create(
            {
                "name": "Mailbox",
                "server_type": "imap",
                "server": "imap.operator.example.com",
                "user": "us",
                "password": "secret",
                "state": "done",
            }
        )

    def setUp(self):
        super().setUp()
        self.box = []
        self.before = self.env["telecom.ticket"].search([])

    def put(self, *subjects, **headers):
        """Mails of a customer arrive, the first one first."""
        for subject in subjects:
            headers["Message_ID"] = f"<{subject}@elsewhere.example.org>"
            raw = self.fixture("unknown_sender", Subject=subject, **headers)
            self.box.append([raw.encode(), False])

    def fetch(self, kind=ImapServer, breaks_at=None):
        """The scheduled action fetches. Returns the error that Odoo would show, if any."""
        name = "OdooIMAP4" if kind is ImapServer else "OdooPOP3"
        self.server.server_type = "imap" if kind is ImapServer else "pop"
        with (
            patch.object(fetchmail, name, lambda *_, **__: kind(self.box, breaks_at)),
            patch("odoo.service.model.time.sleep") as self.sleep,
            mute_logger(FETCH_LOG, OUR_LOG, QUARANTINE_LOG),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            try:
                return self.server.with_env(self.env(cr=cr))._fetch_mail()
            finally:
                cr.commit()  # around that of each mail, in a test

    def unread(self):
        return [number for number, (_raw, seen) in enumerate(self.box, 1) if not seen]

    def tickets(self):
        """Titles of what the mails made, oldest first."""
        return self.new_tickets().mapped("name")

    def new_tickets(self):
        return self.env["telecom.ticket"].search([], order="id") - self.before

    def quarantine(self):
        mails = self.env["telecom.mail.quarantine"].search([])
        return [(mail.name, mail.reason) for mail in mails]

    @contextmanager
    def processing(self, process):
        """What stands behind the fetch is ``process(env, subject, go_on)``."""
        original = MailThread._receive_mail

        def receive_mail(threads, model, message, *args, **kwargs):
            subject = message.partition(b"Subject: ")[2].partition(b"\n")[0].decode()
            return process(
                threads.env, subject, lambda: original(threads, model, message, *args, **kwargs)
            )

        receive_mail._api_model = True
        with patch.object(MailThread, "_receive_mail", receive_mail):
            yield

    def failing_at(self, *subjects, error=DatabaseAwayError):
        def process(_env, subject, go_on):
            if subject in subjects:
                raise error
            return go_on()

        return self.processing(process)

    # What was handled is marked

    def test_mails_are_unread_until_their_transaction_is_committed(self):
        self.put("One", "Two", "Three")
        unread = []

        def process(_env, _subject, go_on):
            unread.append(self.unread())
            return go_on()

        with self.processing(process):
            self.assertIsNone(self.fetch())
        self.assertEqual(unread, [[1, 2, 3], [2, 3], [3]])
        self.assertEqual(self.unread(), [])
        self.assertEqual(self.tickets(), ["One", "Two", "Three"])

    def test_killed_midway(self):
        self.put("One", "Two", "Three")
        with self.failing_at("Two", error=KeyboardInterrupt), suppress(KeyboardInterrupt):
            self.fetch()
        self.assertEqual(self.unread(), [2, 3])
        self.fetch()
        self.assertEqual(self.unread(), [])
        self.assertEqual(self.tickets(), ["One", "Two", "Three"])

    def test_a_mail_that_stops_the_server_each_time_stops_the_mailbox_no_longer(self):
        self.put("One", "Two", "Three")
        with self.failing_at("Two", error=KeyboardInterrupt):
            for _ in range(MAX_ATTEMPTS):
                self.assertEqual(self.quarantine(), [])
                with suppress(KeyboardInterrupt):
                    self.fetch()
                self.assertEqual(self.unread(), [2, 3])
            self.fetch()
        self.assertEqual(self.unread(), [])
        self.assertEqual(self.tickets(), ["One", "Three"])
        self.assertEqual(self.quarantine(), [("Two", "error")])
        self.assertFalse(self.env["telecom.mail.attempt"].search([]))

    def test_a_mail_that_fails_often_is_still_processed_in_the_end(self):
        self.put("One")
        with self.failing_at("One"):
            for _ in range(MAX_ATTEMPTS + 1):
                self.fetch()
        self.assertEqual(self.unread(), [1])
        self.fetch()
        self.assertEqual(self.tickets(), ["One"])
        self.assertEqual(self.quarantine(), [])

    # What was not handled stays

    def test_what_is_neither_processed_nor_stored_stays_and_stops_nothing(self):
        self.put("One", "Two", "Three")
        with self.failing_at("One"):
            self.assertIsNone(self.fetch())
        self.assertEqual(self.unread(), [1])
        self.assertEqual(self.tickets(), ["Two", "Three"])
        self.assertTrue(self.server.error_date)
        self.assertIn("stored: 1.", self.server.error_message)
        self.fetch()
        self.assertEqual(self.unread(), [])
        self.assertEqual(self.tickets(), ["Two", "Three", "One"])
        self.assertFalse(self.server.error_message)

    def test_a_commit_that_fails(self):
        self.put("One", "Two")

        def process(env, subject, go_on):
            if subject == "One":

                def fail():
                    raise DatabaseAwayError

                env.cr.precommit.add(fail)
            return go_on()

        with self.processing(process):
            self.fetch()
        self.assertEqual(self.unread(), [1])
        self.assertEqual(self.tickets(), ["Two"])

    def test_a_mail_that_the_server_does_not_hand_out(self):
        self.put("One", "Two")
        self.box.insert(1, [None, False])
        self.assertIsNone(self.fetch())
        self.assertEqual(self.unread(), [2])
        self.assertEqual(self.tickets(), ["One", "Two"])
        self.assertIn("stored: 1.", self.server.error_message)

    # Transactions in each other's way

    def test_a_conflict_is_tried_again(self):
        self.put("One", "Two")
        tries = []

        def process(env, subject, go_on):
            tries.append(subject)
            result = go_on()
            if len(tries) < 3:
                env.cr.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$")
            return result

        with self.processing(process), mute_logger("odoo.sql_db", "odoo.service.model"):
            self.fetch()
        self.assertEqual(tries, ["One", "One", "One", "Two"])
        self.assertEqual(self.sleep.call_count, 2)
        self.assertEqual(self.unread(), [])
        self.assertEqual(self.tickets(), ["One", "Two"])

    def test_an_endless_conflict_leaves_the_mail_unread(self):
        self.put("One", "Two")

        def process(env, subject, go_on):
            if subject == "One":
                env.cr.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")
            return go_on()

        with self.processing(process), mute_logger("odoo.sql_db", "odoo.service.model"):
            self.fetch()
        self.assertEqual(self.unread(), [1])
        self.assertEqual(self.tickets(), ["Two"])

    # A connection that breaks

    def test_connection_breaks_before_a_mail_is_read(self):
        self.put("One", "Two", "Three")
        self.assertIsInstance(self.fetch(breaks_at="FETCH 2"), IMAP4.abort)
        self.assertEqual(self.unread(), [2, 3])
        self.fetch()
        self.assertEqual(self.tickets(), ["One", "Two", "Three"])

    def test_connection_breaks_before_a_handled_mail_is_marked(self):
        self.put("One", "Two", "Three")
        self.assertIsInstance(self.fetch(breaks_at="STORE 2"), IMAP4.abort)
        self.assertEqual(self.unread(), [2, 3])
        self.assertEqual(self.tickets(), ["One", "Two"])
        self.fetch()
        self.assertEqual(self.unread(), [])
        self.assertEqual(self.tickets(), ["One", "Two", "Three"])

    # POP

    def test_pop_deletes_only_what_was_handled(self):
        self.put("One", "Two", "Three")
        self.box.append([None, False])
        with self.failing_at("Two"):
            self.assertIsNone(self.fetch(PopServer))
        self.assertEqual(len(self.box), 2)
        self.assertEqual(self.tickets(), ["One", "Three"])
        self.fetch(PopServer)
        self.assertEqual(self.box, [[None, False]])
        self.assertEqual(self.tickets(), ["One", "Three", "Two"])

    def test_pop_connection_breaks(self):
        self.put("One", "Two")
        self.assertTrue(self.fetch(PopServer, breaks_at="RETR 2"))
        self.assertEqual(len(self.box), 2, "what was not taken leave of is not deleted")
        self.fetch(PopServer)
        self.assertEqual(self.box, [])
        self.assertEqual(self.tickets(), ["One", "Two"])

    # A mailbox of a team

    def test_mailbox_of_a_team_takes_what_names_no_address(self):
        self.put("Blind copy", To="undisclosed-recipients:;", Delivered_To="old@gone.example.com")
        self.server.telecom_team_id = self.team_internet
        self.fetch()
        ticket = self.new_tickets()
        self.assertEqual((ticket.name, ticket.team_id), ("Blind copy", self.team_internet))
        self.assertEqual(ticket.channel, "email")

    def test_mailbox_of_a_team_leaves_others_their_mail(self):
        self.put("For Voice")
        self.server.telecom_team_id = self.team_internet
        self.fetch()
        ticket = self.new_tickets()
        self.assertEqual((ticket.name, ticket.team_id), ("For Voice", self.team_voice))

    def test_choosing_a_team_says_what_the_mails_become(self):
        with Form(self.env["fetchmail.server"], "mail.view_email_server_form") as form:
            form.name = "Old addresses"
            form.server = "imap.operator.example.com"
            form.user = form.password = "us"
            form.telecom_team_id = self.team_voice
        self.assertEqual(form.record.object_id.model, "telecom.ticket")
