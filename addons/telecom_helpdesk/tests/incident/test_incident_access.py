from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from ..incident_common import IncidentCase
from ..test_access import OPERATIONS, QUIET_LOGGERS


class TestIncidentAccess(IncidentCase):
    """An incident is every agent's concern, and nobody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Operator Two"})
        cls.foreign_manager = cls.make_user(
            "foreign_manager",
            "telecom_helpdesk.group_manager",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )
        cls.child = cls.make_ticket(parent_id=cls.incident.id, service_id=cls.service_voice.id)
        cls.other_child = cls.make_ticket(
            name="Globex is dead", partner_id=cls.other_customer.id, parent_id=cls.incident.id
        )
        cls.update = cls.env["telecom.incident.update"].create(
            {
                "incident_id": cls.incident.id,
                "text_ids": [Command.create({"lang": "en_US", "body": "We are on it."})],
            }
        )
        cls.update.action_send()
        cls.draft = cls.env["telecom.incident.update"].create({"incident_id": cls.incident.id})
        cls.env.flush_all()
        cls.env.invalidate_all()

    def rights(self, user, record):
        record = record.with_user(user)
        return "".join(
            letter for letter, operation in OPERATIONS.items() if record.has_access(operation)
        )

    def test_who_may_what(self):
        incident, update, text = self.incident, self.draft, self.draft.text_ids
        delivery = self.update.delivery_ids[0]
        for user, expected in (
            (self.manager, ("rwcd", "rwcd", "rwcd", "r")),
            (self.agent_voice, ("rwc", "rwcd", "rwcd", "r")),
            # Another team's: known to all agents, led by its own.
            (self.agent_internet, ("r", "r", "r", "")),
            (self.internal_user, ("", "", "", "")),
            (self.portal_user, ("", "", "", "")),
            (self.public_user, ("", "", "", "")),
            (self.foreign_manager, ("", "", "", "")),
        ):
            with self.subTest(user.login):
                found = tuple(
                    self.rights(user, record) for record in (incident, update, text, delivery)
                )
                self.assertEqual(found, expected)

    def test_who_may_list_the_customers_affected(self):
        action = self.incident.with_user(self.agent_internet).action_open_affected_customers()
        customers = self.env["res.partner"].search(action["domain"])
        self.assertLessEqual(self.customer + self.other_customer, customers)
        for user in (self.portal_user, self.internal_user, self.foreign_manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.incident.with_user(user).action_open_affected_customers()

    def test_an_agent_of_another_team_ties_a_ticket_but_does_not_lead(self):
        agent = self.agent_internet
        ticket = self.make_ticket(team_id=self.team_internet.id, as_user=agent)
        ticket = ticket.with_user(agent)
        self.assertEqual(ticket.suggested_incident_id.id, self.incident.id)
        ticket.action_link_to_suggested_incident()
        self.assertEqual(ticket.parent_id.id, self.incident.id)
        incident = self.incident.with_user(agent)
        self.assertTrue(incident.affected_customer_count)
        with mute_logger(*QUIET_LOGGERS):
            for press in (
                incident.action_write_update,
                incident.action_write_resolution,
                incident.action_declare_incident,
                incident.action_cancel,
                self.draft.with_user(agent).action_send,
                self.update.with_user(agent).action_retry,
                self.env["telecom.incident.add"].with_user(agent).create(
                    {"incident_id": incident.id, "type_ids": self.type_voice.ids}
                ).action_add,
            ):  # fmt: skip
                with self.assertRaises(AccessError):
                    press()

    def test_customers_see_nothing_of_the_incident_but_their_own_messages(self):
        self.run_deliveries()
        user = self.portal_user
        ticket = self.child.with_user(user)
        messages = self.env["mail.message"].with_user(user).search(
            [("model", "=", "telecom.ticket"), ("res_id", "=", ticket.id)]
        )  # fmt: skip
        self.assertEqual([str(m.body) for m in messages], ["<p>We are on it.</p>"])
        everything = ticket.read()[0]
        for name in (
            "affected_customer_count", "affected_service_ids", "incident_kind", "incident_notice",
            "incident_update_ids", "parent_id", "suggested_incident_id", "unrelated_incident_ids",
        ):  # fmt: skip
            self.assertNotIn(name, everything)
            with mute_logger(*QUIET_LOGGERS, "odoo.models"), self.assertRaises(AccessError):
                ticket.read([name])
        service = self.service_voice.with_user(user)
        with mute_logger(*QUIET_LOGGERS), self.assertRaises(AccessError):
            service.read(["affecting_incident_ids"])

    def test_services_and_tickets_of_another_company_stay_out(self):
        foreign = self.make_service(
            "SIP-FAR", self.type_voice, self.customer, company_id=self.other_company.id
        )
        site = self.make_partner("Shared Tower")
        (foreign + self.service_internet).site_partner_id = site
        self.incident.affected_site_ids = site
        self.assertEqual(self.incident.affected_service_count, 2)
        wizard = self.env["telecom.incident.add"].create(
            {"incident_id": self.incident.id, "type_ids": self.type_voice.ids}
        )
        wizard.action_add()
        self.assertNotIn(foreign, self.incident.affected_service_ids)
        ticket = self.env["telecom.ticket"].create(
            {
                "name": "Dead",
                "partner_id": self.customer.id,
                "service_id": foreign.id,
                "company_id": self.other_company.id,
            }
        )
        self.assertFalse(ticket.suggested_incident_id)
        with self.assertRaises(UserError):
            ticket.parent_id = self.incident
