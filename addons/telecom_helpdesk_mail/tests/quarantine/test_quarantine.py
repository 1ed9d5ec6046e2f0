from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import HelpdeskCommon, frozen

from ...models.ticket.ticket_gateway import TelecomTicket
from ...models.ticket.ticket_mail_thread import TelecomTicket as TicketMailThread
from ...tools.incoming_mail import IncomingMail
from ..common import NEWSLETTER, MailCase


class QuarantineCase(MailCase):
    def failing(self):
        """While it lasts, no mail can become a ticket."""
        return patch.object(TicketMailThread, "message_new", side_effect=ValueError("Broken rule"))

    def receive_failing(self, name="known_contact", **headers):
        with self.failing():
            return self.receive_quarantined(self.fixture(name, **headers))

    def run_due(self):
        """The scheduled action, in a transaction of its own."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["telecom.mail.quarantine"]._run_due()


class TestQuarantine(QuarantineCase):
    """A mail that fails can be seen and retried."""

    def test_mail_that_cannot_be_processed_is_kept_as_it_came(self):
        raw = self.fixture("known_contact")
        tickets = self.env["telecom.ticket"].search_count([])
        with self.outbox() as sent:
            entry = self.receive_failing()
        self.assertEqual((entry.reason, entry.state), ("error", "waiting"))
        self.assertEqual(entry.error, "ValueError: Broken rule")
        self.assertEqual(entry.name, "No dial tone since this morning")
        self.assertIn("Carla.Contact@Customer.Example.com", entry.email_from)
        self.assertEqual(entry.team_id, self.team_voice)
        self.assertEqual(entry.company_id, self.company)
        self.assertEqual(entry._get_raw(), raw.encode())
        # As the web client reads it.
        [values] = (
            entry.with_user(self.manager).with_context(bin_size=True).web_read({"preview": {}})
        )
        self.assertIn("dial tone", values["preview"])
        self.assertEqual(self.env["telecom.ticket"].search_count([]), tickets)
        # The customer did nothing wrong, and the address goes on working.
        self.assertFalse(sent)
        self.assertNotEqual(self.team_voice.alias_id.alias_status, "invalid")

    def test_nothing_of_a_mail_that_failed_half_way_stays(self):
        tickets = self.env["telecom.ticket"].search([])
        with patch.object(
            TelecomTicket, "_after_mail", autospec=True, side_effect=ValueError("Too late")
        ):
            entry = self.receive_quarantined(self.fixture("known_contact"))
        self.assertEqual(self.env["telecom.ticket"].search([]), tickets)
        self.assertEqual(entry.error, "ValueError: Too late")

    def test_same_mail_again_is_counted(self):
        entry = self.receive_failing()
        with self.failing():
            self.assertFalse(self.receive(self.fixture("known_contact")))
        self.assertEqual(entry.receive_count, 2)
        self.assertEqual(self.env["telecom.mail.quarantine"].search_count([]), 1)

    def test_mail_to_nobody(self):
        raw = self.fixture("known_contact", To="nobody@operator.example.com", Delivered_To="")
        entry = self.receive_quarantined(raw)
        self.assertEqual(entry.reason, "no_route")
        with self.assertRaisesRegex(UserError, "Choose the team"):
            entry.with_user(self.manager).action_retry()
        with Form(entry.with_user(self.manager)) as form:
            form.team_id = self.team_internet
        entry.with_user(self.manager).action_retry()
        self.assertEqual(entry.state, "done")
        self.assertEqual(entry.ticket_id.team_id, self.team_internet)
        self.assertEqual(entry.ticket_id.partner_id, self.customer_contact)

    def test_noise_to_nobody_is_noise(self):
        self.env["telecom.mail.block"].create({"name": "elsewhere.example.org"})
        nobody = {"To": "nobody@operator.example.com", "Delivered_To": ""}
        for name, headers, reason in (
            ("known_contact", NEWSLETTER, "bulk"),
            ("answer", {"Auto_Submitted": "auto-replied"}, "automatic"),
            ("unknown_sender", {}, "blocked"),
        ):
            with self.subTest(reason=reason):
                entry = self.receive_quarantined(self.fixture(name, **nobody, **headers))
                self.assertEqual(entry.reason, reason)

    def test_mail_that_is_too_large_is_not_even_read(self):
        with patch("odoo.addons.telecom_helpdesk_mail.models.gateway.mail_intake.MAX_SIZE", 1000):
            entry = self.receive_quarantined(self.fixture("known_contact") + "x" * 1000)
        self.assertEqual(entry.reason, "too_large")
        self.assertEqual(entry.name, "No dial tone since this morning")

    def test_one_button_tries_again(self):
        entry = self.receive_failing()
        with self.failing():
            action = entry.with_user(self.manager).action_retry()
        self.assertEqual(action["params"]["type"], "warning")
        self.assertEqual((entry.state, entry.attempt_count), ("waiting", 2))
        action = entry.with_user(self.manager).action_retry()
        self.assertEqual((entry.state, action["res_model"]), ("done", "telecom.ticket"))
        self.assertEqual(action["res_id"], entry.ticket_id.id)
        self.assertEqual(entry.ticket_id.name, "No dial tone since this morning")
        self.assertEqual(entry.ticket_id.partner_id, self.customer_contact)
        self.assertFalse(self.receive(self.fixture("known_contact")))

    def test_retry_of_a_mail_that_came_through_meanwhile_doubles_nothing(self):
        entry = self.receive_failing()
        ticket = self.receive_ticket(self.fixture("known_contact"))
        entry.action_retry()
        self.assertEqual((entry.state, entry.ticket_id), ("done", ticket))
        self.assertEqual(entry.decided_by_id, self.env.user)

    def test_all_errors_are_tried_again_in_the_background(self):
        entries = self.receive_failing() | self.receive_failing("unknown_sender")
        newsletter = self.receive_quarantined(self.fixture("subject_french", **NEWSLETTER))
        self.env["telecom.mail.quarantine"].with_user(self.manager).action_retry_all()
        self.assertEqual(set(entries.mapped("state")), {"waiting"})
        self.run_due()
        self.assertEqual(set(entries.mapped("state")), {"done"})
        self.assertEqual(entries.decided_by_id, self.manager)
        self.assertEqual(len(entries.ticket_id), 2)
        self.assertEqual(newsletter.state, "waiting")

    def test_robots_mail_can_be_let_in(self):
        entry = self.receive_quarantined(self.fixture("known_contact", **NEWSLETTER))
        entry.with_user(self.manager).action_retry()
        self.assertEqual(entry.ticket_id.team_id, self.team_voice)

    def test_discard_takes_a_reason_and_can_block_the_sender(self):
        entry = self.receive_failing("unknown_sender")
        action = entry.with_user(self.manager).action_discard()
        wizards = self.env[action["res_model"]].with_user(self.manager)
        with Form(wizards.with_context(**action["context"])) as form:
            form.reason = "Advertising"
            form.is_sender_blocked = True
        form.record.action_discard()
        self.assertEqual((entry.state, entry.discard_reason), ("discarded", "Advertising"))
        self.assertEqual(entry.decided_by_id, self.manager)
        self.assertFalse(self.receive(self.fixture("unknown_sender")))
        self.assertEqual((entry.state, entry.receive_count), ("discarded", 2))
        raw = self.fixture("unknown_sender", Message_ID="<2@elsewhere.example.org>")
        self.assertEqual(self.receive_quarantined(raw).reason, "blocked")

    def test_download(self):
        entry = self.receive_failing()
        url = entry.with_user(self.manager).action_download()["url"]
        self.assertIn(f"/web/content/telecom.mail.quarantine/{entry.id}/raw?download=true", url)

    def test_old_noise_goes_and_errors_stay(self):
        with frozen("2026-03-02 09:00:00"):
            error = self.receive_failing()
            noise = self.receive_quarantined(self.fixture("unknown_sender", **NEWSLETTER))
        with frozen("2026-05-02 09:00:00"):
            noise._gc_old()
            self.assertTrue(noise.exists())
        with frozen("2026-07-02 09:00:00"):
            noise._gc_old()
        self.assertFalse(noise.exists())
        self.assertTrue(error.exists())


class TestLeaderIsTold(QuarantineCase):
    """The leader is told once per burst, not per mail."""

    def setUp(self):
        super().setUp()
        self.team_voice.leader_id = self.manager

    def told(self):
        return self.env["mail.message"].search(
            [("model", "=", "telecom.mail.quarantine"), ("partner_ids", "!=", False)], order="id"
        )

    def test_leader_is_told_once_per_burst(self):
        with frozen("2026-03-02 09:00:00"):
            for number in range(3):
                self.receive_failing(Message_ID=f"<{number}@customer.example.com>")
            self.run_due()
            self.assertEqual(len(self.told()), 1)
            self.assertEqual(self.told().subject, "Mails waiting in quarantine: 3")
            self.assertEqual(self.told().partner_ids, self.manager.partner_id)
        with frozen("2026-03-02 09:20:00"):
            for number in range(3, 5):
                self.receive_failing(Message_ID=f"<{number}@customer.example.com>")
            self.run_due()
            self.assertEqual(len(self.told()), 1)
        with frozen("2026-03-02 10:00:00"):
            self.run_due()
            self.run_due()
        self.assertEqual(self.told()[1:].subject, "Mails waiting in quarantine: 2")

    def test_nobody_is_told_of_noise(self):
        self.receive_quarantined(self.fixture("unknown_sender", **NEWSLETTER))
        self.run_due()
        self.assertFalse(self.told())

    def test_what_the_leader_is_told_says_that_no_human_wrote_it(self):
        self.receive_failing()
        with self.outbox() as sent:
            self.run_due()
        [mail] = sent
        self.assertEqual(mail["X-Envelope-To"], self.manager.email)
        self.assertEqual(mail["Auto-Submitted"], "auto-generated")

    def test_without_a_leader_the_managers_are_told(self):
        self.team_voice.leader_id = False
        self.receive_failing()
        self.run_due()
        self.assertIn(self.manager.partner_id, self.told().partner_ids)
        self.assertNotIn(self.agent_voice.partner_id, self.told().partner_ids)


class TestAccess(QuarantineCase):
    def test_managers_of_the_company_alone(self):
        entry = self.receive_failing()
        block = self.env["telecom.mail.block"].create({"name": "evil.example.org"})
        for record in (entry, block):
            record.with_user(self.manager).read()
            for user in (self.agent_voice, self.internal_user, self.portal_user):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    record.with_user(user).read(["name"])
        with self.assertRaises(AccessError):
            entry.with_user(self.agent_voice).action_retry()
        with self.assertRaises(AccessError):
            entry.with_user(self.manager).unlink()

    def test_portal_users_cannot_fill_it(self):
        for user in (self.portal_user, self.public_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["mail.thread"].with_user(user).message_process(
                    False, self.fixture("known_contact")
                )
        self.assertFalse(self.env["telecom.mail.quarantine"].search_count([]))

    def test_team_of_another_company_cannot_be_given_the_mail(self):
        other = self.make_company("Globe")
        entry = self.receive_failing()
        entry.team_id = self.env["telecom.ticket.team"].search([("company_id", "=", other.id)])
        with self.assertRaises(AccessError):
            entry.with_user(self.manager).action_retry()

    def test_other_companys_mails_are_out_of_sight(self):
        self.make_company("Globe")
        entry = self.receive_failing(
            To="support@globe.example.com", Delivered_To="support@globe.example.com"
        )
        self.assertEqual(entry.company_id.name, "Globe")
        with self.assertRaises(AccessError):
            entry.with_user(self.manager).read(["name"])
        self.assertNotIn(entry, entry.with_user(self.manager).search([]))


@tagged("post_install", "-at_install")
class TestDownload(HelpdeskCommon, HttpCase):
    def test_manager_downloads_the_mail_as_it_came(self):
        raw = b"From: a@example.org\r\nSubject: Caf\xe9\r\n\r\n<script>alert(1)</script>\r\n"
        entry = self.env["telecom.mail.quarantine"]._store(IncomingMail(raw), "error", "Broken")
        url = entry.action_download()["url"]
        self.authenticate("manager", "manager")
        answer = self.url_open(url)
        self.assertEqual(answer.content, raw)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.authenticate("agent_voice", "agent_voice")
        self.assertNotEqual(self.url_open(url).content, raw)
