from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..incident_common import IncidentCase


class TestPublicMethods(IncidentCase):
    """Methods that anybody with a login can call ask for access before they do or tell anything."""

    def as_user(self, user, model):
        return self.env[model].with_user(user)

    def test_the_list_of_agents_is_not_made_by_everybody(self):
        self.env["telecom.agent"].search([]).unlink()
        for user in (self.internal_user, self.agent_voice, self.portal_user, self.public_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.as_user(user, "telecom.agent").action_open_agents()
        self.assertFalse(self.env["telecom.agent"].search([]))
        self.as_user(self.manager, "telecom.agent").action_open_agents()
        self.assertTrue(self.env["telecom.agent"].search([]))

    def test_the_dashboard_is_for_agents(self):
        teams = self.as_user(self.internal_user, "telecom.ticket.team")
        for method, args in (
            ("get_dashboard", ()),
            ("action_open_tile", (self.team_voice.id, "open")),
            ("action_open_tile", (False, "open")),
            ("action_take_next", ()),
        ):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(teams, method)(*args)
        with self.assertRaises(UserError):
            self.as_user(self.agent_voice, "telecom.ticket.team").action_open_tile(False, "x")

    def test_a_team_of_another_company_has_no_name(self):
        company = self.env["res.company"].create({"name": "Other"})
        team = self.env["telecom.ticket.team"].create({"name": "Hidden", "company_id": company.id})
        for call in (
            lambda: self.as_user(self.agent_voice, team._name).action_open_tile(team.id, "open"),
            lambda: team.with_user(self.agent_voice).action_open_tickets(),
        ):
            with self.assertRaises(AccessError) as caught:
                call()
            self.assertNotIn("Hidden", str(caught.exception))

    def test_presence_tells_nothing_of_a_ticket_out_of_reach(self):
        theirs = self.make_ticket(name="Theirs", team_id=self.team_internet.id)
        gone = self.make_ticket()
        gone.unlink()
        presence = self.as_user(self.agent_voice, "telecom.ticket.presence")
        texts = set()
        for ticket_id in (theirs.id, gone.id, 2**31 - 1, "1; DROP", None, [theirs.id]):
            with self.subTest(ticket_id), self.assertRaises(AccessError) as caught:
                presence.announce(ticket_id, "viewing")
            texts.add(str(caught.exception))
        self.assertEqual(len(texts), 1, "the same words, whether there is one or not")
        for ticket_id in (theirs.id, "1; DROP", None):
            self.assertIsNone(presence.withdraw(ticket_id, "viewing"))

    def test_an_incident_of_another_company_is_asked_nothing(self):
        company = self.env["res.company"].create({"name": "Other"})
        service = self.env["telecom.service"].create(
            {
                "identifier": "SIP-OTHER",
                "type_id": self.type_voice.id,
                "partner_id": self.other_customer.id,
                "company_id": company.id,
            }
        )
        theirs = self.env["telecom.ticket"].create(
            {
                "name": "Theirs",
                "company_id": company.id,
                "incident_kind": "incident",
                "affected_service_ids": [Command.set(service.ids)],
            }
        )
        theirs = theirs.with_user(self.agent_voice)
        self.env.invalidate_all()
        for method in (
            "action_declare_incident", "action_not_related", "action_open_affected_customers",
            "action_open_affected_services", "action_open_suggested",
            "action_open_unlinked_tickets", "action_link_to_suggested_incident",
            "action_link_unlinked_tickets",
            "action_write_resolution", "action_write_update",
        ):  # fmt: skip
            with self.subTest(method), self.assertRaises(AccessError) as caught:
                getattr(theirs, method)()
            self.assertNotIn("Theirs", str(caught.exception))
        services = self.as_user(self.agent_voice, "telecom.service")
        domain = [("affecting_incident_ids", "in", theirs.ids)]
        self.assertFalse(services.search_count(domain))
        context = {"telecom_incident_id": theirs.id}
        mine = self.service_voice.with_user(self.agent_voice)
        with self.assertRaises(AccessError):
            mine.with_context(**context).action_not_affected()
        with self.assertRaises(AccessError):
            service.with_user(self.agent_voice).action_open_affecting_incident()

    def test_wizards_show_nothing_of_what_they_are_pointed_at(self):
        company = self.env["res.company"].create({"name": "Other"})
        theirs = self.env["telecom.ticket"].create(
            {"name": "Theirs", "company_id": company.id, "incident_kind": "incident"}
        )
        self.env.invalidate_all()
        spec = {"company_id": {"fields": {"display_name": {}}}, "service_count": {}}
        add = self.as_user(self.agent_voice, "telecom.incident.add")
        with self.assertRaises(AccessError):
            add.onchange({"incident_id": theirs.id, "city": "Lyon"}, ["incident_id"], spec)
        spec = {"ticket_ids": {}, "company_id": {"fields": {}}, "left_out_count": {}}
        tie = self.as_user(self.agent_voice, "telecom.incident.link")
        values = {"ticket_ids": [Command.set(theirs.ids)]}
        with self.assertRaises(AccessError):
            tie.onchange(values, ["ticket_ids"], spec)

    def test_a_draft_shows_nothing_of_what_it_is_pointed_at(self):
        company = self.env["res.company"].create({"name": "Other"})
        theirs = self.env["telecom.ticket"].create(
            {
                "name": "Theirs",
                "company_id": company.id,
                "incident_kind": "incident",
                "resolution": "<p>Hidden</p>",
            }
        )
        self.make_ticket(partner_id=self.other_customer.id, parent_id=self.incident.id)
        self.env.flush_all()
        self.env.invalidate_all()
        spec = {
            "incident_id": {"fields": {"display_name": {}}}, "reach": {}, "resolution": {},
            "company_id": {"fields": {"display_name": {}}}, "reader_names": {},
            "reader_notice": {}, "text_ids": {"fields": {"title_suggestion": {}}},
        }  # fmt: skip
        drafts = self.as_user(self.agent_voice, "telecom.incident.update")
        try:
            shown = drafts.onchange({"incident_id": theirs.id}, ["incident_id"], spec)["value"]
        except AccessError as error:
            shown = error
        self.assertNotRegex(str(shown), "Hidden|Theirs|Other")
        shown = drafts.onchange({"incident_id": self.incident.id}, ["incident_id"], spec)["value"]
        self.assertEqual(shown["reader_names"], "Globex")

    def test_tickets_are_tied_to_an_incident_of_theirs(self):
        ticket = self.make_ticket()
        for wrong in (self.make_ticket(), ticket):
            with self.assertRaises(UserError):
                self.as_user(self.agent_voice, "telecom.incident.link").create(
                    {"ticket_ids": [Command.set(ticket.ids)], "incident_id": wrong.id}
                ).action_link_to_incident()
