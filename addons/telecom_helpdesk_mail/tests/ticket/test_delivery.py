import smtplib
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

from odoo.tools import mute_logger

from odoo.addons.telecom_helpdesk.models.odoo_models import mail_mail
from odoo.addons.telecom_helpdesk.tests.common import frozen
from odoo.addons.telecom_helpdesk.tests.incident_common import DELIVERY_CRON

from ..common import MailCase

TICKET_CRON = "telecom_helpdesk.ir_cron_ticket_due"
QUEUE_CRON = "mail.ir_cron_mail_scheduler_action"
MONDAY = "2026-03-02 09:00:00"
ODOO_LOGS = (
    "odoo.addons.mail.models.mail_mail",
    "odoo.addons.base.models.ir_mail_server",
    mail_mail.__name__,
)
UNKNOWN_USER = (550, b"5.1.1 No such user here")


class DeliveryCase(MailCase):
    """A customer's ticket, and mail servers of every temper."""

    def setUp(self):
        super().setUp()
        with frozen(MONDAY):
            self.ticket = self.receive_ticket(self.fixture("known_contact"))
        self.ticket.user_id = self.agent_voice
        self.triggers()
        self.env["mail.mail"].search([]).unlink()
        self.env["ir.cron.trigger"].search([]).unlink()

    @contextmanager
    def mail_server(self, answer=lambda to: None):
        """A mail server; ``answer`` takes an address and raises what it says to it, if anything.

        The block gets the list of the addresses that it delivered to.
        """
        delivered = []

        def send_message(_message, _sender, recipients):
            for address in recipients:
                answer(address)
            delivered.extend(recipients)

        with self.mock_smtplib_connection(), mute_logger(*ODOO_LOGS):
            self.testing_smtp_session.send_message = send_message
            yield delivered

    @contextmanager
    def no_mail_server(self):
        error = ConnectionRefusedError(111, "Connection refused")
        with self.mail_server() as delivered, patch("smtplib.SMTP", side_effect=error):
            yield delivered

    def refuse(self, *addresses, reply=UNKNOWN_USER):
        """What ``mail_server`` answers that takes no mail for these."""

        def answer(address):
            if address in addresses:
                raise smtplib.SMTPRecipientsRefused({address: reply})

        return answer

    def run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(name).method_direct_trigger()

    def run_queue(self):
        self.env["mail.mail"].process_email_queue()

    def triggers(self):
        """When Odoo's queue is to run, soonest first."""
        self.env.flush_all()
        self.cr.precommit.run()
        queue = self.env.ref(QUEUE_CRON)
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", queue.id)])
        return sorted(triggers.mapped("call_at"))

    def answer_customer(self, ticket=None):
        return self.agent_replies(ticket or self.ticket)

    def mail_of(self, message):
        """The mail to people outside that tells of ``message``."""
        mails = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        return mails.filtered("recipient_ids.partner_share")

    def activities(self):
        return self.ticket.activity_ids.filtered(lambda a: "did not reach" in a.summary)


class TestLeavesAtOnce(DeliveryCase):
    """What a scheduled action writes leaves at once, as what people write does."""

    def test_acknowledgement(self):
        self.run_cron(TICKET_CRON)
        [mail] = self.env["mail.mail"].search([("state", "=", "outgoing")])
        self.assertEqual(mail.mail_message_id, self.ticket.acknowledgement_id)
        self.assertTrue(self.triggers())
        self.assertFalse(self.ticket.acknowledged_at, "it has not left yet")
        with self.mail_server() as delivered:
            self.run_queue()
        self.assertEqual(delivered, ["carla.contact@customer.example.com"])
        self.assertTrue(self.ticket.acknowledged_at)

    def test_answer_of_a_colleague_that_was_fetched(self):
        """Odoo's fetch is a scheduled action too."""
        [mail] = self.reply(self.ticket)
        self.ticket.message_subscribe(self.agent_voice.partner_id.ids)
        action = self.env.ref("mail.ir_cron_mail_gateway_action").ir_actions_server_id
        env = action._get_eval_context(action)["env"]
        raw = self.answer(
            mail,
            From="Vera Voice <agent_voice@operator.example.com>",
            **self.vouch_for("agent_voice@operator.example.com"),
        )
        with self.enter_registry_test_mode():
            env["mail.thread"].message_process(False, raw)
        answer = self.ticket.message_ids[0]
        self.assertEqual(answer.author_id, self.agent_voice.partner_id)
        self.assertEqual(self.mail_of(answer).state, "outgoing")
        self.assertTrue(self.triggers())

    def test_incident_updates_to_tickets_and_by_mail(self):
        incident = self.make_ticket(partner_id=False, incident_kind="incident")
        update = self.env["telecom.incident.update"].create(
            {
                "incident_id": incident.id,
                "text_ids": [(0, 0, {"lang": "en_US", "title": "Down", "body": "We are on it."})],
            }
        )
        deliveries = self.env["telecom.incident.delivery"].create(
            [
                {"update_id": update.id, "ticket_id": self.ticket.id},
                {"update_id": update.id, "partner_id": self.other_customer.id},
            ]
        )
        self.ticket.parent_id = incident
        deliveries._plan_due()
        self.env["ir.cron.trigger"].search([]).unlink()
        self.run_cron(DELIVERY_CRON)
        self.assertTrue(self.triggers())
        with self.mail_server() as delivered:
            self.run_queue()
        self.assertCountEqual(
            delivered, ["carla.contact@customer.example.com", "globex@customer.example.com"]
        )

    def test_what_is_sent_after_the_commit_calls_no_queue(self):
        with self.mail_server() as delivered:
            self.answer_customer()
        self.assertEqual(delivered, ["carla.contact@customer.example.com"])
        self.assertFalse(self.triggers())


class TestSentAgain(DeliveryCase):
    """What could not be sent is tried again, told, and never sent twice."""

    def test_after_an_outage_the_answer_leaves_once(self):
        with frozen(MONDAY), self.no_mail_server():
            answer = self.answer_customer()
            self.assertEqual(str(self.triggers()[0]), "2026-03-02 09:01:00")
        self.env.invalidate_all()
        self.assertIn("Connection refused", self.ticket.unsent_notice)
        self.assertIn("carla.contact@customer.example.com", self.ticket.unsent_notice)
        self.assertIn("tried again at", self.ticket.unsent_notice)
        self.assertEqual(answer.notification_ids.notification_status, "exception", "red envelope")
        with frozen("2026-03-02 09:00:30"), self.mail_server() as delivered:
            self.run_queue()
        self.assertFalse(delivered, "not yet")
        with frozen("2026-03-02 09:01:00"), self.mail_server() as delivered:
            self.run_queue()
            self.run_queue()
        self.assertEqual(delivered, ["carla.contact@customer.example.com"])
        self.assertEqual(answer.notification_ids.notification_status, "sent")
        self.env.invalidate_all()
        self.assertFalse(self.ticket.unsent_notice)
        self.assertFalse(self.activities())

    def test_pauses_grow_and_end_with_somebody_told(self):
        with frozen(MONDAY), self.no_mail_server():
            answer = self.answer_customer()
        mail, tries = self.mail_of(answer), []
        while mail.state == "outgoing":
            now = mail.scheduled_date
            tries.append(now - answer.create_date)
            with frozen(str(now)), self.no_mail_server():
                self.run_queue()
        minutes = [int(age / timedelta(minutes=1)) for age in tries]
        self.assertEqual(minutes[:8], [1, 2, 4, 8, 16, 32, 64, 128])
        self.assertEqual({late - early for early, late in pairwise(minutes[7:])}, {120})
        self.assertEqual(minutes[-1] // 60, 48)
        [activity] = self.activities()
        self.assertEqual(activity.user_id, self.agent_voice, "who wrote it")
        self.assertIn("Connection refused", activity.note)
        self.env.invalidate_all()
        self.assertIn("was not sent", self.ticket.unsent_notice)
        with self.mail_server() as delivered:
            self.ticket.with_user(self.agent_voice).action_send_unsent()
            self.assertTrue(self.triggers())
            self.run_queue()
        # The agent is told of the activity by mail as well.
        self.assertCountEqual(
            delivered, ["carla.contact@customer.example.com", "agent_voice@operator.example.com"]
        )

    def test_connection_that_breaks_in_the_middle_doubles_nothing(self):
        others = self.make_partner("Anna Assistant") | self.make_partner("Zoe Zoning")
        self.ticket.message_subscribe(others.ids, [self.env.ref("mail.mt_comment").id])
        reached = []

        def break_at_the_second(address):
            if len(reached) == 1:
                raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
            reached.append(address)

        with frozen(MONDAY), self.mail_server(break_at_the_second):
            self.answer_customer()
        with frozen("2026-03-02 09:01:00"), self.mail_server() as delivered:
            self.run_queue()
        self.assertEqual((len(reached), len(delivered)), (1, 2))
        self.assertEqual(
            {*reached, *delivered},
            {"carla.contact@customer.example.com", *others.mapped("email_normalized")},
        )

    def test_greylisting_is_tried_again(self):
        later = self.refuse("carla.contact@customer.example.com", reply=(451, b"4.7.1 Greylisted"))
        with frozen(MONDAY), self.mail_server(later):
            answer = self.answer_customer()
        self.assertEqual(self.mail_of(answer).state, "outgoing")
        self.assertFalse(self.activities())

    def test_permanent_refusal_is_told_and_not_tried_again(self):
        with self.mail_server(self.refuse("carla.contact@customer.example.com")):
            answer = self.answer_customer()
        self.assertFalse(self.mail_of(answer).filtered(lambda mail: mail.state == "outgoing"))
        self.assertFalse(self.triggers())
        [activity] = self.activities()
        self.assertEqual(activity.user_id, self.agent_voice)
        self.assertIn("550 5.1.1 No such user here", activity.note)
        self.assertEqual(self.ticket.undeliverable_email, "carla.contact@customer.example.com")
        [notification] = answer.notification_ids
        self.assertEqual(notification.notification_status, "exception")
        self.assertIn("No such user", notification.failure_reason)

    def test_one_who_is_refused_keeps_it_from_nobody_else(self):
        other = self.make_partner("Anna Assistant")
        self.ticket.message_subscribe(other.ids, [self.env.ref("mail.mt_comment").id])
        with self.mail_server(self.refuse("carla.contact@customer.example.com")) as delivered:
            self.answer_customer()
        self.assertEqual(delivered, [other.email])
        self.assertTrue(self.activities())

    def test_refused_for_one_and_later_for_another(self):
        other = self.make_partner("Anna Assistant")
        self.ticket.message_subscribe(other.ids, [self.env.ref("mail.mt_comment").id])

        def answer(address):
            code = 550 if "carla" in address else 451
            raise smtplib.SMTPRecipientsRefused({address: (code, b"no")})

        with frozen(MONDAY), self.mail_server(answer):
            message = self.answer_customer()
        with frozen("2026-03-02 09:01:00"), self.mail_server() as delivered:
            self.run_queue()
        self.assertEqual(delivered, [other.email])
        status = {row.res_partner_id: row.notification_status for row in message.notification_ids}
        self.assertEqual(status, {self.customer_contact: "exception", other: "sent"})

    def test_what_a_mail_server_says_of_the_mail(self):
        for error, is_told in (
            (smtplib.SMTPDataError(554, b"5.7.1 Spam"), True),
            (smtplib.SMTPDataError(452, b"4.3.1 Out of space"), False),
            (smtplib.SMTPSenderRefused(552, b"5.3.4 Too large", "support"), True),
            (smtplib.SMTPSenderRefused(550, b"5.7.1 Not your sender", "support"), False),
            (smtplib.SMTPRecipientsRefused({"a": UNKNOWN_USER, "b": (450, b"later")}), False),
            (TimeoutError("timed out"), False),
        ):
            with self.subTest(str(error)):

                def answer(_address, error=error):
                    raise error

                ticket = self.make_ticket()
                with self.mail_server(answer):
                    message = self.answer_customer(ticket)
                is_waiting = self.mail_of(message).state == "outgoing"
                self.assertEqual((bool(ticket.activity_ids), not is_waiting), (is_told,) * 2)

    def test_acknowledgement_after_an_outage_is_one_and_then_it_is_sent(self):
        with frozen(MONDAY), self.no_mail_server():
            self.run_cron(TICKET_CRON)
            self.run_queue()
        self.assertFalse(self.ticket.acknowledged_at)
        with frozen("2026-03-02 09:01:00"), self.mail_server() as delivered:
            self.ticket._plan_due()
            self.run_cron(TICKET_CRON)
            self.run_queue()
        self.assertEqual(delivered, ["carla.contact@customer.example.com"])
        self.assertEqual(str(self.ticket.acknowledged_at), "2026-03-02 09:01:00")

    def test_mails_of_other_apps_stay_odoos(self):
        with frozen(MONDAY), self.no_mail_server():
            self.other_customer.message_post(
                body="Hello", subtype_xmlid="mail.mt_comment", partner_ids=self.other_customer.ids
            )
        self.assertEqual(self.env["mail.mail"].search([]).state, "exception")
        self.assertFalse(self.triggers())

    def test_incident_update_that_was_lost_is_failed_and_sent_again(self):
        incident = self.make_ticket(partner_id=False, incident_kind="incident")
        self.ticket.parent_id = incident
        update = self.env["telecom.incident.update"].create(
            {
                "incident_id": incident.id,
                "user_id": self.agent_voice.id,
                "text_ids": [(0, 0, {"lang": "en_US", "body": "We are on it."})],
            }
        )
        with frozen(MONDAY), self.no_mail_server():
            update.action_send()
            while self.env["telecom.incident.delivery"]._run_due_batch():
                pass
            self.run_queue()
        delivery = update.delivery_ids
        self.assertEqual(delivery.state, "delivered", "it is under way")
        with frozen("2026-03-05 09:00:00"), self.no_mail_server():
            self.run_queue()
        self.assertEqual(delivery.state, "failed")
        self.assertIn("Connection refused", delivery.reason)
        self.assertTrue(incident.activity_ids)
        self.assertFalse(self.activities(), "told once, on the incident")
        update.action_retry()
        with self.mail_server() as delivered:
            while self.env["telecom.incident.delivery"]._run_due_batch():
                pass
            self.run_queue()
        customers = [address for address in delivered if "customer" in address]
        self.assertEqual(customers, ["carla.contact@customer.example.com"])
        self.assertEqual(delivery.state, "delivered")
