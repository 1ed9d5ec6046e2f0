from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

from ..incident_common import IncidentCase

GROUP = "telecom_helpdesk.group_incident_communicator"
TEXTS = {"en_US": "We are on it.", "fr_FR": "Nous y travaillons.", "de_DE": "Wir arbeiten daran."}
SECRET = "Olga Oma here, SECRET-7 is dead, my knee hurts"


class PublicIncidentCase(IncidentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners, cls.services = cls.make_customers(6, ("en_US", "fr_FR", "de_DE"))
        cls.partners.city = "Lyon"


class TestPublicTitle(PublicIncidentCase):
    """What the public reads of an incident is written for it: no customer's word or name."""

    def declare(self, **values):
        """The incident that an agent makes of what a customer reports."""
        values = {"name": SECRET, "service_id": self.service_voice.id, **values}
        ticket = self.make_ticket(as_user=self.agent_voice, **values)
        action = ticket.with_user(self.agent_voice).action_declare_incident()
        incident = self.env[action["res_model"]].browse(action["res_id"])
        incident.affected_service_ids += self.services
        return incident, ticket

    def mails(self, since):
        return self.env["mail.mail"].search([("id", ">", since)])

    def test_an_incident_of_a_customers_ticket_says_nothing_of_them(self):
        self.customer.city = "Lyon"
        incident, ticket = self.declare()
        self.assertEqual(ticket.parent_id, incident)
        self.assertEqual(incident.name, "Disruption: SIP Trunk, Lyon")
        self.assertNotIn("SECRET", incident.name + str(incident.description or ""))
        self.env["telecom.ticket"].with_user(self.agent_internet).browse(incident.id).read(["name"])

    def test_nothing_known_of_the_service_is_nothing_said(self):
        incident, _ticket = self.declare(service_id=False)
        self.assertEqual(incident.name, "Major incident")

    def test_each_text_needs_a_title_before_it_is_mailed(self):
        incident, _ticket = self.declare()
        draft = self.write_draft(TEXTS, incident, reach="all")
        self.assertFalse(any(draft.text_ids.mapped("title")), "empty until somebody writes it")
        with self.assertRaisesRegex(UserError, "give it a title in .*English.*"):
            draft.action_send()
        draft.text_ids.filtered(lambda text: text.lang == "en_US").title = "Calls fail"
        draft.text_ids.filtered(lambda text: text.lang == "fr_FR").title = " "
        with self.assertRaisesRegex(UserError, "French"):
            draft.action_send()
        draft.text_ids.title = "Calls fail"
        draft.action_send()

    def test_no_customer_reads_another_ones_words(self):
        incident, ticket = self.declare()
        last = self.env["mail.mail"].search([], order="id desc", limit=1).id or 0
        draft = self.write_draft(TEXTS, incident, reach="all")
        draft.action_use_suggested_titles()
        draft.action_send()
        self.run_deliveries()
        mails = self.mails(last)
        own = mails.filtered(lambda mail: mail.recipient_ids & ticket.partner_id)
        self.assertEqual(len(mails - own), 6)
        for mail in mails - own:
            self.assertNotRegex(f"{mail.subject} {mail.body_html}", "SECRET|Olga|ACME|knee")
            self.assertNotIn(incident.number, f"{mail.subject} {mail.body_html}")

    def test_each_customer_reads_the_title_in_their_language(self):
        self.services[0].type_id.with_context(lang="de_DE").name = "SIP-Anschluss"
        self.incident.affected_service_ids = self.services
        draft = self.write_draft(TEXTS, reach="all")
        suggested = {text.lang: text.title_suggestion for text in draft.text_ids}
        self.assertEqual(suggested["en_US"], "Disruption: SIP Trunk, Lyon")
        self.assertIn("SIP-Anschluss, Lyon", suggested["de_DE"])
        for text in draft.text_ids:
            text.title = f"Title {text.lang}"
        last = self.env["mail.mail"].search([], order="id desc", limit=1).id or 0
        draft.action_send()
        self.run_deliveries()
        for mail in self.mails(last):
            self.assertEqual(mail.subject, f"Title {mail.recipient_ids.lang}")
            self.assertIn(f"Title {mail.recipient_ids.lang}", mail.body_html)

    def test_the_next_update_has_the_titles_that_were_sent(self):
        self.incident.affected_service_ids = self.services
        self.write_update(TEXTS, reach="all", title="Calls fail")
        draft = self.write_draft({}, reach="all")
        self.assertEqual(set(draft.text_ids.mapped("title")), {"Calls fail"})

    def test_what_is_sent_a_thousand_times_has_bounds(self):
        draft = self.write_draft(TEXTS)
        for values in ({"title": "x" * 201}, {"body": "x" * 20_001}):
            with self.assertRaisesRegex(ValidationError, "too long for an update"):
                draft.text_ids[0].write(values)

    def test_a_title_nobody_reads_is_not_asked_for(self):
        self.make_children(self.partners[:2])
        update = self.write_update(TEXTS, reach="tickets")
        self.assertTrue(update.sent_at)

    def test_the_suggestion_is_short_where_much_is_hit(self):
        self.incident.affected_service_ids = self.services
        self.partners[0].city = "Paris"
        suggest = self.incident.with_context(lang="en_US")._suggest_incident_title
        self.assertEqual(suggest(), "Disruption: SIP Trunk")
        for service, name in zip(self.services, ("A", "B", "C", "D"), strict=False):
            service.type_id = self.env["telecom.service.type"].create({"name": name})
        self.assertFalse(suggest())


class TestWhoReads(PublicIncidentCase):
    """Before an update is sent the agent sees who will read it."""

    def test_accounts_are_named(self):
        self.make_children(self.partners[:2])
        self.incident.affected_service_ids = self.services
        draft = self.write_draft(TEXTS)
        self.assertEqual(draft.reader_names, "Customer 0, Customer 1")
        draft.reach = "all"
        self.assertEqual(draft.reader_names.count("Customer"), 6)
        self.assertIn("Customers who will read this: 6", draft.reader_notice)
        found = self.env["res.partner"].search(draft.action_open_readers()["domain"])
        self.assertEqual(found, self.partners)

    def test_many_are_counted(self):
        partners, services = self.make_customers(40)
        self.incident.affected_service_ids = services
        draft = self.write_draft({"en_US": "Down"}, reach="all")
        self.assertEqual(len(draft.reader_names.split(", ")), 13)
        self.assertIn("28 more", draft.reader_names)
        self.assertEqual(len(partners), 40)

    def test_callers_without_an_account_are_counted(self):
        self.make_ticket(partner_id=False, partner_email="x@y.example", parent_id=self.incident.id)
        self.assertEqual(self.write_draft({"en_US": "Down"}).reader_names, "1 more")


class TestWhoSends(PublicIncidentCase):
    """Writing to many takes a right of its own; others write the draft and ask."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.children = cls.make_children(cls.partners[:2])
        cls.sender = cls.make_user("sender", GROUP, name="Sam Sender")
        cls.team_voice.member_ids += cls.sender
        cls.agent_voice.group_ids -= cls.env.ref(GROUP)
        cls.team_voice.leader_id = False

    def test_agents_write_and_do_not_send(self):
        draft = self.write_draft(TEXTS)
        self.assertFalse(draft.may_send)
        with self.assertRaisesRegex(AccessError, "Incident Communication"):
            draft.action_send()
        self.run_deliveries()
        self.assertFalse(self.public_messages(self.children[0]))

    def test_managers_and_who_has_the_right_send(self):
        for user in (self.manager, self.sender):
            self.assertTrue(self.write_update(TEXTS, user=user).sent_at)

    def test_the_draft_waits_for_who_may(self):
        draft = self.write_draft(TEXTS)
        draft.action_ask()
        told = self.incident.activity_ids.filtered(
            lambda activity: activity.activity_type_id.get_external_id()[
                activity.activity_type_id.id
            ].endswith("incident_update")
        )
        self.assertIn(self.sender, told.user_id)
        self.assertNotIn(self.agent_voice, told.user_id)
        self.assertEqual(draft.delivery_summary, "Waiting to be sent")
        update = draft.with_user(self.sender)
        update.action_send()
        self.assertEqual(update.user_id, self.sender)
        self.assertEqual(update.asked_by_id, self.agent_voice)
        self.assertFalse(told.exists().filtered("active"))
        self.run_deliveries()
        [message] = self.public_messages(self.children[0])
        self.assertEqual(message.author_id, self.sender.partner_id)

    def test_what_waits_is_not_changed_behind_the_senders_back(self):
        draft = self.write_draft({"en_US": "We are on it."})
        draft.action_ask()
        text = draft.text_ids[0]
        for change in (
            lambda: text.write({"body": "Something else"}),
            lambda: text.write({"title": "Something else"}),
            text.unlink,
            lambda: draft.write({"text_ids": [Command.update(text.id, {"body": "Else"})]}),
            lambda: draft.write({"reach": "all"}),
            lambda: draft.write({"text_ids": [Command.clear()]}),
            lambda: text.create({"update_id": draft.id, "lang": "de_DE", "body": "x"}),
            draft.unlink,
            draft.action_ask,
        ):
            with self.assertRaises(UserError):
                change()
        draft.action_take_back()
        self.assertFalse(draft.asked_at or self.incident.activity_ids)
        text.body = "Something else"

    def test_nobody_to_ask_is_said(self):
        self.env.ref(GROUP).all_user_ids.filtered(lambda user: user.id > 1).active = False
        draft = self.write_draft(TEXTS)
        with self.assertRaisesRegex(UserError, "Nobody who works on this incident"):
            draft.action_ask()

    def test_an_agent_of_another_team_neither_sends_nor_asks(self):
        draft = self.write_draft(TEXTS)
        self.agent_internet.group_ids += self.env.ref(GROUP)
        for method in ("action_send", "action_ask", "action_take_back", "action_copy_text",
                       "action_use_suggested_titles", "action_retry"):  # fmt: skip
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(draft.with_user(self.agent_internet), method)()

    def test_resolving_without_words_writes_to_nobody(self):
        draft = self.write_draft({}, kind="resolution")
        draft.action_send()
        self.assertEqual(self.incident.state, "resolved")

    def test_resolving_with_words_takes_the_right(self):
        draft = self.write_draft(TEXTS, kind="resolution")
        with self.assertRaises(AccessError):
            draft.action_send()
        self.assertNotEqual(self.incident.state, "resolved")

    def test_a_draft_stays_what_it_is(self):
        draft = self.write_draft(TEXTS)
        other = self.make_incident(name="Other")
        for values in ({"incident_id": other.id}, {"kind": "resolution"}):
            with self.assertRaises(UserError):
                draft.write(values)
        with self.assertRaises(UserError):
            draft.create({"incident_id": self.incident.id, "kind": "cancellation"})
