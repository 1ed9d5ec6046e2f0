from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form
from odoo.tools import mute_logger

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..common import NEWSLETTER, MailCase

DUE = "odoo.addons.telecom_helpdesk.models.mixins.due_mixin"
RENDERING = "odoo.addons.mail.models.mail_render_mixin"


class TestAcknowledgement(MailCase):
    """The customer whose mail opens a ticket is told its number: once, and no robot is."""

    mails = 0

    def receive_and_run(self, name="known_contact", **headers):
        """A mail opens a ticket. Returns it and what left when the scheduler ran."""
        ticket = self.receive_ticket(self.fixture(name, **headers))
        return ticket, self.run_scheduler()

    def acknowledgements(self, ticket):
        return ticket.message_ids.filtered(lambda message: message.message_type == "auto_comment")

    def forget_acknowledgements(self):
        """As if nobody had been told anything: too many in an hour would be a loop."""
        tickets = self.env["telecom.ticket"].search([])
        tickets.write({"acknowledged_at": False, "acknowledgement_id": False})

    # Who gets it, and how

    def test_customer_is_told_the_number(self):
        ticket, [mail] = self.receive_and_run()
        self.assertEqual(mail["X-Envelope-To"], "carla.contact@customer.example.com")
        self.assertEqual(mail["To"], "Carla Contact <carla.contact@customer.example.com>")
        self.assertEqual(mail["From"], "Acme Telecom <support@operator.example.com>")
        self.assertEqual(mail["Reply-To"], "Acme Telecom <support@operator.example.com>")
        subject = f"[{ticket.number}] No dial tone since this morning"
        self.assertEqual(mail["Subject"], subject)
        self.assertEqual(mail["Thread-Topic"], "No dial tone since this morning")
        self.assertEqual(mail["In-Reply-To"], "<CA+known-1@mail.customer.example.com>")
        self.assertEqual(
            mail["References"], f"<CA+known-1@mail.customer.example.com> {mail['Message-Id']}"
        )
        self.assertEqual(mail["Auto-Submitted"], "auto-replied")
        self.assertEqual(mail["X-Auto-Response-Suppress"], "All")
        text = mail.get_body(("plain",)).get_content()
        for part in (ticket.number, "No dial tone since this morning", "Voice", "Acme Telecom"):
            self.assertEqual(text.count(part), 1, part)
        self.assertIn("Just answer this mail.", text)
        self.assertEqual(ticket.acknowledged_at, ticket.create_date.replace(microsecond=0))

    def test_acknowledgement_is_public_and_neither_reply_nor_response(self):
        ticket, _sent = self.receive_and_run()
        [message] = self.acknowledgements(ticket)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertFalse(message.is_internal)
        self.assertEqual(message.author_id, self.env.ref("base.partner_root"))
        self.assertEqual(message._get_telecom_kind(), "automatic")
        self.assertEqual(ticket.state, "new")
        self.assertFalse(ticket.first_response_at or ticket.last_agent_reply_at)

    def test_acknowledgement_goes_to_the_customer_alone(self):
        ticket = self.receive_ticket(
            self.fixture("copied", Cc="Globex <globex@customer.example.com>")
        )
        ticket.message_subscribe((self.other_customer | self.agent_voice.partner_id).ids)
        [mail] = self.run_scheduler()
        self.assertEqual(mail["X-Envelope-To"], "carla.contact@customer.example.com")
        self.assertEqual(len(mail["To"].addresses), 1)

    def test_acknowledgement_comes_from_the_address_written_to(self):
        _ticket, [mail] = self.receive_and_run(
            To="internet@operator.example.com", Delivered_To="internet@operator.example.com"
        )
        self.assertIn("<internet@operator.example.com>", mail["From"])
        self.assertIn("Internet", mail.get_body(("plain",)).get_content())

    def test_unknown_sender_is_told_too(self):
        _ticket, [mail] = self.receive_and_run("unknown_sender")
        self.assertEqual(mail["To"], "n.nobody@elsewhere.example.org")
        self.assertFalse(self.env["res.partner"].search([("email_normalized", "ilike", "nobody")]))

    def test_customers_answer_to_it_lands_on_the_ticket(self):
        ticket, [mail] = self.receive_and_run()
        message = self.receive(self.answer(mail))
        self.assertEqual(message.res_id, ticket.id)
        self.assertFalse(self.run_scheduler(), "once per ticket")
        answer = self.reply_to_customer(ticket)
        self.assertEqual(answer["Subject"], mail["Subject"])
        self.assertIn(mail["Message-Id"], answer["References"])

    # Once

    def test_customer_is_told_once(self):
        ticket, sent = self.receive_and_run()
        self.assertEqual(len(sent), 1)
        ticket._plan_due()
        for state in ("open", "resolved", "closed", "open"):
            ticket._set_state(state)
            self.assertFalse(self.run_scheduler())
        self.assertEqual(len(self.acknowledgements(ticket)), 1)

    def test_late_answer_that_opens_a_follow_up_is_acknowledged_with_its_number(self):
        with frozen("2026-03-02 09:00:00"):
            ticket, [mail] = self.receive_and_run()
            ticket.action_close()
        with frozen("2026-04-20 09:00:00"):
            message = self.receive(self.answer(mail))
            [mail] = self.run_scheduler()
        follow_up = self.env["telecom.ticket"].browse(message.res_id)
        self.assertEqual(follow_up.follow_up_of_id, ticket)
        self.assertEqual(mail["Subject"], f"[{follow_up.number}] No dial tone since this morning")
        self.assertEqual(mail["In-Reply-To"], message.message_id)
        self.assertNotIn(ticket.number, mail.as_string())

    def test_tickets_of_other_channels_are_not_acknowledged(self):
        self.make_ticket(channel="phone")
        ticket = self.make_ticket(channel="portal")
        ticket.action_close()
        ticket.closed_at = "2020-01-01"
        message = self.customer_writes(ticket)
        self.assertNotEqual(message.res_id, ticket.id, "a follow-up")
        self.assertFalse(self.run_scheduler())

    # The language

    def acknowledge_in(self, name, **headers):
        """Language in which the sender of the mail is told ("fr", "de" or "en")."""
        self.mails += 1
        headers["Message_ID"] = f"<{self.mails}@example.com>"
        _ticket, [mail] = self.receive_and_run(name, **headers)
        html = mail.get_body(("html",)).get_content()
        [lang] = [lang for lang, hello in self.hello.items() if hello in html]
        self.assertIn(f'<html lang="{lang}_', html)
        return lang

    def test_customer_is_told_in_their_language(self):
        self.hello = {"en": "Hello,", "fr": "Bonjour,", "de": "Guten Tag,"}
        template = self.env.ref("telecom_helpdesk_mail.mail_template_acknowledgement")
        for code in ("fr_FR", "de_DE"):
            self.env["res.lang"]._activate_lang(code)
            body = template.body_html.replace("Hello,", self.hello[code[:2]])
            template.with_context(lang=code).body_html = body
        self.company.partner_id.lang = "de_DE"
        self.customer_contact.lang = "fr_FR"
        self.assertEqual(
            self.acknowledge_in("known_contact", Content_Language="en"), "fr", "contact"
        )
        self.assertEqual(
            self.acknowledge_in("unknown_sender", Content_Language="fr"), "fr", "the mail"
        )
        self.assertEqual(self.acknowledge_in("unknown_sender", Accept_Language="fr-BE, en"), "fr")
        self.assertEqual(
            self.acknowledge_in("unknown_sender", Content_Language="it"), "de", "company"
        )
        self.forget_acknowledgements()
        self.assertEqual(self.acknowledge_in("unknown_sender"), "de")
        self.team_voice.mail_unknown_sender = "create"
        self.forget_acknowledgements()
        told = self.acknowledge_in("unknown_sender", Content_Language="fr")
        self.assertEqual(told, "fr", "a contact that was just made")

    def test_unknown_sender_is_answered_in_the_language_of_the_mail(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        ticket = self.receive_ticket(self.fixture("unknown_sender", Content_Language="fr"))
        html = self.reply_to_customer(ticket).get_body(("html",)).get_content()
        self.assertIn('<html lang="fr_FR">', html)

    # Who gets none

    def test_no_robot_is_told(self):
        for name, headers in (
            ("robot", {"Auto_Submitted": "auto-generated"}),
            ("bulk", NEWSLETTER),
        ):
            with self.subTest(name=name):
                raw = self.fixture("known_contact", Message_ID=f"<{name}@x.example.com>", **headers)
                self.receive(raw)
                self.assertFalse(self.run_scheduler())

    def test_nobody_is_told_who_asks_for_no_automatic_answer(self):
        for header, value in (
            ("X_Auto_Response_Suppress", "All"),
            ("List_Id", "<users.customer.example.com>"),
        ):
            with self.subTest(header):
                headers = {header: value, "Message_ID": f"<{header}@x.example.com>"}
                _ticket, sent = self.receive_and_run(**headers)
                self.assertFalse(sent)

    def test_colleague_is_not_told(self):
        ticket, sent = self.receive_and_run("colleague")
        self.assertFalse(sent)
        # Nor the customer whom an agent found meanwhile: what is in it was not for them.
        ticket.write({"partner_id": self.customer_contact.id, "acknowledge_at": "2026-01-01"})
        ticket._plan_due()
        self.assertFalse(self.run_scheduler())

    def test_team_that_wants_none(self):
        with Form(self.team_voice.with_user(self.manager)) as form:
            form.acknowledge = False
        _ticket, sent = self.receive_and_run()
        self.assertFalse(sent)

    def test_none_where_something_happened_before_it_left(self):
        for number, (what, happens) in enumerate(
            {
                "an agent answered": self.agent_replies,
                "cancelled": lambda ticket: ticket.action_cancel(),
                "merged": lambda ticket: ticket.write({"merged_into_id": self.make_ticket().id}),
                "unwanted": lambda ticket: ticket.team_id.write({"acknowledge": False}),
            }.items()
        ):
            with self.subTest(what):
                raw = self.fixture("known_contact", Message_ID=f"<{number}@x.example.com>")
                ticket = self.receive_ticket(raw)
                with self.outbox():
                    happens(ticket)
                self.assertFalse(self.run_scheduler())
                self.assertFalse(ticket.acknowledge_at or ticket.acknowledged_at)

    def test_none_of_our_own_addresses_is_told(self):
        self.add_address("outage")
        ours = ("internet", "outage", "catchall", "notifications", "bounce")
        for sender, told in (
            *((f"{name}@operator.example.com", False) for name in ours),
            ("somebody@operator.example.com", True),
        ):
            with self.subTest(sender):
                ticket = self.env["telecom.ticket"].create(
                    {"name": "Ours?", "partner_email": sender, "team_id": self.team_voice.id}
                )
                ticket.message_post(
                    message_type="email",
                    subtype_xmlid="mail.mt_comment",
                    author_id=False,
                    email_from=sender,
                )
                ticket.acknowledge_at = ticket._due_now()
                ticket._plan_due()
                self.assertEqual(bool(self.run_scheduler()), told)
        _ticket, sent = self.receive_and_run("unknown_sender", From="internet@operator.example.com")
        self.assertFalse(sent)

    def add_address(self, name):
        values = {"team_id": self.team_voice.id, "alias_name": name}
        self.env["telecom.ticket.team.address"].create(values)

    def test_two_desks_that_acknowledge_each_other_stop(self):
        """The other desk's say nothing of themselves, name no thread, and open a ticket each."""
        with frozen("2026-03-02 09:00:00"):
            sent = self.play_loop(8)
            self.assertEqual(len(sent), 3)
        with frozen("2026-03-02 10:01:00"):
            self.assertEqual(len(self.play_loop(8)), 3, "an hour later")
        self.assertEqual(len(self.receive_and_run()[1]), 1, "others are told all the time")

    def play_loop(self, rounds):
        """Each acknowledgement makes the other desk write anew. Returns what left for it."""
        told = []
        for number in range(rounds):
            self.mails += 1
            self.receive_ticket(
                self.fixture(
                    "unknown_sender",
                    From="Desk <Desk@Other.example.org>",
                    Subject=f"We got your mail, case {number}",
                    Message_ID=f"<{self.mails}@other.example.org>",
                )
            )
            told += self.run_scheduler()
        return told

    # What may go wrong

    def test_broken_template_stops_no_mail(self):
        template = self.team_voice.acknowledgement_template_id.copy()
        template.body_html = "<p t-out='object.no_such_field'/>"
        self.team_voice.acknowledgement_template_id = template
        for number in range(3):
            ticket = self.receive_ticket(
                self.fixture("known_contact", Message_ID=f"<{number}@x.example.com>")
            )
            with mute_logger(DUE, RENDERING):
                sent = self.run_scheduler()
            self.assertFalse([mail for mail in sent if "customer" in mail["To"]])
            self.assertFalse(ticket.acknowledged_at)
            self.assertEqual(ticket.due_ids.kind, "acknowledgement")
            self.assertIn("no_such_field", ticket.due_ids.due_error)
            ticket.due_ids.due_attempts = 3
        steps = self.env["telecom.ticket.due"].search([("due_error", "!=", False)])
        with frozen("2100-01-01 00:00:00"), mute_logger(DUE, RENDERING):
            self.run_scheduler()
        self.assertEqual(set(steps.mapped("next_due_at")), {False}, "not tried any more")
        activity = self.env["mail.activity"].search([("user_id", "=", self.manager.id)])
        self.assertEqual(activity.summary, "Customers get no acknowledgement", "told once")
        self.assertIn("no_such_field", activity.note)

    def test_broken_template_holds_up_nothing_else(self):
        template = self.team_voice.acknowledgement_template_id.copy()
        template.body_html = "<p t-out='object.no_such_field'/>"
        self.team_voice.acknowledgement_template_id = template
        with frozen("2026-03-02 09:00:00"):
            ticket = self.receive_ticket(self.fixture("known_contact"))
            ticket.action_resolve()
        with frozen("2026-03-20 09:00:00"), mute_logger(DUE, RENDERING):
            self.run_scheduler()
        self.assertEqual(ticket.state, "closed")

    def test_sent_when_the_template_is_mended(self):
        template = self.team_voice.acknowledgement_template_id.copy()
        template.body_html = "<p t-out='object.no_such_field'/>"
        self.team_voice.acknowledgement_template_id = template
        ticket = self.receive_ticket(self.fixture("known_contact"))
        with mute_logger(DUE, RENDERING):
            self.run_scheduler()
        template.body_html = "<p>Ahoy</p>"
        ticket.due_ids.with_user(self.agent_voice).action_retry_due()
        [mail] = self.run_scheduler()
        self.assertIn("Ahoy", mail.get_body(("html",)).get_content())
        self.assertTrue(ticket.acknowledged_at)
        self.assertFalse(ticket.due_ids)

    def test_sent_although_no_agent_can_be_chosen(self):
        self.team_voice.assignment_method = "round_robin"
        ticket = self.receive_ticket(self.fixture("known_contact"))
        self.assertEqual(ticket.due_ids.mapped("kind"), ["distribution", "acknowledgement"])

        def fail(ticket, now):
            raise UserError("The turns are lost")

        with (
            patch.object(self.registry["telecom.ticket"], "_on_distribution_due", fail),
            mute_logger(DUE),
        ):
            [mail] = self.run_scheduler()
        self.assertIn(ticket.number, mail["Subject"])
        self.assertTrue(ticket.acknowledged_at)
        self.assertEqual(ticket.due_ids.kind, "distribution")
        self.assertEqual(ticket.due_ids.due_error, "UserError: The turns are lost")
        self.assertEqual(ticket.due_ids.due_attempts, 1)

    def test_team_has_a_text_of_its_own(self):
        template = self.team_voice.acknowledgement_template_id.copy()
        template.write(
            {
                "subject": "Re: your mail “{{ object.name }}”",
                "body_html": "<p>Ahoy, <t t-out='object.name'/>!</p>",
            }
        )
        with Form(self.team_voice.with_user(self.manager)) as form:
            form.acknowledgement_template_id = template
        ticket, [mail] = self.receive_and_run(Subject="<b>Bold</b> {{ object.team_id.unlink() }}")
        self.assertIn("Ahoy, &lt;b&gt;Bold", mail.get_body(("html",)).get_content())
        self.assertIn(f"[{ticket.number}] your mail “<b>Bold</b> {{{{", mail["Subject"])

    def test_what_it_costs_the_gateway(self):
        """A column more in the row that is inserted, a planned step, and a trigger."""

        def count(number):
            raw = self.fixture("known_contact", Message_ID=f"<{number}@x.example.com>")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.receive_ticket(raw)
            self.cr.flush()
            return self.env.cr.sql_log_count - before

        count(0)
        wanted = count(1)
        self.team_voice.acknowledge = False
        count(2)
        # The scheduled action is looked up and read, its trigger is inserted.
        self.assertLessEqual(wanted, count(3) + 3)
