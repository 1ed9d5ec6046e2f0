from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from ..common import HelpdeskCase


class MacroCase(HelpdeskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket = cls.make_ticket()
        cls.tag = cls.env["telecom.ticket.tag"].create({"name": "Fax"})
        cls.env["telecom.ticket.macro"].search([]).active = False
        cls.macro = cls.make_macro(
            body='<p>Dear <t t-out="object.partner_name"/>, about <t t-out="object.number"/>.</p>',
            review=False,
            stage_id=cls.stage("waiting_customer").id,
            priority="2",
            added_tag_ids=[Command.set(cls.tag.ids)],
            assignment="me",
        )

    @classmethod
    def make_macro(cls, name="Restart the router", **values):
        macros = cls.env["telecom.ticket.macro"].with_user(cls.manager)
        return macros.create({"name": name, "company_id": False, **values}).with_env(cls.env)

    def apply(self, macro=None, ticket=None, user=None):
        """One click in the menu of the form."""
        ticket = (ticket or self.ticket).with_user(user or self.agent_voice)
        return ticket.action_apply_macro((macro or self.macro).id)

    def apply_to_selection(self, tickets, macro=None, user=None):
        """Through the wizard of the list; returns what the user is told."""
        env = self.env(user=user or self.agent_voice)
        action = tickets.with_env(env).action_choose_macro()
        wizard = Form(env[action["res_model"]].with_context(**action["context"]))
        wizard.macro_id = macro or self.macro
        return wizard.save().action_apply()["params"]


class TestMacro(MacroCase):
    """One click applies an answer with stage, priority, tags and agent."""

    def test_one_click(self):
        self.assertIsNone(self.apply())
        reply = self.ticket.message_ids.filtered(lambda message: message.message_type == "comment")
        self.assertEqual(reply.preview, f"Dear Carla Contact, about {self.ticket.number}.")
        self.assertEqual(reply.author_id, self.agent_voice.partner_id)
        self.assertTrue(self.ticket._is_public(reply))
        self.assertIn(self.customer_contact, reply.notified_partner_ids)
        self.assertEqual(self.ticket.state, "waiting_customer")
        self.assertEqual(self.ticket.priority, "2")
        self.assertEqual(self.ticket.tag_ids, self.tag)
        self.assertEqual(self.ticket.user_id, self.agent_voice)

    def test_a_reply_counts_as_an_agents_answer(self):
        self.apply()
        self.assertTrue(self.ticket.first_response_at)
        self.assertFalse(self.ticket.unanswered_since)

    def test_the_customer_reads_it_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.macro.with_context(
            lang="fr_FR"
        ).body = '<p>Bonjour <t t-out="object.partner_name"/></p>'
        self.customer_contact.lang = "fr_FR"
        self.apply()
        self.assertEqual(self.ticket.message_ids[0].preview, "Bonjour Carla Contact")

    def test_its_priority_is_a_persons_choice(self):
        self.macro.category_id = self.env["telecom.ticket.category"].create({"name": "Calm"})
        self.apply()
        self.assertEqual(self.ticket.priority, "2")
        self.assertTrue(self.ticket.priority_by_hand)

    def test_a_note_stays_inside_and_answers_nobody(self):
        self.macro.kind = "note"
        self.apply()
        note = self.ticket.message_ids.filtered(lambda message: message.message_type == "comment")
        self.assertFalse(self.ticket._is_public(note))
        self.assertNotIn(self.customer_contact, note.notified_partner_ids)
        self.assertFalse(self.ticket.first_response_at)

    def test_the_macros_stage_counts_not_the_teams_custom(self):
        self.team_voice.wait_after_reply = True
        self.macro.stage_id = self.stage("resolved")
        self.apply()
        self.assertEqual(self.ticket.state, "resolved")

    def test_tags_removed_and_agent_taken_away(self):
        self.ticket.write({"tag_ids": [Command.link(self.tag.id)], "user_id": self.agent_voice.id})
        macro = self.make_macro(removed_tag_ids=[Command.set(self.tag.ids)], assignment="nobody")
        self.apply(macro)
        self.assertFalse(self.ticket.tag_ids)
        self.assertFalse(self.ticket.user_id)
        self.assertNotIn("comment", self.ticket.message_ids.mapped("message_type"))

    def test_a_team_with_a_stage_of_its_own(self):
        own = self.env["telecom.ticket.stage"].create(
            {"name": "Mended", "state": "resolved", "team_ids": [Command.set(self.team_voice.ids)]}
        )
        elsewhere = self.env["telecom.ticket.stage"].create(
            {
                "name": "Solved",
                "state": "resolved",
                "sequence": 1,
                "team_ids": [Command.set(self.team_internet.ids)],
            }
        )
        self.stage("resolved").team_ids = self.team_internet
        self.apply(self.make_macro(stage_id=elsewhere.id))
        self.assertEqual(self.ticket.stage_id, own)

    def test_refused_as_a_whole(self):
        self.macro.stage_id = self.env["telecom.ticket.stage"].create(
            {
                "name": "Parts",
                "state": "waiting_third_party",
                "team_ids": [Command.set(self.team_internet.ids)],
            }
        )
        self.env.ref("telecom_helpdesk.stage_waiting_third_party").team_ids = self.team_internet
        before = len(self.ticket.message_ids)
        with self.assertRaisesRegex(UserError, "no stage with the state"):
            self.apply()
        self.env.invalidate_all()
        self.assertEqual(len(self.ticket.message_ids), before)
        self.assertNotEqual(self.ticket.priority, "2")

    def test_a_merged_ticket_shows_its_target(self):
        self.ticket.with_user(self.agent_voice)._merge(self.make_ticket())
        with self.assertRaises(RedirectWarning):
            self.apply()


class TestMacroReview(MacroCase):
    """A macro whose answer the agent reads before it is sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.macro.review = True

    def composer(self):
        action = self.apply()
        composers = self.env[action["res_model"]].with_user(self.agent_voice)
        return composers.with_context(**action["context"]).create({})

    def test_nothing_happens_before_it_is_sent(self):
        before = len(self.ticket.message_ids)
        composer = self.composer()
        self.assertIn("Dear Carla Contact", composer.body)
        self.assertIn("High", composer.telecom_macro_changes)
        self.assertEqual(len(self.ticket.message_ids), before)
        self.assertEqual((self.ticket.state, self.ticket.priority), ("new", "1"))

    def test_composer_without_a_macro_names_none(self):
        composer = self.env["mail.compose.message"].with_user(self.agent_voice).create({})
        self.assertFalse(composer.telecom_macro_changes)

    def test_sending_applies_the_rest(self):
        composer = self.composer()
        composer.body = "<p>Dear Carla, in my own words.</p>"
        composer.action_send_mail()
        reply = self.ticket.message_ids.filtered(lambda message: message.message_type == "comment")
        self.assertEqual(reply.preview, "Dear Carla, in my own words.")
        self.assertTrue(self.ticket._is_public(reply))
        self.assertEqual((self.ticket.state, self.ticket.priority), ("waiting_customer", "2"))
        self.assertEqual(self.ticket.user_id, self.agent_voice)
        self.assertTrue(self.ticket.first_response_at)

    def test_a_note_is_one_in_the_composer_too(self):
        self.macro.kind = "note"
        composer = self.composer()
        self.assertTrue(composer.subtype_is_log)
        composer.action_send_mail()
        note = self.ticket.message_ids.filtered(lambda message: message.message_type == "comment")
        self.assertFalse(self.ticket._is_public(note))


class TestMacroSelection(MacroCase):
    """A macro on a selection of tickets."""

    def test_each_gets_it_and_who_cannot_is_named(self):
        others = self.make_ticket() + self.make_ticket()
        self.env.ref("telecom_helpdesk.stage_waiting_customer").team_ids = self.team_voice
        theirs = self.make_ticket(team_id=self.team_internet.id, user_id=self.agent_voice.id)
        done = self.apply_to_selection(self.ticket + others + theirs)
        self.assertIn("applied to 3 ticket(s)", done["message"])
        self.assertIn(f"{theirs.number}: Team “Internet” has no stage", done["message"])
        self.assertEqual(done["type"], "warning")
        for ticket in self.ticket + others:
            self.assertEqual((ticket.state, ticket.priority), ("waiting_customer", "2"))
            self.assertTrue(ticket.first_response_at)
        self.assertEqual((theirs.state, theirs.priority), ("new", "1"))
        self.assertFalse(theirs.first_response_at)

    def test_the_wizard_shows_what_the_first_one_gets(self):
        tickets = self.ticket + self.make_ticket()
        action = tickets.with_user(self.agent_voice).action_choose_macro()
        wizards = self.env[action["res_model"]].with_user(self.agent_voice)
        wizard = Form(wizards.with_context(**action["context"]))
        wizard.macro_id = self.macro
        self.assertIn(self.ticket.number, wizard.preview)
        self.assertIn("High", wizard.summary)


class TestMacroOffered(MacroCase):
    """Which macros whom, and who may write them."""

    def names(self, user=None, ticket=None):
        ticket = (ticket or self.ticket).with_user(user or self.agent_voice)
        return [macro["name"] for macro in ticket.get_macros()]

    def test_those_of_the_team_and_of_all(self):
        company_id = self.company.id
        for name, team in (("Ours", self.team_voice), ("Theirs", self.team_internet)):
            self.make_macro(name, company_id=company_id, team_ids=[Command.set(team.ids)])
        self.make_macro("Off", active=False)
        self.assertEqual(self.names(), ["Ours", "Restart the router"])
        self.assertEqual(self.names(ticket=self.make_ticket(team_id=False)), ["Restart the router"])

    def test_not_those_of_another_company(self):
        macro = self.make_macro("Of Two")
        macro.sudo().company_id = self.env["res.company"].create({"name": "Operator Two"})
        self.assertEqual(self.names(), ["Restart the router"])
        with self.assertRaises(AccessError):
            self.apply(self.env["telecom.ticket.macro"].search([("name", "=", "Of Two")]))

    def test_agents_use_and_managers_write(self):
        macro = self.macro.with_user(self.agent_voice)
        self.assertTrue(macro.has_access("read"))
        for operation in ("write", "create", "unlink"):
            self.assertFalse(macro.has_access(operation))
            self.assertTrue(macro.with_user(self.manager).has_access(operation))

    def test_nobody_else_sees_them(self):
        for user in (self.internal_user, self.portal_user, self.public_user):
            with self.assertRaises(AccessError):
                self.macro.with_user(user).check_access("read")
            with self.assertRaises(AccessError):
                self.apply(user=user)

    def test_a_ticket_of_another_team_is_not_touched(self):
        theirs = self.make_ticket(team_id=self.team_internet.id)
        with self.assertRaises(AccessError):
            self.apply(ticket=theirs)

    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_a_broken_placeholder_is_refused_when_saved(self):
        for body, reason in (
            ('<p><t t-out="object.partner_nam"/></p>', "partner_nam"),
            ('<p><t t-out="object.partner_id."/></p>', "SyntaxError"),
            ('<p><t t-foreach="object.tag_ids"/></p>', "t-as"),
        ):
            with self.assertRaisesRegex(ValidationError, f"text of “Broken”.*{reason}"):
                self.env["telecom.ticket.macro"].create({"name": "Broken", "body": body})

    def test_so_it_is_for_a_manager_who_may_use_the_harmless_ones_alone(self):
        with self.assertRaisesRegex(AccessError, "does not exist.*object.number"):
            self.make_macro("Broken", body='<p><t t-out="object.partner_nam"/></p>')
        self.assertTrue(self.make_macro(body='<p><t t-out="object.service_id.identifier"/></p>'))

    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_in_a_translation_too(self):
        self.env["res.lang"]._activate_lang("de_DE")
        broken = '<p>Guten Tag <t t-out="object.partner_nam"/></p>'
        with self.assertRaisesRegex(ValidationError, "German"):
            self.macro.with_context(lang="de_DE").body = broken

    def test_an_agent_to_assign_to_is_named(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.make_macro(assignment="user")


class TestMacrosThatAreOff(MacroCase):
    def test_switched_off_it_does_nothing_from_a_stale_screen(self):
        self.macro.active = False
        for call in (
            self.apply,
            lambda: self.macro.with_user(self.agent_voice)._apply(self.ticket),
        ):
            before = (len(self.ticket.message_ids), self.ticket.priority, self.ticket.state)
            refused = None
            try:
                refused = call()
            except UserError as error:
                refused = {self.ticket: error.args[0]}
            self.assertIn("has been switched off", refused[self.ticket])
            self.env.invalidate_all()
            after = (len(self.ticket.message_ids), self.ticket.priority, self.ticket.state)
            self.assertEqual(after, before)

    def test_switched_off_in_an_open_composer(self):
        self.macro.review = True
        action = self.apply()
        composers = self.env[action["res_model"]].with_user(self.agent_voice)
        composer = composers.with_context(**action["context"]).create({})
        self.macro.active = False
        with self.assertRaisesRegex(UserError, "has been switched off"):
            composer.action_send_mail()

    def test_switched_off_in_an_open_dialog(self):
        env = self.env(user=self.agent_voice)
        action = self.ticket.with_env(env).action_choose_macro()
        wizard = Form(env[action["res_model"]].with_context(**action["context"]))
        wizard.macro_id = self.macro
        dialog = wizard.save()
        self.macro.active = False
        self.assertIn("has been switched off", dialog.action_apply()["params"]["message"])

    def test_what_it_gives_is_gone(self):
        self.macro.category_id = self.env["telecom.ticket.category"].create({"name": "Fax"})
        self.macro.category_id.active = False
        with self.assertRaisesRegex(UserError, "Fax has been archived"):
            self.apply()

    def test_for_an_archived_team_is_for_nobody_else(self):
        fax = self.make_team("Fax", self.agent_voice)
        self.macro.write({"company_id": fax.company_id.id, "team_ids": [Command.set(fax.ids)]})
        fax.with_context(active_test=False)._write({"active": False})
        self.env.invalidate_all()
        names = [macro["name"] for macro in self.ticket.with_user(self.agent_voice).get_macros()]
        self.assertNotIn(self.macro.name, names)
        with self.assertRaisesRegex(UserError, "not meant for tickets of this team"):
            self.apply()
