from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from ...wizard import ticket_macro_apply
from .test_ticket_macro import MacroCase

RENDERING = "odoo.addons.mail.models.mail_render_mixin"
# Reads what no agent may, if it is run.
CODE = """<p><t t-out="object.env['res.users'].sudo().search([], limit=1).login"/></p>"""
SPEC = {"macro_id": {}, "ticket_ids": {}, "preview": {}, "summary": {}}


class TestMacroRights(MacroCase):
    """Macros, called by hand: what a text may hold, and whose macro it is."""

    def onchange(self, macro, ticket=None, user=None):
        """What the wizard shows for ``macro``, an id or whatever else somebody sends."""
        wizard = self.env["telecom.ticket.macro.apply"].with_user(user or self.agent_voice)
        values = {"ticket_ids": [Command.set((ticket or self.ticket).ids)], "macro_id": macro}
        return wizard.onchange(values, ["macro_id"], SPEC)["value"]

    @mute_logger(RENDERING)
    def test_a_macro_that_is_not_saved_is_not_rendered(self):
        shown = self.onchange({"name": "x", "body": CODE, "kind": "reply"})
        self.assertFalse(shown.get("preview"))
        shown = self.onchange({"id": self.macro.id, "name": "x", "body": CODE})
        self.assertNotIn("__system__", shown.get("preview") or "")
        self.assertIn("Dear Carla", self.onchange(self.macro.id)["preview"])

    def test_a_macro_of_another_company_shows_nothing(self):
        other = self.env["res.company"].create({"name": "Other"})
        hidden = self.env["telecom.ticket.macro"].create(
            {"name": "Hidden", "company_id": other.id, "body": "<p>Secret</p>", "priority": "3"}
        )
        try:
            shown = self.onchange(hidden.id)
        except AccessError as error:
            shown = str(error)
        self.assertNotIn("Secret", str(shown))
        self.assertNotIn("Critical", str(shown))
        composer = self.env["mail.compose.message"].with_user(self.agent_voice)
        composer = composer.new({"telecom_macro_id": hidden.id})
        self.assertFalse(composer.telecom_macro_changes)

    def test_a_ticket_that_the_agent_may_not_read_shows_nothing(self):
        theirs = self.make_ticket(name="Theirs", team_id=self.team_internet.id)
        try:
            shown = self.onchange(self.macro.id, theirs)
        except AccessError as error:
            shown = str(error)
        self.assertNotIn(theirs.number, str(shown))
        self.assertNotIn("Carla", str(shown))

    def test_a_macro_for_another_team_is_refused(self):
        macro = self.make_macro(
            "Theirs",
            priority="3",
            company_id=self.company.id,
            team_ids=[Command.set(self.team_internet.ids)],
        )
        with self.assertRaisesRegex(UserError, "not meant for tickets"):
            self.apply(macro)
        wizards = self.env["telecom.ticket.macro.apply"].with_user(self.agent_voice)
        with self.assertRaisesRegex(UserError, "cannot be chosen"):
            wizards.create({"ticket_ids": [Command.set(self.ticket.ids)], "macro_id": macro.id})
        self.assertEqual(self.ticket.priority, "1")

    def test_not_to_many_customers_at_once(self):
        tickets = self.ticket + self.make_ticket()
        theirs = self.make_ticket(team_id=self.team_internet.id)
        wizards = self.env["telecom.ticket.macro.apply"].with_user(self.agent_voice)
        wizard = wizards.create(
            {"ticket_ids": [Command.set(tickets.ids)], "macro_id": self.macro.id}
        )
        with (
            patch.object(ticket_macro_apply, "MOST_AT_ONCE", 1),
            self.assertRaisesRegex(UserError, "1 tickets at a time"),
        ):
            wizard.action_apply()
        wizard.sudo().ticket_ids = theirs
        try:
            told = wizard.action_apply()
        except AccessError as error:
            told = error
        self.assertNotIn(theirs.number, str(told))
        self.assertEqual(theirs.priority, "1")

    @mute_logger(RENDERING)
    def test_a_manager_without_the_editors_right_writes_no_code(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.manager.group_ids -= self.env.ref("mail.group_mail_template_editor")
        self.env["ir.config_parameter"].set_param("mail.restrict.template.rendering", True)
        if self.manager.has_group("mail.group_mail_template_editor"):
            self.env.ref("base.group_user").implied_ids -= self.env.ref(
                "mail.group_mail_template_editor"
            )
        self.assertFalse(self.manager.has_group("mail.group_mail_template_editor"))
        macro = self.macro.with_user(self.manager)
        for body in (
            CODE,
            '<p t-att-class="object.number">x</p>',
            '<t t-foreach="object.search([])" t-as="o"><t t-out="o.name"/></t>',
            '<p><t t-out="object.message_ids"/></p>',
            '<p><t t-call="base.contact"/></p>',
            '<p><t t-set="a" t-value="object.env"/></p>',
        ):
            with self.subTest(body):
                for call in (
                    lambda body=body: macro.create({"name": "x", "body": body}),
                    lambda body=body: macro.write({"body": body}),
                    lambda body=body: macro.with_context(lang="fr_FR").write({"body": body}),
                    lambda body=body: macro.copy({"body": body}),
                ):
                    with self.assertRaises(AccessError):
                        call()
                self.assertFalse(macro.load(["name", "body"], [["x", body]])["ids"])
        with self.assertRaises(AccessError):
            macro.update_field_translations("body", {"fr_FR": CODE})
        macro.write({"body": '<p><t t-out="object.number"/></p>'})
