"""What got through once, each by the call that did it."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCommon
from ..test_access import QUIET_LOGGERS, AccessCase


class AttackCase(AccessCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger("odoo.models", "odoo.orm.models", *QUIET_LOGGERS))

    def call(self, user, name, method, *args, **kwargs):
        """The call of a method of the model ``name``, as it comes in from outside."""
        return call_kw(self.env[name].with_user(user), method, list(args), kwargs)

    def assert_refused(self, user, name, method, *args, **kwargs):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.call(user, name, method, *args, **kwargs)


class TestManagers(AttackCase):
    """A manager of the helpdesk becomes no more than that."""

    def test_a_stage_takes_no_template_of_another_model(self):
        """The mail to a new user, with the sign-up link, stood in the thread of a ticket."""
        template = self.env["mail.template"].create(
            {
                "name": "Invite",
                "model_id": self.env["ir.model"]._get_id("res.users"),
                "body_html": "Hello",
            }
        )
        stage = self.stage("resolved")
        self.manager.company_ids += self.other_company
        with self.assertRaises(ValidationError):
            self.call(
                self.manager,
                "telecom.ticket.stage",
                "write",
                stage.ids,
                {"mail_template_id": template.id},
            )
        # Whoever edits templates may give it another model afterwards.
        stage.mail_template_id = template
        messages = self.voice.message_ids
        self.voice.with_user(self.manager).action_resolve()
        self.env.cr.flush()
        self.assertFalse((self.voice.message_ids - messages).filtered("email_layout_xmlid"))

    def test_what_companies_share_is_changed_by_those_who_work_for_all(self):
        shared = (
            self.stage("new"),
            self.env.ref("telecom_helpdesk.tier_premium"),
            self.env["telecom.ticket.rule"].create({"name": "Everybody's", "escalate": True}),
        )
        for record in shared:
            for user in (self.manager, self.foreign_manager):
                with self.subTest(record=record, user=user.login):
                    self.assert_refused(user, record._name, "write", record.ids, {"name": "Mine"})
                    self.assert_refused(user, record._name, "unlink", record.ids)
                    self.assert_refused(user, record._name, "create", [{"name": "Another"}])
        own = self.env["telecom.ticket.rule"].create(
            {"name": "Own", "escalate": True, "company_id": self.company.id}
        )
        self.call(self.manager, own._name, "write", own.ids, {"name": "Ours"})
        self.assert_refused(self.manager, own._name, "write", own.ids, {"company_id": False})
        self.manager.company_ids += self.other_company
        self.call(self.manager, shared[0]._name, "write", shared[0].ids, {"name": "Fresh"})


class TestAgents(AttackCase):
    def test_no_message_of_others_shows_in_an_unsaved_dialog(self):
        """Private chats included."""
        channel = self.env["discuss.channel"].create({"name": "Board", "channel_type": "group"})
        secret = channel.message_post(body="We sell.", message_type="comment")
        foreign = self.agent_notes(self.internet, body="Theirs", user=self.agent_internet)
        spec = {"message_id": {"fields": {"display_name": {}}}, "preview": {}, "name": {}}
        for message in (secret, foreign):
            for context in ({}, {"default_message_id": message.id}):
                values = {} if context else {"message_id": message.id}
                self.assert_refused(
                    self.agent_voice,
                    "telecom.ticket.split",
                    "onchange",
                    [],
                    values,
                    list(values),
                    spec,
                    context=context,
                )

    def test_no_ticket_of_others_shows_in_an_unsaved_dialog(self):
        spec = {"target_customer_id": {"fields": {"display_name": {}}}}
        for values in (
            {"target_id": self.internet.id},
            {"target_id": {"id": self.internet.id}},
            {"target_id": [self.internet.id, "Mine"]},
            {"ticket_ids": [Command.link(self.internet.id)]},
        ):
            self.assert_refused(
                self.agent_voice, "telecom.ticket.merge", "onchange", [], values, [*values], spec
            )

    def test_what_the_software_owns_is_not_written(self):
        foreign = self.make_foreign_ticket()
        for name, value in (
            ("merged_into_id", foreign.id),
            ("merged_into_id", self.no_team.id),
            ("follow_up_of_id", foreign.id),
            ("number", "X-1"),
            ("first_response_at", "2020-01-01 00:00:00"),
            ("unanswered_since", False),
            ("escalated_at", "2020-01-01 00:00:00"),
            ("access_token", "mine"),
        ):
            for user in (self.agent_voice, self.manager, self.env.ref("base.user_admin")):
                with self.subTest(field=name, user=user.login):
                    model = "telecom.ticket"
                    self.assert_refused(user, model, "write", self.voice.ids, {name: value})
                    self.assert_refused(user, model, "create", [{"name": "New", name: value}])
                    self.assert_refused(
                        user,
                        model,
                        "create",
                        [{"name": "New"}],
                        context={f"default_{name}": value},
                    )
                    child = Command.update(self.voice.id, {name: value})
                    self.assert_refused(
                        user, model, "write", self.no_team.ids, {"child_ids": [child]}
                    )

    def make_foreign_ticket(self):
        return self.env["telecom.ticket"].create(
            {"name": "Theirs", "company_id": self.other_company.id}
        )

    def test_nobody_speaks_on_a_ticket_of_another_company(self):
        foreign = self.make_foreign_ticket()
        self.assert_refused(
            self.agent_voice,
            "telecom.ticket",
            "write",
            self.voice.ids,
            {"merged_into_id": foreign.id},
        )
        self.voice.with_user(self.agent_voice).message_post(
            body="Hello", message_type="email", subtype_xmlid="mail.mt_comment"
        )
        self.assertFalse(foreign.message_ids.filtered(lambda m: m.message_type == "email"))

    def test_a_dialog_is_its_owners(self):
        wizard = self.env["telecom.ticket.merge"].with_user(self.agent_voice)
        wizard = wizard.create(
            {"ticket_ids": [Command.set(self.voice.ids)], "target_id": self.no_team.id}
        )
        for user in (self.agent_internet, self.manager, self.foreign_manager):
            with self.subTest(user=user.login):
                self.assert_refused(user, wizard._name, "read", wizard.ids, ["target_id"])
                self.assert_refused(user, wizard._name, "write", wizard.ids, {})
                self.assert_refused(user, wizard._name, "action_merge", wizard.ids)
                found = self.env[wizard._name].with_user(user).search([("id", "=", wizard.id)])
                self.assertFalse(found)

    def test_a_dialog_checks_its_tickets_when_it_acts(self):
        wizard = self.env["telecom.ticket.assign"].with_user(self.agent_voice)
        wizard = wizard.create(
            {"ticket_ids": [Command.set(self.voice.ids)], "user_id": self.agent_voice.id}
        )
        self.team_voice.member_ids -= self.agent_voice
        self.env.invalidate_all()
        self.assertFalse(wizard.ticket_ids)
        self.assertFalse(self.voice.user_id)

    def test_notifications_and_activities_do_not_name_a_ticket(self):
        """Whoever tells somebody of a document gets its name told."""
        ticket = self.internet
        comment = self.env.ref("mail.mt_comment")
        for user in (self.internal_user, self.agent_voice):
            with self.subTest(user=user.login):
                values = {
                    "model": ticket._name,
                    "res_id": ticket.id,
                    "message_type": "user_notification",
                    "subtype_id": comment.id,
                }
                self.assert_refused(user, "mail.message", "create", [values])
                self.assert_refused(
                    user,
                    "mail.thread",
                    "message_notify",
                    [],
                    model=ticket._name,
                    res_id=ticket.id,
                    partner_ids=user.partner_id.ids,
                    body="?",
                )
                activity = self.env["mail.activity"].with_user(user).create({"user_id": user.id})
                self.assert_refused(
                    user,
                    "mail.activity",
                    "write",
                    activity.ids,
                    {
                        "res_model_id": self.env["ir.model"]._get_id(ticket._name),
                        "res_id": ticket.id,
                    },
                )

    def test_a_search_nearby_does_not_tell_whose_ticket_it_is(self):
        tickets = self.env["telecom.ticket"].with_user(self.agent_voice)
        plain = tickets.name_search("")
        near = tickets.with_context(telecom_near_ticket=self.internet.id).name_search("")
        self.assertEqual(near, plain)

    def test_ratings_are_for_those_who_read_the_ticket(self):
        rating = self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("telecom.ticket"),
                "res_id": self.voice.id,
                "rating": 1,
                "feedback": "Never again",
            }
        )
        for user, found in (
            (self.agent_voice, rating),
            (self.agent_internet, rating.browse()),
            (self.internal_user, rating.browse()),
            (self.foreign_manager, rating.browse()),
        ):
            with self.subTest(user=user.login):
                ratings = self.env["rating.rating"].with_user(user)
                domain = [("feedback", "ilike", "never")]
                self.assertEqual(ratings.search(domain), found)
                self.assert_refused(user, "rating.rating", "write", rating.ids, {"rating": 5})
                if not found:
                    self.assert_refused(user, "rating.rating", "read", rating.ids, ["feedback"])


class TestCustomers(AttackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reply = cls.agent_replies(cls.voice, body="We see the fault.")
        cls.note = cls.agent_notes(cls.voice, body="They have not paid.")
        cls.note.attachment_ids = cls.env["ir.attachment"].create(
            {"name": "debts.pdf", "raw": b"x", "res_model": cls.voice._name, "res_id": cls.voice.id}
        )
        cls.env.flush_all()

    def test_internal_notes_are_not_guessed_by_searching(self):
        for path, word in (
            ("website_message_ids.body", "paid"),
            ("message_ids.body", "paid"),
            ("website_message_ids.attachment_ids.name", "debts"),
            ("website_message_ids.author_id.name", "Vera"),
            ("user_id.login", "agent"),
            ("partner_id.email", "carla"),
        ):
            for condition in (
                (path, "ilike", word),
                (path.split(".")[0], "any", [(path.partition(".")[2], "ilike", word)]),
            ):
                with self.subTest(condition=condition):
                    domain = [("id", "=", self.voice.id), condition]
                    model = "telecom.ticket"
                    self.assert_refused(self.portal_user, model, "search_count", domain)
                    self.assert_refused(
                        self.portal_user, model, "formatted_read_group", domain, [], ["__count"]
                    )
        readable = self.voice.with_user(self.portal_user).website_message_ids
        self.assertEqual(readable, self.reply)

    def test_a_customer_edits_nobodys_message(self):
        own = self.customer_writes(self.voice)
        self.reply.sudo().partner_ids += self.customer_contact  # they were notified of it
        for message in (self.reply, own):
            for values in ({"body": "You get it for free."}, {"is_internal": True}):
                self.assert_refused(self.portal_user, "mail.message", "write", message.ids, values)
            self.assert_refused(self.portal_user, "mail.message", "unlink", message.ids)
        self.assert_refused(
            self.portal_user,
            "mail.message",
            "create",
            [{"model": "telecom.ticket", "res_id": self.voice.id, "body": "x"}],
        )

    def test_a_customer_says_neither_who_hears_nor_as_what(self):
        stranger = self.make_partner("Sam Stranger")
        message = self.voice.with_user(self.portal_user).message_post(
            body="Buy this",
            outgoing_email_to="somebody@example.org",
            partner_ids=stranger.ids,
            subtype_xmlid="mail.mt_note",
            message_type="notification",
            email_from="support@operator.example.com",
            subject="Your contract",
        )
        message = message.sudo()
        self.assertEqual(message.author_id, self.customer_contact)
        self.assertEqual((message.message_type, message.is_internal), ("comment", False))
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertFalse(message.outgoing_email_to or message.partner_ids)
        self.assertNotIn(stranger, message.notified_partner_ids)
        self.assertFalse(
            self.env["mail.mail"]
            .search([("mail_message_id", "=", message.id)])
            .filtered("email_to")
        )

    def test_a_customer_notifies_nobody(self):
        self.assert_refused(
            self.portal_user,
            "mail.thread",
            "message_notify",
            [],
            partner_ids=self.other_customer.ids,
            body="x",
        )
        self.assert_refused(
            self.portal_user,
            "telecom.ticket",
            "message_subscribe",
            self.voice.ids,
            self.customer_contact.ids,
            self.env.ref("mail.mt_note").ids,
        )

    def test_a_customer_sends_no_file_of_others(self):
        with self.assertRaises(AccessError):
            self.voice.with_user(self.portal_user).message_post(
                body="Look", attachment_ids=self.note.attachment_ids.ids
            )


@tagged("-at_install", "post_install")
class TestRoutes(HelpdeskCommon, HttpCase):
    """The same by Odoo's own pages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket()
        cls.reply = cls.agent_replies(cls.ticket, body="We see the fault.")
        cls.portal_user.password = "portal portal"

    def setUp(self):
        super().setUp()
        self.authenticate(self.portal_user.login, "portal portal")

    @mute_logger("odoo.http")
    def test_odoos_routes_let_a_customer_write_new_messages_alone(self):
        posted = self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "telecom.ticket",
                "thread_id": self.ticket.id,
                "post_data": {
                    "body": "Any news?",
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_note",
                    "outgoing_email_to": "somebody@example.org",
                },
            },
        )
        message = self.env["mail.message"].browse(posted["message_id"])
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertFalse(message.outgoing_email_to)
        self.assertEqual(message.author_id, self.customer_contact)
        for url, params in (
            ("/mail/update_is_internal", {"message_id": self.reply.id, "is_internal": True}),
            ("/mail/update_is_internal", {"message_id": message.id, "is_internal": True}),
            (
                "/mail/message/update_content",
                {"message_id": message.id, "update_data": {"body": "Never said"}},
            ),
            (
                "/mail/message/reaction",
                {"message_id": self.reply.id, "content": "👎", "action": "add"},
            ),
        ):
            with self.subTest(url=url), self.assertRaises(JsonRpcException):
                self.make_jsonrpc_request(url, params)
        self.assertIn("Any news?", message.body)
        self.assertFalse(self.reply.is_internal)


class TestBadValues(AttackCase):
    def test_an_instant_that_no_calendar_has_is_refused_in_words(self):
        for value in ("0001-01-01 00:00:00", "9999-12-31 23:59:59"):
            with self.subTest(value=value), self.assertRaises(UserError):
                self.call(
                    self.agent_voice,
                    "telecom.ticket",
                    "write",
                    self.voice.ids,
                    {"date_deadline": value},
                )
