from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from ...models.mixins import due_mixin
from ..common import frozen
from ..incident_common import DELIVERY_CRON, IncidentCase

DUE_LOGGER = due_mixin.__name__
TEXTS = {
    "en_US": "The exchange is down. We are on it.",
    "fr_FR": "Le central est en panne. Nous y travaillons.",
}


class TestIncidentUpdate(IncidentCase):
    """An update written once reaches every customer, each in their language, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners, cls.services = cls.make_customers(6, ("en_US", "fr_FR", "de_DE"))
        cls.incident.affected_service_ids = cls.services
        cls.children = cls.make_children(cls.partners[:3])
        cls.english, cls.french, cls.german = cls.children

    def test_one_update_reaches_every_child_in_its_language(self):
        form = Form(
            self.env["telecom.incident.update"]
            .with_user(self.agent_voice)
            .with_context(
                self.incident.with_user(self.agent_voice).action_write_update()["context"]
            )
        )
        shown = [(form.text_ids.edit(n).lang, form.text_ids.edit(n).reader_count) for n in range(3)]
        self.assertCountEqual(shown, [("en_US", 1), ("fr_FR", 1), ("de_DE", 1)])
        update = self.write_update(TEXTS)
        self.assertEqual(update.delivery_summary, "0 of 3 delivered")
        self.assertFalse(self.public_messages(self.english))
        self.run_deliveries()
        self.assertEqual(update.delivery_summary, "3 of 3 delivered")
        for ticket, words in (
            (self.english, "The exchange is down"),
            (self.french, "Le central est en panne"),
            (self.german, "The exchange is down"),  # the fallback
        ):
            with self.subTest(ticket.partner_id.lang):
                [message] = self.public_messages(ticket)
                self.assertIn(words, message.body)
                self.assertEqual(message.author_id, self.agent_voice.partner_id)
                [mail] = self.mails_of(message)
                self.assertEqual(mail.recipient_ids, ticket.partner_id)
                self.assertIn(words, mail.body_html)
        self.assertIn("Sent to 3 customer(s)", self.incident.message_ids[0].body)

    def test_before_it_is_sent_it_says_who_reads_what(self):
        model = self.env["telecom.incident.update"].with_user(self.agent_voice)
        form = Form(model.with_context(default_incident_id=self.incident.id))
        for index, lang in enumerate(["en_US", "de_DE", "fr_FR"]):
            with form.text_ids.edit(index) as line:
                self.assertEqual(line.lang, lang)
                line.body = TEXTS.get(lang, False)
        self.assertEqual(
            form.reader_notice,
            "Customers who will read this: 3. Without a text of their own: German / Deutsch (1). "
            "They get the one in English (US).",
        )
        form.reach = "all"
        self.assertIn("Customers who will read this: 6", form.reader_notice)
        update = form.save()
        update.action_copy_text()
        self.assertEqual(update.text_ids[1].body, TEXTS["en_US"])

    def test_an_update_is_an_answer_and_asks_nothing(self):
        self.team_voice.wait_after_reply = True
        with frozen("2026-03-02 09:30:00"):
            self.write_update(TEXTS)
            self.run_deliveries()
        self.assertEqual(str(self.english.first_response_at), "2026-03-02 09:30:00")
        self.assertEqual(self.english.state, "new")

    def test_a_customers_answer_lands_on_their_own_ticket(self):
        self.write_update(TEXTS)
        self.run_deliveries()
        answer = self.customer_mails(
            self.french, "Merci", email_from=self.french.partner_id.email_formatted
        )
        self.assertEqual(answer.res_id, self.french.id)
        self.assertFalse(self.public_messages(self.incident))

    def test_markup_in_a_text_is_shown_as_it_was_typed(self):
        self.write_update(
            {"en_US": "<script>alert(1)</script> & more\n\nhttps://status.example.com"}
        )
        self.run_deliveries()
        body = self.public_messages(self.english).body
        self.assertNotIn("<script", body)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more", body)
        self.assertIn('href="https://status.example.com"', body)

    def test_no_customer_hears_of_another(self):
        self.incident.name = "Exchange down"
        self.write_update(TEXTS, reach="all", title="Works on your line")
        self.run_deliveries()
        mails = self.mails_of(self.children.message_ids) | self.env["mail.mail"].search(
            [("subject", "=", "Works on your line")]
        )
        self.assertEqual(len(mails), 6)
        for mail in mails:
            others = self.partners - mail.recipient_ids
            self.assertEqual(len(mail.recipient_ids), 1)
            everything = " ".join(
                str(mail[name] or "")
                for name in ("subject", "body_html", "email_to", "email_cc", "headers", "reply_to")
            )
            for other in others:
                self.assertNotIn(other.email, everything)
                self.assertNotRegex(everything, rf"{other.name}\b")
        for child in self.children:
            readers = child.message_ids.notified_partner_ids.filtered("partner_share")
            self.assertEqual(readers, child.partner_id)

    def test_customers_without_a_ticket_get_a_mail_of_their_own(self):
        silent = self.partners[5]
        silent.email = False
        contact = self.make_partner("Paul Person", parent_id=self.partners[4].id, lang="fr_FR")
        self.services[4].partner_id = contact
        nobody = self.partners[3]
        nobody.email = False
        self.make_partner("Nora Name", parent_id=silent.id, lang="de_DE")
        update = self.write_update(TEXTS, reach="all", title="Works on your line")
        self.run_deliveries()
        mails = self.env["mail.mail"].search([("subject", "=", "Works on your line")])
        self.assertEqual(set(mails.recipient_ids.mapped("name")), {"Paul Person", "Nora Name"})
        french = mails.filtered(lambda mail: mail.recipient_ids == contact)
        self.assertIn("Le central est en panne", french.body_html)
        self.assertNotEqual(french.model, "telecom.ticket", "it belongs to none")
        self.assertEqual(update.delivery_summary, "5 of 5 delivered")
        [skipped] = update.delivery_ids.filtered(lambda row: row.state == "skipped")
        self.assertEqual((skipped.partner_id, skipped.reason), (nobody, "No mail address"))

    def test_maintenance_is_announced_to_all_affected_customers(self):
        works = self.make_incident(
            name="New cards",
            incident_kind="maintenance",
            planned_from="2030-03-02 22:00:00",
            planned_to="2030-03-03 02:00:00",
            affected_service_ids=[Command.set(self.services.ids)],
        )
        update = self.write_update(
            {"en_US": "We work on it tonight."}, works, self.manager, title="Works on your line"
        )
        self.assertEqual(update.reach, "all")
        self.run_deliveries()
        self.assertEqual(update.delivered_count, 6)

    def test_a_ticket_tied_later_gets_the_latest_update_once(self):
        with frozen("2026-03-02 09:00:00"):
            self.write_update({"en_US": "First"})
        with frozen("2026-03-02 09:30:00"):
            self.write_update({"en_US": "Second"})
        self.run_deliveries()
        by_hand = self.make_ticket(partner_id=self.partners[3].id)
        by_hand.with_user(self.agent_voice).parent_id = self.incident
        self.incident.tie_new_tickets = "tie"
        by_itself = self.env["telecom.ticket"].create(
            {"name": "Dead", "partner_id": self.partners[4].id, "service_id": self.services[4].id}
        )
        self.run_deliveries()
        for ticket in by_hand + by_itself:
            [message] = self.public_messages(ticket)
            self.assertIn("Second", message.body)
        # An agent decided on the one; nobody has looked at the other yet.
        self.assertTrue(by_hand.first_response_at)
        self.assertEqual(self.public_messages(by_itself).message_type, "auto_comment")
        self.assertFalse(by_itself.first_response_at)
        by_hand.with_user(self.agent_voice).parent_id = False
        by_hand.with_user(self.agent_voice).parent_id = self.incident
        self.run_deliveries()
        self.assertEqual(len(self.public_messages(by_hand)), 1)

    def test_tickets_done_unlinked_or_merged_meanwhile_are_left_alone(self):
        update = self.write_update(TEXTS)
        self.english.action_resolve()
        self.french.with_user(self.agent_voice).parent_id = False
        self.german.merged_into_id = self.english
        self.run_deliveries()
        self.assertFalse(self.public_messages(self.children))
        self.assertEqual((update.skipped_count, update.delivered_count), (3, 0))
        reasons = set(update.delivery_ids.mapped("reason"))
        self.assertEqual(reasons, {"Already done", "No longer linked to the incident"})

    def test_a_customer_whose_tickets_are_merged_reads_it_once(self):
        self.write_update(TEXTS)
        self.run_deliveries()
        other = self.make_ticket(partner_id=self.english.partner_id.id)
        self.english.merged_into_id = other
        other.parent_id = self.incident
        self.run_deliveries()
        self.assertFalse(self.public_messages(other))

    @mute_logger(DUE_LOGGER)
    def test_what_fails_is_set_aside_shown_and_tried_again(self):
        post = self.registry["telecom.ticket"].message_post

        def fail(ticket, **kwargs):
            if ticket.id == self.french.id:
                raise ValueError("The template is broken")
            return post(ticket, **kwargs)

        with frozen("2026-03-02 09:00:00"):
            update = self.write_update(TEXTS)
        with patch.object(self.registry["telecom.ticket"], "message_post", fail):
            for at in ("09:00", "09:02", "09:15", "10:30"):
                with frozen(f"2026-03-02 {at}:00"):
                    self.run_deliveries()
        self.assertEqual(update.delivery_summary, "2 of 3 delivered, 1 failed")
        [failed] = update.delivery_ids.filtered(lambda row: row.state == "failed")
        self.assertEqual(failed.ticket_id, self.french)
        self.assertIn("The template is broken", failed.due_error)
        self.assertEqual(self.incident.activity_ids.user_id, self.agent_voice)
        update.with_user(self.agent_voice).action_retry()
        self.run_deliveries()
        self.assertEqual(update.delivery_summary, "3 of 3 delivered")
        self.assertEqual([len(self.public_messages(child)) for child in self.children], [1, 1, 1])

    def test_two_runs_and_two_presses_deliver_once(self):
        update = self.write_update(TEXTS)
        with self.assertRaisesRegex(UserError, "sent already"):
            update.with_user(self.agent_voice).action_send()
        self.assertEqual(update._plan_deliveries(), 0)
        self.run_deliveries()
        self.run_deliveries()
        self.assertEqual([len(self.public_messages(child)) for child in self.children], [1, 1, 1])

    def test_an_update_without_words_or_readers_is_refused_in_plain_words(self):
        for texts, values, words in (
            ({}, {}, "Write what the customers need to know"),
            ({"fr_FR": "Panne"}, {"fallback_lang": "en_US"}, "no text in English"),
        ):
            with self.assertRaisesRegex(UserError, words):
                self.write_update(texts, **values)
        self.children.parent_id = False
        with self.assertRaisesRegex(UserError, "no open ticket is linked"):
            self.write_update({"en_US": "Hello"})

    def test_what_was_sent_stays_as_it_is(self):
        update = self.write_update(TEXTS).with_user(self.manager)
        for change in (
            lambda: update.write({"fallback_lang": "fr_FR"}),
            lambda: update.text_ids[0].write({"body": "Never said"}),
            update.text_ids[0].unlink,
            update.unlink,
        ):
            with self.assertRaises(UserError):
                change()

    def test_a_draft_left_behind_is_found_again(self):
        incident = self.incident.with_user(self.agent_voice)
        model = self.env["telecom.incident.update"].with_user(self.agent_voice)
        form = Form(model.with_context(incident.action_write_update()["context"]))
        with form.text_ids.edit(0) as line:
            line.body = "Half a sen"
        draft = form.save()
        self.assertEqual(incident.action_write_update()["res_id"], draft.id)
        draft.unlink()

    def test_as_many_queries_to_send_to_10_children_as_to_1000(self):
        def send():
            self.env.flush_all()
            self.env.invalidate_all()
            update = self.env["telecom.incident.update"].create(
                {"incident_id": self.incident.id, "text_ids": [
                    Command.create({"lang": "en_US", "body": "Down"})
                ]}
            )  # fmt: skip
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            update.action_send()
            self.env.flush_all()
            return update, self.env.cr.sql_log_count - before

        send()
        self.make_children(self.partners)
        update, few = send()
        self.assertEqual(update.waiting_count, 9)
        self.copy_ticket(self.children[:2], 500)
        update, many = send()
        self.assertEqual(update.waiting_count, 1009)
        self.assertLessEqual(many, few + 2)
        self.assertLessEqual(few, 40)


class TestIncidentEnd(IncidentCase):
    """What the end of an incident does to the tickets linked to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners, cls.services = cls.make_customers(3, ("en_US", "fr_FR"))
        cls.children = cls.make_children(cls.partners)

    def test_one_resolution_resolves_all_with_a_last_word(self):
        update = self.write_update(
            {"en_US": "All is well again.", "fr_FR": "Tout est rétabli."},
            kind="resolution",
            resolution="<p>Card replaced</p>",
        )
        self.assertEqual(self.incident.state, "resolved")
        self.assertEqual(set(self.children.mapped("state")), {"new"})
        self.run_deliveries()
        self.assertEqual(set(self.children.mapped("state")), {"resolved"})
        self.assertEqual(update.delivered_count, 3)
        for child, words in zip(
            self.children, ("All is well", "Tout est rétabli", "All is well"), strict=True
        ):
            self.assertIn(words, self.public_messages(child).body)
            self.assertIn("Card replaced", child.resolution)
            reason = child.transition_ids.sorted()[-1].reason
            self.assertEqual(reason, "The major incident was resolved")

    def test_moved_to_a_resolved_stage_the_children_follow_without_a_message(self):
        own = self.children[0]
        own.resolution = "<p>Router of the customer</p>"
        self.incident.resolution = "<p>Card replaced</p>"
        with Form(self.incident.with_user(self.agent_voice)) as form:
            form.stage_id = self.stage("resolved")
        self.run_deliveries()
        self.assertEqual(set(self.children.mapped("state")), {"resolved"})
        self.assertFalse(self.public_messages(self.children))
        self.assertIn("Router of the customer", own.resolution)
        notes = " ".join(own.message_ids.mapped("body"))
        self.assertRegex(notes, "Resolved with the major incident .*Exchange down in Lyon")
        self.assertEqual(len(self.incident.incident_update_ids), 1)

    def test_the_end_is_told_to_everybody_who_was_told_of_it(self):
        """With a ticket or without, and with one that was resolved meanwhile."""
        partners, _services = self.make_customers(2)
        self.incident.affected_service_ids += self.env["telecom.service"].search(
            [("partner_id", "in", partners.ids)]
        )
        self.write_update({"en_US": "The exchange is down."}, reach="all", title="Disruption")
        self.run_deliveries()
        done, new = self.children[0], self.make_customers(1)[0]
        done.with_user(self.agent_voice).action_close()
        self.incident.affected_service_ids += self.env["telecom.service"].search(
            [("partner_id", "in", new.ids)]
        )
        draft = self.write_draft({"en_US": "All is well."}, kind="resolution", title="Disruption")
        self.assertEqual(draft.reach, "told")
        # Three tickets, ACME and two more by mail; nobody told ``new`` that anything was wrong.
        self.assertIn("Customers who will read this: 6", draft.reader_notice)
        draft.action_send()
        self.run_deliveries()
        self.assertEqual(draft.delivered_count, 6)
        mails = self.env["mail.mail"].search([("body_html", "like", "All is well")])
        mailed = mails.filtered(lambda mail: mail.subject == "Disruption").recipient_ids
        self.assertEqual(mailed.commercial_partner_id, partners + self.customer)
        self.assertEqual(done.state, "closed")
        self.assertIn("All is well", self.public_messages(done)[-1].body)
        self.assertEqual(set((self.children - done).mapped("state")), {"resolved"})

    def test_the_end_is_told_to_others_where_one_says_so(self):
        self.write_update({"en_US": "The exchange is down."}, reach="all", title="Disruption")
        self.run_deliveries()
        update = self.write_update({"en_US": "All is well."}, kind="resolution", reach="tickets")
        self.run_deliveries()
        self.assertEqual(update.delivered_count, 3)

    def test_an_end_without_a_word_leaves_a_reminder(self):
        self.write_update({"en_US": "The exchange is down."}, reach="all", title="Disruption")
        self.run_deliveries()
        with Form(self.incident.with_user(self.agent_voice)) as form:
            form.stage_id = self.stage("resolved")
        self.assertIn("Announce the end", self.incident.activity_ids.summary)
        self.run_deliveries()
        update = self.write_update({"en_US": "All is well."}, kind="resolution", title="Disruption")
        self.run_deliveries()
        self.assertEqual(self.incident.state, "resolved")
        # ACME by mail, the three with a ticket on it.
        self.assertEqual(update.delivered_count, 4)

    def test_children_done_already_are_left_alone(self):
        self.children[0].action_cancel()
        self.children[1].action_close()
        self.write_update({}, kind="resolution")
        self.run_deliveries()
        self.assertEqual(self.children.mapped("state"), ["cancelled", "closed", "resolved"])
        self.assertEqual(self.incident.incident_update_ids.delivered_count, 1)

    def test_a_customer_who_answers_reopens_their_ticket_alone(self):
        self.write_update({"en_US": "All is well again."}, kind="resolution")
        self.run_deliveries()
        child = self.children[0]
        self.customer_mails(child, "Not here", email_from=child.partner_id.email_formatted)
        self.assertEqual(self.children.mapped("state"), ["open", "resolved", "resolved"])
        self.assertEqual(self.incident.state, "resolved")

    def test_reopening_the_incident_leaves_its_children(self):
        self.write_update({}, kind="resolution")
        self.run_deliveries()
        self.incident.with_user(self.agent_voice).action_reopen()
        self.assertEqual(set(self.children.mapped("state")), {"resolved"})

    def test_reopened_at_once_nothing_more_is_resolved(self):
        update = self.write_update({"en_US": "All is well again."}, kind="resolution")
        self.incident.with_user(self.agent_voice).action_reopen()
        self.run_deliveries()
        self.assertEqual(set(self.children.mapped("state")), {"new"})
        self.assertEqual(update.skipped_count, 3)
        self.assertFalse(self.public_messages(self.children))

    def test_a_cancelled_incident_tells_the_agents_of_its_tickets(self):
        self.children[0].user_id = self.agent_internet
        self.incident.with_user(self.agent_voice).action_cancel()
        self.run_deliveries()
        self.assertEqual(self.children.parent_id, self.incident)
        self.assertEqual(set(self.children.mapped("state")), {"new"})
        note = self.children[0].message_ids[0]
        self.assertIn("needs an answer of its own", note.body)
        self.assertTrue(note.subtype_id.internal)
        self.assertEqual(note.notified_partner_ids, self.agent_internet.partner_id)
        self.assertFalse(self.public_messages(self.children))

    def test_closing_after_resolving_says_nothing_twice(self):
        self.write_update({"en_US": "All is well again."}, kind="resolution")
        self.run_deliveries()
        self.incident.with_user(self.agent_voice).action_close()
        self.run_deliveries()
        self.assertEqual(len(self.incident.incident_update_ids), 1)
        self.assertEqual(len(self.public_messages(self.children[0])), 1)

    def test_thousands_of_children_are_resolved_in_batches(self):
        self.copy_ticket(self.children[0], 120)
        self.write_update({}, kind="resolution")
        self.run_deliveries()
        tickets = self.env["telecom.ticket"].search([("parent_id", "=", self.incident.id)])
        self.assertEqual(len(tickets), 123)
        self.assertEqual(set(tickets.mapped("state")), {"resolved"})
        self.assertFalse(self.env.ref(DELIVERY_CRON).failure_count)
