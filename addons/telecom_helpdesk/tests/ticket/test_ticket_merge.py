import time
from datetime import timedelta

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Command
from odoo.tests import Form

from ..common import HelpdeskCase, frozen


class MergeCase(HelpdeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.target = cls.make_ticket(name="No dial tone")
        cls.source = cls.make_ticket(name="Phones are dead")

    def merge(self, source, target=None, user=None):
        """Through the wizard of the form; returns the action that follows."""
        env = self.env(user=user or self.agent_voice)
        action = source.with_env(env).action_merge()
        wizard = Form(env[action["res_model"]].with_context(**action["context"]))
        if target:
            wizard.target_id = target
        return wizard.save().action_merge()

    def assertRefused(self, pattern, source, target, error=UserError, **kwargs):
        with self.assertRaisesRegex(error, pattern):
            self.merge(source, target, **kwargs)
        self.assertFalse(source.merged_into_id)

    def said(self, ticket):
        """Bodies of what people said on ``ticket``, oldest first."""
        messages = ticket.message_ids.sorted("id")
        return [
            message.preview
            for message in messages
            if message.message_type in ("comment", "email", "auto_comment")
        ]


class TestMerge(MergeCase):
    """Two tickets become one."""

    def test_messages_attachments_ratings_and_marks_move_in_the_order_of_their_dates(self):
        self.customer_writes(self.target, "One")
        two = self.customer_writes(self.source, "Two")
        self.agent_replies(self.target, body="Three")
        four = self.agent_notes(
            self.source,
            body="Four",
            partner_ids=self.manager.partner_id.ids,
            attachments=[("trace.txt", b"lost packets")],
        )
        self.manager.notification_type = "inbox"
        five = self.agent_notes(self.source, body="Five", partner_ids=self.manager.partner_id.ids)
        five.with_user(self.manager).toggle_message_starred()
        loose = self.env["ir.attachment"].create(
            {"name": "loose.txt", "res_model": self.source._name, "res_id": self.source.id}
        )
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(self.source._name),
                "res_id": self.source.id,
                "rating": 4,
                "consumed": True,
                "message_id": two.id,
            }
        )
        self.merge(self.source, self.target)
        self.assertEqual(self.said(self.target), ["One", "Two", "Three", "Four", "Five"])
        self.assertEqual(self.said(self.source), [])
        self.assertEqual((four.attachment_ids + loose).mapped("res_id"), [self.target.id] * 2)
        self.assertEqual(self.target.rating_ids, rating)
        self.assertEqual(self.target.rating_last_value, 4)
        self.assertEqual(rating.res_name, self.target.display_name)
        managers = self.target.with_user(self.manager)
        self.assertTrue(managers.message_needaction)
        self.assertIn(five, managers.message_ids.filtered("starred"))
        self.assertIn("lost packets", four.attachment_ids.with_user(self.agent_voice).raw.decode())

    def test_people_tags_activities_and_relations_move(self):
        tags = self.env["telecom.ticket.tag"].create([{"name": "Fax"}, {"name": "Lift"}])
        follow_up, related = (self.make_ticket(name=name) for name in ("F", "R"))
        follow_up.follow_up_of_id = self.source
        self.source.write(
            {
                "user_id": self.agent_internet.id,
                "collaborator_ids": [Command.set(self.manager.ids)],
                "tag_ids": [Command.set(tags.ids)],
                "related_ids": [Command.set(related.ids)],
                "service_id": self.service_voice.id,
                "date_deadline": "2026-03-02 12:00:00",
                "partner_id": self.portal_colleague.partner_id.id,
            }
        )
        self.target.tag_ids = tags[0]
        self.source.email_cc, self.target.email_cc = "a@x.example, B@x.example", "b@x.example"
        activity = self.source.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.agent_voice.id
        )
        self.merge(self.source, self.target)
        self.assertEqual(self.target.collaborator_ids, self.manager + self.agent_internet)
        self.assertEqual(self.target.tag_ids, tags)
        self.assertEqual(follow_up.follow_up_of_id, self.target)
        self.assertEqual((self.target.related_ids, related.related_ids), (related, self.target))
        self.assertEqual(self.target.activity_ids, activity)
        self.assertEqual(activity.res_name, self.target.display_name)
        self.assertEqual(self.target.service_id, self.service_voice)
        self.assertTrue(self.target.date_deadline)
        self.assertIn(self.portal_colleague.partner_id, self.target.message_partner_ids)
        self.assertEqual(self.target.email_cc.lower(), "a@x.example, b@x.example")
        self.assertFalse(self.source.related_ids)

    def test_the_merged_ticket_points_to_its_target(self):
        self.source.description = "<p>Since the storm</p>"
        self.customer_writes(self.source)
        action = self.merge(self.source, self.target)
        self.assertEqual(
            (action["res_model"], action["res_id"]), (self.target._name, self.target.id)
        )
        self.assertEqual(self.source.merged_into_id, self.target)
        self.assertEqual(self.source.state, "cancelled")
        entry = self.source.transition_ids[-1]
        self.assertEqual(entry.reason, f"Merged into {self.target.number}")
        self.assertEqual(entry.user_id, self.agent_voice)
        on_target, on_source = self.target.message_ids[0], self.source.message_ids[0]
        self.assertIn(f'data-oe-id="{self.source.id}"', on_target.body)
        self.assertIn("(messages: 1)", on_target.body)
        self.assertIn("Since the storm", on_target.body)
        self.assertIn(f'data-oe-id="{self.target.id}"', on_source.body)
        self.assertEqual(on_target.author_id, self.agent_voice.partner_id)
        for message in on_target + on_source:
            self.assertFalse(self.target._is_public(message))

    def test_the_customer_gets_no_mail_about_it(self):
        self.stage("cancelled").mail_template_id = self.env["mail.template"].create(
            {
                "name": "Cancelled",
                "model_id": self.env["ir.model"]._get_id("telecom.ticket"),
                "body_html": "<p>Your ticket was cancelled</p>",
            }
        )
        before = self.env["mail.mail"].search_count([])
        self.merge(self.source, self.target)
        self.flush_tracking()
        self.assertEqual(self.env["mail.mail"].search_count([]), before)

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_when_people_wrote_is_combined(self):
        with frozen("2026-03-02 08:00:00"):
            target = self.make_ticket()
        with frozen("2026-03-02 09:00:00"):
            source = self.make_ticket()
        with frozen("2026-03-02 10:00:00"):
            self.customer_writes(target)
            self.agent_replies(source)
        with frozen("2026-03-02 11:00:00"):
            self.customer_writes(source)
            self.agent_replies(target)
        self.merge(source, target)
        hours = {
            name: target[name].hour
            for name in (
                "first_response_at",
                "last_customer_message_at",
                "last_agent_reply_at",
                "unanswered_since",
            )
        }
        self.assertEqual(
            hours,
            {
                "first_response_at": 10,
                "last_customer_message_at": 11,
                "last_agent_reply_at": 11,
                "unanswered_since": 11,
            },
        )

    def test_an_answer_before_the_target_came_in_did_not_answer_it(self):
        with frozen("2026-03-02 08:00:00"):
            source = self.make_ticket()
            self.agent_replies(source)
        with frozen("2026-03-02 09:00:00"):
            target = self.make_ticket()
        self.merge(source, target)
        self.assertFalse(target.first_response_at)
        self.assertEqual(target.unanswered_since.hour, 9)

    def test_a_resolved_ticket_is_taken_up_again_for_one_that_is_not_done(self):
        self.target.action_resolve()
        self.merge(self.source, self.target)
        self.assertEqual(self.target.state, "open")
        self.assertEqual(self.target.reopen_count, 1)

    def test_a_resolved_ticket_stays_so_for_one_that_is_done_too(self):
        (self.target + self.source).action_resolve()
        self.merge(self.source, self.target)
        self.assertEqual(self.target.state, "resolved")

    def test_a_ticket_that_waits_for_the_customer_has_heard_of_them(self):
        self.target.stage_id = self.stage("waiting_customer")
        self.merge(self.source, self.target)
        self.assertEqual(self.target.state, "open")

    def test_a_target_merged_meanwhile_is_followed_to_its_end(self):
        last = self.make_ticket(name="Last")
        first = self.make_ticket(name="First")
        self.merge(self.target, last)
        first.with_user(self.agent_voice)._merge(self.target.with_user(self.agent_voice))
        self.assertEqual(first.merged_into_id, last)

    def test_each_of_a_chain_points_to_its_end(self):
        last = self.make_ticket(name="Last")
        self.customer_writes(self.source, "One")
        self.merge(self.source, self.target)
        self.merge(self.target, last)
        self.assertEqual((self.source + self.target).merged_into_id, last)
        self.assertEqual(self.said(last), ["One"])

    def test_an_unknown_sender_becomes_known(self):
        unknown = self.make_ticket(partner_id=False, partner_email=self.customer_contact.email)
        self.merge(self.source, unknown)
        self.assertEqual(unknown.partner_id, self.customer_contact)
        self.assertIn(self.customer_contact, unknown.message_partner_ids)

    def test_a_fault_declared_twice_becomes_one_incident(self):
        (self.source + self.target).incident_kind = "incident"
        child = self.make_ticket(parent_id=self.source.id)
        self.source.affected_service_ids = self.service_voice
        update = self.env["telecom.incident.update"].create({"incident_id": self.source.id})
        self.merge(self.source, self.target)
        self.assertEqual(self.target.child_ids, child)
        self.assertEqual(self.target.affected_service_ids, self.service_voice)
        self.assertEqual(update.incident_id, self.target)

    def test_the_target_is_tied_to_the_incident_of_what_was_merged(self):
        incident = self.make_ticket(incident_kind="incident")
        self.source.parent_id = incident
        self.merge(self.source, self.target)
        self.assertEqual(incident.child_ids, self.target)


class TestMergeRefused(MergeCase):
    """Each with a clear error, and nothing moved."""

    def test_customers_who_would_read_each_other(self):
        stranger = self.make_ticket(partner_id=self.portal_other.partner_id.id)
        self.assertRefused(
            f"{self.source.number} is from ACME, .* from Globex.*Link", self.source, stranger
        )

    def test_unknown_senders_who_are_not_the_same(self):
        unknown = self.make_ticket(partner_id=False, partner_email="someone@else.example")
        self.assertRefused("someone@else.example", self.source, unknown)

    def test_a_ticket_and_an_incident(self):
        incident = self.make_ticket(incident_kind="incident")
        self.assertRefused(f"Link {self.source.number} to {incident.number}", self.source, incident)
        self.assertRefused(f"Link {self.source.number} to {incident.number}", incident, self.source)

    def test_into_itself(self):
        self.assertRefused("into itself", self.source, self.source)

    def test_a_cycle(self):
        self.merge(self.target, self.source)
        with self.assertRaisesRegex(UserError, "into itself"):
            self.source._merge(self.target)

    def test_what_was_merged_already(self):
        other = self.make_ticket()
        self.merge(self.source, self.target)
        with self.assertRaisesRegex(RedirectWarning, f"merged into {self.target.number}"):
            self.merge(self.source, other)

    def test_into_a_cancelled_ticket(self):
        self.target.action_cancel()
        self.assertRefused("was cancelled", self.source, self.target)

    def test_an_open_ticket_into_one_closed_long_ago(self):
        with frozen("2026-01-02 09:00:00"):
            self.target.action_close()
        self.assertRefused("closed too long ago", self.source, self.target)

    def test_another_company(self):
        company = self.env["res.company"].create({"name": "Operator Two"})
        self.manager.company_ids += company
        theirs = self.make_ticket(team_id=False, company_id=company.id)
        both = {"allowed_company_ids": self.manager.company_ids.ids}
        manager = self.env(user=self.manager, context=both)
        with self.assertRaisesRegex(UserError, "different companies"):
            self.source.with_env(manager)._merge(theirs.with_env(manager))

    def test_without_access_to_both(self):
        theirs = self.make_ticket(team_id=self.team_internet.id)
        for source, target in ((self.source, theirs), (theirs, self.source)):
            with self.assertRaises(AccessError):
                source.with_user(self.agent_voice)._merge(target.with_user(self.agent_voice))
        for user in (self.internal_user, self.portal_user):
            with self.assertRaises(AccessError):
                self.source.with_user(user)._merge(self.target.with_user(user))

    def test_the_wizard_says_why_and_offers_to_link_instead(self):
        stranger = self.make_ticket(partner_id=self.portal_other.partner_id.id)
        action = self.source.with_user(self.agent_voice).action_merge()
        wizards = self.env[action["res_model"]].with_user(self.agent_voice)
        wizard = Form(wizards.with_context(**action["context"]))
        wizard.target_id = stranger
        self.assertIn("would read what the other wrote", wizard.problem)
        wizard.save().action_link()
        self.assertEqual(self.source.related_ids, stranger)


class TestMergeWizard(MergeCase):
    """Choosing what is merged into what."""

    def wizard(self, tickets, user=None):
        action = tickets.with_user(user or self.agent_voice).action_merge()
        wizards = self.env[action["res_model"]].with_user(user or self.agent_voice)
        return Form(wizards.with_context(**action["context"]))

    def test_of_a_selection_the_oldest_open_one_stays(self):
        with frozen("2026-01-01 09:00:00"):
            oldest = self.make_ticket()
            oldest.action_resolve()
        with frozen("2026-01-02 09:00:00"):
            older = self.make_ticket()
        tickets = self.source + older + self.target + oldest
        wizard = self.wizard(tickets)
        self.assertEqual(wizard.target_id, older)
        done = wizard.save().action_merge()
        self.assertIn(f"Tickets merged into {older.number}", done["params"]["message"])
        self.assertEqual((tickets - older).merged_into_id, older)

    def test_or_another_one_that_is_chosen(self):
        wizard = self.wizard(self.source + self.target)
        wizard.target_id = self.source
        wizard.save().action_merge()
        self.assertEqual(self.target.merged_into_id, self.source)

    def test_the_same_customers_only_other_open_ticket_is_proposed(self):
        self.assertEqual(self.wizard(self.source).target_id, self.target)
        self.make_ticket()
        self.assertFalse(self.wizard(self.source).target_id)

    def test_the_same_customers_open_tickets_are_offered_first(self):
        done = self.make_ticket()
        done.action_resolve()
        stranger = self.make_ticket(partner_id=self.portal_other.partner_id.id, priority="3")
        tickets = self.env["telecom.ticket"].with_user(self.agent_voice)
        near = tickets.with_context(telecom_near_ticket=self.source.id)
        offered = [id_ for id_, _name in near.name_search()]
        self.assertEqual(offered[:3], [self.target.id, done.id, stranger.id])
        self.assertNotIn(self.source.id, offered)

    def test_found_by_number_and_by_customer(self):
        stranger = self.make_ticket(partner_id=self.portal_other.partner_id.id)
        tickets = self.env["telecom.ticket"].with_user(self.agent_voice)
        near = tickets.with_context(telecom_near_ticket=self.source.id)
        for text in (stranger.number, "Globex"):
            self.assertIn(stranger.id, [id_ for id_, _name in near.name_search(text)])


class TestMergedTicket(MergeCase):
    """What comes to a merged ticket afterwards reaches its target."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first_word = cls.customer_writes(cls.source, "First word")
        cls.source.with_user(cls.agent_voice)._merge(cls.target.with_user(cls.agent_voice))

    def test_mail_to_it_lands_on_the_target(self):
        known = self.first_word.message_id
        message = self.customer_mails(self.target, "By mail", In_Reply_To=known, References=known)
        self.assertEqual(message.res_id, self.target.id)
        self.assertFalse(self.source.search([("follow_up_of_id", "=", self.source.id)]))

    def test_so_does_what_the_customer_writes_in_the_portal(self):
        message = self.customer_writes(self.source, "In the portal")
        self.assertEqual(message.res_id, self.target.id)
        self.assertEqual(message.author_id, self.customer_contact)
        self.assertTrue(self.target.last_customer_message_at)

    def test_even_of_a_customer_who_does_not_see_the_target(self):
        theirs = self.make_ticket(partner_id=self.portal_colleague.partner_id.id)
        theirs.with_user(self.agent_voice)._merge(self.target.with_user(self.agent_voice))
        self.assertFalse(self.target.with_user(self.portal_colleague).has_access("read"))
        message = self.customer_writes(theirs, "Me too", user=self.portal_colleague)
        self.assertEqual(message.res_id, self.target.id)
        self.assertEqual(message.author_id, self.portal_colleague.partner_id)

    def test_a_colleague_of_the_account_sees_the_target_where_their_scope_says_so(self):
        reader = self.make_portal_user(
            self.make_partner(
                "Bea Boss", parent_id=self.customer.id, telecom_portal_scope="company"
            )
        )
        self.assertTrue(self.target.with_user(reader).has_access("read"))
        self.assertTrue(self.first_word.with_user(reader).has_access("read"))
        with self.assertRaises(AccessError):
            self.source.with_user(reader).read(["merged_into_id"])

    def test_an_agent_who_answers_on_it_is_shown_the_target(self):
        for write in (self.agent_replies, self.agent_notes):
            with self.assertRaisesRegex(RedirectWarning, self.target.number) as caught:
                write(self.source)
            self.assertEqual(caught.exception.args[1]["res_id"], self.target.id)

    def test_it_cannot_be_taken_up_again(self):
        for action in ("action_reopen", "action_resolve"):
            with self.assertRaises(RedirectWarning):
                getattr(self.source.with_user(self.agent_voice), action)()
        self.assertEqual(self.source.state, "cancelled")


class TestMergeCost(MergeCase):
    """Constant queries, seconds for thousands of messages."""

    def fill(self, ticket, count):
        messages = self.env["mail.message"].create(
            [
                {
                    "model": ticket._name,
                    "res_id": ticket.id,
                    "body": f"<p>Message {number}</p>",
                    "message_type": "comment",
                    "subtype_id": self.env.ref("mail.mt_comment").id,
                    "author_id": self.customer_contact.id,
                    "date": ticket.create_date + timedelta(minutes=number),
                }
                for number in range(count)
            ]
        )
        self.env["ir.attachment"].create(
            [
                {"name": f"{number}.txt", "res_model": ticket._name, "res_id": ticket.id}
                for number in range(count // 10)
            ]
        )
        self.env.flush_all()
        return messages

    def measure(self, count):
        """Queries and seconds to merge two tickets with ``count`` messages each."""
        source, target = self.make_ticket(), self.make_ticket()
        self.fill(source, count)
        self.fill(target, count)
        self.env.invalidate_all()
        queries, begun = self.env.cr.sql_log_count, time.monotonic()
        self.merge(source, target)
        self.env.flush_all()
        spent, queries = time.monotonic() - begun, self.env.cr.sql_log_count - queries
        self.assertEqual(len(self.said(target)), 2 * count)
        return queries, spent

    def test_two_tickets_with_1000_messages_each(self):
        self.measure(1)  # what is read once: rights, views, names
        few, _spent = self.measure(10)
        many, spent = self.measure(1000)
        self.assertEqual(many, few)
        self.assertLess(spent, 5)
