from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import HelpdeskCase

OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}
QUIET_LOGGERS = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


class AccessCase(HelpdeskCase):
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
        cls.portal_boss = cls.make_portal_user(
            cls.make_partner("Bea Boss", parent_id=cls.customer.id, telecom_portal_scope="company")
        )
        cls.portal_other.partner_id.telecom_portal_scope = "company"
        cls.voice = cls.make_ticket(name="Of the voice team")
        cls.internet = cls.make_ticket(name="Of the other team", team_id=cls.team_internet.id)
        cls.no_team = cls.make_ticket(name="Of no team", team_id=False)
        cls.shared = cls.make_ticket(
            name="Worked on together",
            team_id=cls.team_internet.id,
            collaborator_ids=[Command.set(cls.agent_voice.ids)],
        )
        cls.handed_over = cls.make_ticket(
            name="Assigned across teams",
            team_id=cls.team_internet.id,
            user_id=cls.agent_voice.id,
        )
        cls.colleagues = cls.make_ticket(
            name="Of a colleague at the customer", partner_id=cls.portal_colleague.partner_id.id
        )
        cls.globex = cls.make_ticket(
            name="Of another customer", partner_id=cls.portal_other.partner_id.id
        )
        cls.tickets = cls.env["telecom.ticket"].browse(
            (
                cls.voice + cls.internet + cls.no_team + cls.shared
                + cls.handed_over + cls.colleagues + cls.globex
            ).ids
        )  # fmt: skip
        cls.env.cr.flush()
        cls.env.invalidate_all()

    def rights(self, user, record):
        """What ``user`` may do with ``record``: letters of read, write, create, delete."""
        record = record.with_user(user)
        return "".join(
            letter for letter, operation in OPERATIONS.items() if record.has_access(operation)
        )


class TestTicketAccess(AccessCase):
    """Who sees and changes which ticket."""

    def visible_to(self, user):
        """Of the tickets of this test, those that ``user`` finds; all other ways must agree."""
        domain = [("id", "in", self.tickets.ids)]
        tickets = self.env["telecom.ticket"].with_user(user)
        found = tickets.search(domain)
        self.assertEqual(tickets.search_count(domain), len(found))
        self.assertEqual({id_ for id_, _name in tickets.name_search("", domain)}, set(found.ids))
        grouped = tickets._read_group(domain, ["company_id"], ["__count"])
        self.assertEqual(sum(count for _company, count in grouped), len(found))
        pages = tickets.web_search_read(domain, {"name": {}})
        self.assertEqual(pages["length"], len(found))
        self.assertCountEqual([row["id"] for row in pages["records"]], found.ids)
        hidden = self.tickets - found.with_env(self.env)
        with mute_logger(*QUIET_LOGGERS):
            for ticket in hidden:
                self.assertEqual(self.rights(user, ticket), "", ticket.name)
                with self.assertRaises(AccessError):
                    ticket.with_user(user).read(["name"])
                with self.assertRaises(AccessError):
                    ticket.with_user(user).web_read({"name": {}})
                with self.assertRaises(AccessError):
                    ticket.with_user(user).write({"name": "Taken over"})
        return found.with_env(self.env)

    def test_agent_sees_own_teams_no_team_and_own_work(self):
        mine = self.voice + self.no_team + self.colleagues + self.globex
        own_work = self.shared + self.handed_over
        self.assertEqual(self.visible_to(self.agent_voice), (mine + own_work).sorted())

    def test_agent_of_another_team_does_not_see_the_ticket(self):
        expected = self.internet + self.no_team + self.shared + self.handed_over
        self.assertEqual(self.visible_to(self.agent_internet), expected.sorted())

    def test_agent_who_joins_a_team_sees_its_tickets_until_they_leave(self):
        ticket, agent = self.internet.with_user(self.agent_voice), self.agent_voice
        by_team = (self.team_internet, "member_ids", agent)
        by_user = (agent, "telecom_team_ids", self.team_internet)
        for record, field, other in (by_team, by_user):
            with self.subTest(field):
                self.assertFalse(ticket.has_access("read"))
                record[field] = [Command.link(other.id)]
                self.assertTrue(ticket.has_access("read"))
                record[field] = [Command.unlink(other.id)]
                self.assertFalse(ticket.has_access("read"))
        self.team_internet.leader_id = agent
        self.assertTrue(ticket.has_access("read"))

    def test_members_see_the_tickets_of_an_archived_team(self):
        tickets = self.env["telecom.ticket"].search([("team_id", "=", self.team_internet.id)])
        tickets.action_cancel()
        self.team_internet.active = False
        self.assertTrue(self.internet.with_user(self.agent_internet).has_access("read"))

    def test_manager_sees_every_ticket_of_the_company(self):
        self.assertEqual(self.visible_to(self.manager), self.tickets.sorted())

    def test_manager_of_another_company_sees_none(self):
        self.assertFalse(self.visible_to(self.foreign_manager))

    def test_portal_user_sees_own_tickets(self):
        expected = self.tickets - self.colleagues - self.globex
        self.assertEqual(self.visible_to(self.portal_user), expected.sorted())
        self.assertEqual(self.visible_to(self.portal_colleague), self.colleagues)

    def test_portal_user_with_company_scope_sees_the_companys_tickets(self):
        expected = self.tickets - self.globex
        self.assertEqual(self.visible_to(self.portal_boss), expected.sorted())

    def test_company_scope_ends_with_the_contact(self):
        self.portal_boss.partner_id.telecom_portal_scope = "own"
        self.assertFalse(self.visible_to(self.portal_boss))

    def test_portal_user_of_another_customer_sees_theirs_alone(self):
        self.assertEqual(self.visible_to(self.portal_other), self.globex)

    def test_others_have_no_business_with_tickets(self):
        for user in (self.internal_user, self.public_user):
            with self.subTest(user=user.login), mute_logger(*QUIET_LOGGERS):
                with self.assertRaises(AccessError):
                    self.env["telecom.ticket"].with_user(user).search([])
                with self.assertRaises(AccessError):
                    self.voice.with_user(user).read(["name"])
                with self.assertRaises(AccessError):
                    self.env["telecom.ticket"].with_user(user).create({"name": "Hello"})
                with self.assertRaises(AccessError):
                    self.voice.with_user(user).action_resolve()

    def test_what_each_role_may_do_with_a_ticket(self):
        for user, ticket, rights in (
            (self.agent_voice, self.voice, "rwc"),
            (self.agent_voice, self.no_team, "rwc"),
            (self.agent_voice, self.shared, "rwc"),
            (self.agent_voice, self.handed_over, "rwc"),
            (self.agent_voice, self.internet, ""),
            (self.manager, self.voice, "rwcd"),
            (self.manager, self.internet, "rwcd"),
            (self.foreign_manager, self.voice, ""),
            (self.internal_user, self.no_team, ""),
            (self.portal_user, self.voice, "r"),
            (self.portal_boss, self.voice, "r"),
            (self.portal_colleague, self.voice, ""),
            (self.portal_other, self.voice, ""),
            (self.public_user, self.no_team, ""),
        ):
            with self.subTest(user=user.login, ticket=ticket.name):
                self.assertEqual(self.rights(user, ticket), rights)

    @mute_logger(*QUIET_LOGGERS)
    def test_portal_user_changes_nothing_but_by_a_message(self):
        ticket = self.voice.with_user(self.portal_user)
        for change in (
            lambda: ticket.write({"priority": "3"}),
            ticket.action_close,
            ticket.action_assign_to_me,
            ticket.unlink,
            lambda: ticket.create({"name": "By RPC", "partner_id": ticket.partner_id.id}),
        ):
            with self.assertRaises(AccessError):
                change()
        message = self.customer_writes(self.voice, "Please hurry")
        self.assertEqual(message.author_id, self.customer_contact)
        self.assertTrue(self.voice.last_customer_message_at)

    @mute_logger(*QUIET_LOGGERS)
    def test_portal_user_does_not_write_to_somebody_elses_ticket(self):
        for user in (self.portal_colleague, self.portal_other, self.internal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.customer_writes(self.voice, "Let me in", user=user)

    def test_agent_hands_a_ticket_to_another_team_in_the_form(self):
        form = Form(self.voice.with_user(self.agent_voice))
        form.team_id = self.team_internet
        form.save()
        self.assertEqual(self.voice.team_id, self.team_internet)
        self.assertIn(self.voice, self.visible_to(self.agent_internet))

    def test_agent_logs_a_call_for_another_team_in_the_form(self):
        form = Form(self.env["telecom.ticket"].with_user(self.agent_voice))
        form.name = "The caller has no internet"
        form.team_id = self.team_internet
        ticket = form.save()
        self.assertEqual(ticket.team_id, self.team_internet)
        self.assertTrue(ticket.with_user(self.agent_internet).has_access("write"))

    def test_category_of_another_team_takes_the_ticket_there(self):
        category = self.env["telecom.ticket.category"].create(
            {"name": "Routers", "default_team_id": self.team_internet.id}
        )
        form = Form(self.env["telecom.ticket"].with_user(self.agent_voice))
        form.name = "Router broken"
        form.category_id = category
        form.team_id = self.team_internet
        self.assertEqual(form.save().team_id, self.team_internet)


class TestPortalFields(AccessCase):
    """What a customer may know of a ticket by whatever request they send."""

    def test_portal_user_reads_what_the_portal_shows(self):
        shown = ["number", "name", "state", "priority", "stage_id", "user_id", "resolution"]
        [values] = self.voice.with_user(self.portal_user).read(shown)
        self.assertEqual(values["number"], self.voice.number)
        self.assertEqual(values["stage_id"], (self.voice.stage_id.id, "New"))
        everything = self.voice.with_user(self.portal_user).read()[0]
        self.assertEqual(everything["name"], self.voice.name)

    @mute_logger("odoo.models", *QUIET_LOGGERS)
    def test_portal_user_does_not_read_what_is_internal(self):
        incident = self.make_ticket(
            name="Outage at a rival", partner_id=self.other_customer.id, incident_kind="incident"
        )
        self.voice.write({"parent_id": incident.id, "is_escalated": True})
        self.voice._portal_ensure_token()
        everything = self.voice.with_user(self.portal_user).read()[0]
        known = self.voice.with_user(self.portal_user).fields_get()
        for name in (
            "access_token", "activity_ids", "child_ids", "collaborator_ids", "due_ids",
            "email_cc", "impact", "is_escalated", "message_follower_ids",
            "message_ids", "message_partner_ids", "next_due_at", "parent_id",
            "support_level", "tag_ids", "tier_id", "transition_ids", "urgency",
        ):  # fmt: skip
            with self.subTest(field=name):
                self.assertNotIn(name, everything)
                self.assertNotIn(name, known)
                ticket = self.voice.with_user(self.portal_user)
                with self.assertRaises(AccessError):
                    ticket.read([name])
                with self.assertRaises(AccessError):
                    ticket.search([], order=name)

    @mute_logger("odoo.models", *QUIET_LOGGERS)
    def test_portal_user_does_not_guess_what_is_internal_by_searching(self):
        self.voice._portal_ensure_token()
        tickets = self.env["telecom.ticket"].with_user(self.portal_user)
        for domain in (
            [("access_token", "like", "a%")],
            [("support_level", "in", ["1", "2"])],
            [("due_ids.due_error", "ilike", "error")],
            [("message_ids.body", "ilike", "paid")],
            [("transition_ids.reason", "ilike", "answer")],
        ):
            with self.subTest(domain=domain), self.assertRaises(AccessError):
                tickets.search(domain)

    def test_a_field_that_an_addon_adds_is_hidden_until_it_says_otherwise(self):
        field = fields.Char()
        field.name = "x_remark"
        for user, readable in ((self.agent_voice, True), (self.portal_user, False)):
            tickets = self.env["telecom.ticket"].with_user(user)
            self.assertEqual(tickets._has_field_access(field, "read"), readable)

    def test_services_contracts_and_teams_stay_with_the_operator(self):
        contract = self.make_contract(self.customer)
        for record in (self.service_voice, contract, self.team_voice, self.voice.transition_ids):
            for user in (self.portal_user, self.portal_boss, self.public_user):
                with self.subTest(record=record, user=user.login), mute_logger(*QUIET_LOGGERS):
                    self.assertEqual(self.rights(user, record), "")
                    with self.assertRaises(AccessError):
                        record.with_user(user).search([])


class TestMessageAccess(AccessCase):
    """Internal notes never leave the building."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.public_reply = cls.agent_replies(cls.voice, body="We see the fault.")
        cls.note = cls.agent_notes(cls.voice, body="They have not paid.")
        cls.voice.with_user(cls.manager).write({"priority": "3"})
        cls.voice.with_user(cls.agent_voice).action_resolve()
        cls.env.cr.flush()  # changes are put into the thread at the end of a transaction

    def read_by(self, user):
        """Messages of the ticket that ``user`` finds; all others must refuse to be read."""
        every = self.voice.message_ids
        found = (
            self.env["mail.message"]
            .with_user(user)
            .search([("model", "=", "telecom.ticket"), ("res_id", "=", self.voice.id)])
            .with_env(self.env)
        )
        with mute_logger(*QUIET_LOGGERS):
            for message in every - found:
                with self.assertRaises(AccessError):
                    message.with_user(user).read(["body"])
        return found

    def test_the_thread_holds_notes_and_tracking(self):
        tracked = self.voice.message_ids.filtered("tracking_value_ids")
        self.assertEqual(
            set(tracked.tracking_value_ids.field_id.mapped("name")), {"priority", "stage_id"}
        )
        self.assertEqual(self.read_by(self.agent_voice), self.voice.message_ids)

    def test_customer_reads_public_messages_alone(self):
        for user in (self.portal_user, self.portal_boss):
            with self.subTest(user=user.login):
                self.assertEqual(self.read_by(user), self.public_reply)

    def test_nobody_else_reads_anything(self):
        strangers = (
            self.portal_colleague, self.portal_other, self.agent_internet,
            self.foreign_manager, self.public_user,
        )  # fmt: skip
        for user in strangers:
            with self.subTest(user=user.login), mute_logger(*QUIET_LOGGERS):
                self.assertNotIn(self.note, self.read_by(user))
                self.assertNotIn(self.public_reply, self.read_by(user))

    def test_note_reaches_no_customer_by_mail(self):
        self.voice.message_subscribe(partner_ids=self.portal_colleague.partner_id.ids)
        note = self.agent_notes(self.voice, body="Their line is cut for good.")
        customers = self.customer_contact + self.portal_colleague.partner_id
        self.assertFalse(note.notified_partner_ids & customers)
        self.assertFalse(note.notification_ids.res_partner_id & customers)
        self.assertTrue(note.subtype_id.internal)


class TestRegisterAccess(AccessCase):
    """Who may change the registry and the configuration."""

    def test_transition_log_is_append_only_for_everybody(self):
        transition = self.voice.transition_ids[:1]
        for user, rights in (
            (self.agent_voice, "r"),
            (self.agent_internet, ""),
            (self.manager, "r"),
            (self.foreign_manager, ""),
            (self.internal_user, ""),
            (self.portal_user, ""),
            (self.env.ref("base.user_admin"), "r"),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.rights(user, transition), rights)

    @mute_logger(*QUIET_LOGGERS)
    def test_transition_log_cannot_be_changed_by_way_of_the_ticket(self):
        transition = self.voice.transition_ids[:1]
        for user in (self.agent_voice, self.manager, self.env.ref("base.user_admin")):
            ticket = self.voice.with_user(user)
            for command in (
                Command.create({"state_to": "closed", "at": "2020-01-01"}),
                Command.update(transition.id, {"at": "2020-01-01"}),
                Command.delete(transition.id),
                Command.clear(),
            ):
                with (
                    self.subTest(user=user.login, command=command),
                    self.assertRaises(AccessError),
                    self.env.cr.savepoint(),
                ):
                    ticket.write({"transition_ids": [command]})
        self.assertTrue(transition.exists())

    def test_rights_on_registry_and_configuration(self):
        contract = self.make_contract(self.customer)
        category = self.env.ref("telecom_helpdesk.category_internet")
        stage = self.stage("new")
        tag = self.env["telecom.ticket.tag"].create({"name": "VIP"})
        tier = self.env.ref("telecom_helpdesk.tier_premium")
        contract_type = self.env.ref("telecom_helpdesk.contract_type_office")
        # What companies share is changed by those who work for all of them.
        self.manager.company_ids += self.other_company
        users = (self.agent_voice, self.manager, self.internal_user, self.portal_user)
        for record, *expected in (
            (self.service_voice, "rwc", "rwcd", "", ""),
            (contract, "r", "rwcd", "", ""),
            (self.type_voice, "r", "rwcd", "", ""),
            (contract_type, "r", "rwcd", "", ""),
            (tier, "r", "rwcd", "r", ""),
            (self.team_voice, "r", "rwcd", "", ""),
            (stage, "r", "rwcd", "", "r"),
            (category, "r", "rwcd", "", "r"),
            (tag, "rwc", "rwcd", "", ""),
        ):
            with self.subTest(record=record):
                self.assertEqual([self.rights(user, record) for user in users], expected)
                self.assertEqual(self.rights(self.public_user, record), "")

    def test_another_companys_registry_is_out_of_sight(self):
        contract = self.make_contract(self.customer)
        for record in (self.service_voice, contract, self.team_voice):
            with self.subTest(record=record):
                self.assertEqual(self.rights(self.foreign_manager, record), "")
                self.assertFalse(
                    record.with_user(self.foreign_manager).search([("id", "=", record.id)])
                )


class TestPartnerAccess(AccessCase):
    """The customer's page shows to each what they may see, and opens for all."""

    def test_counts_follow_what_the_agent_may_see(self):
        # ACME has six of the seven tickets.
        for user, count in ((self.agent_voice, 5), (self.agent_internet, 4), (self.manager, 6)):
            with self.subTest(user=user.login):
                customer = self.customer.with_user(user)
                self.assertEqual(customer.telecom_ticket_count, count)
                self.assertEqual(customer.telecom_open_ticket_count, count)
                customer.invalidate_recordset(["telecom_ticket_ids"])
                self.assertEqual(len(customer.telecom_ticket_ids), count)
                action = customer.action_open_telecom_tickets()
                self.assertEqual(
                    customer.env[action["res_model"]].search_count(action["domain"]), count
                )

    def test_counts_are_not_shared_between_users(self):
        self.assertEqual(self.customer.with_user(self.manager).telecom_ticket_count, 6)
        self.assertEqual(self.customer.with_user(self.agent_voice).telecom_ticket_count, 5)

    def test_contact_shows_the_whole_account(self):
        contact = self.customer_contact.with_user(self.manager)
        self.assertEqual(contact.telecom_ticket_count, 6)
        self.voice.with_user(self.manager).action_resolve()
        self.assertEqual(contact.telecom_open_ticket_count, 5)

    def test_team_counters_follow_what_the_agent_may_see(self):
        team = self.team_internet
        self.assertEqual(team.with_user(self.manager).open_ticket_count, 3)
        self.assertEqual(team.with_user(self.agent_voice).open_ticket_count, 2)
        self.assertEqual(self.service_voice.with_user(self.agent_voice).open_ticket_count, 0)

    def test_partner_form_opens_for_everybody(self):
        users = (self.internal_user, self.agent_voice, self.manager, self.foreign_manager)
        for user in users:
            with self.subTest(user=user.login):
                form = Form(self.customer.with_user(user), view="base.view_partner_form")
                self.assertEqual(form.name, "ACME")
                is_agent = user != self.internal_user
                self.assertEqual("telecom_ticket_count" in form._view["fields"], is_agent)

    def test_partner_list_and_search_work_without_helpdesk_rights(self):
        partners = self.env["res.partner"].with_user(self.internal_user)
        for view_type in ("list", "kanban", "search"):
            with self.subTest(view_type=view_type):
                self.assertNotIn("telecom_ticket", partners.get_view(view_type=view_type)["arch"])
        known = partners.fields_get()
        self.assertIn("telecom_tier_id", known)
        for name in ("telecom_ticket_ids", "telecom_service_ids", "telecom_contract_ids"):
            self.assertNotIn(name, known)

    def test_contact_can_be_made_and_copied_without_helpdesk_rights(self):
        creator = self.make_user("creator", "base.group_user,base.group_partner_manager")
        form = Form(self.env["res.partner"].with_user(creator))
        form.name = "Initech"
        partner = form.save()
        self.assertEqual(partner.telecom_portal_scope, "own")
        self.assertTrue(partner.copy())

    @mute_logger("odoo.models", *QUIET_LOGGERS)
    def test_customers_do_not_widen_their_own_portal(self):
        for user in (self.portal_user, self.public_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                user.partner_id.with_user(user).write({"telecom_portal_scope": "company"})

    def test_project_form_opens_without_helpdesk_rights(self):
        project_user = self.make_user("project_user", "project.group_project_manager")
        project = self.env["project.project"].create(
            {"name": "Roll-out", "telecom_service_ids": [Command.set(self.service_voice.ids)]}
        )
        form = Form(project.with_user(project_user), view="project.edit_project")
        form.name = "Roll-out at ACME"
        form.save()
        self.assertEqual(project.telecom_service_ids, self.service_voice)
