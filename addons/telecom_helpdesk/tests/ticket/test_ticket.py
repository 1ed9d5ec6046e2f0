from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from ..common import HelpdeskCase


class TestTicketOfAnAgent(HelpdeskCase):
    """An agent creates, assigns, prioritises and resolves a ticket, and finds it again."""

    def as_agent(self):
        return self.env["telecom.ticket"].with_user(self.agent_voice)

    def log_call(self, **values):
        """Fill in the form while the customer is on the phone."""
        form = Form(self.as_agent(), view="telecom_helpdesk.telecom_ticket_view_form")
        form.name = "No dial tone in Lyon"
        form.channel = "phone"
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()

    def test_create_assign_prioritise_resolve(self):
        ticket = self.log_call(partner_id=self.customer_contact, service_id=self.service_voice)
        self.assertRegex(ticket.number, r"^TT\d{6}$")
        self.assertEqual(ticket.state, "new")
        self.assertEqual(ticket.team_id, self.team_voice, "the agent's only team")
        self.assertEqual(ticket.commercial_partner_id, self.customer)
        self.assertEqual(ticket.partner_email, self.customer_contact.email)

        ticket.action_assign_to_me()
        self.assertEqual(ticket.user_id, self.agent_voice)
        self.assertTrue(ticket.assigned_at)

        for priority in ("0", "1", "2", "3"):
            with Form(ticket) as form:
                form.priority = priority
            self.assertEqual(ticket.priority, priority)

        ticket.action_resolve()
        self.assertEqual(ticket.state, "resolved")
        self.assertTrue(ticket.resolved_at)

    def test_priority_names(self):
        names = dict(self.as_agent()._fields["priority"]._description_selection(self.env))
        self.assertEqual(names, {"0": "Low", "1": "Normal", "2": "High", "3": "Critical"})

    def test_found_by_number_customer_service_and_phone(self):
        ticket = self.log_call(partner_id=self.customer_contact, service_id=self.service_voice)
        self.make_ticket(partner_id=self.other_customer.id, service_id=self.other_service.id)
        ticket.partner_phone = "+33 1 99 00 12 34"
        self.env.flush_all()
        for typed in (
            {"number": ticket.number},
            {"partner_id": "ACME"},
            {"service_id": "SIP-1001"},
            {"phone_mobile_search": "0199001234"},
            {"phone_mobile_search": "199001234"},
            {"phone_mobile_search": "+33199001234"},
            {"name": ticket.number[-4:]},
            {"partner_email": self.customer_contact.email},
        ):
            with self.subTest(**typed):
                self.assertEqual(self.type_in_search_box(typed), ticket)

    def type_in_search_box(self, typed):
        """Tickets that the search view finds for ``typed`` ({field: text})."""
        tickets = self.as_agent()
        arch = etree.fromstring(tickets.get_view(view_type="search")["arch"])
        [(name, text)] = typed.items()
        node = arch.find(f".//field[@name='{name}']")
        template = node.get("filter_domain")
        if template:
            domain = safe_eval(template, {"self": text})
        else:
            domain = [(name, node.get("operator") or "ilike", text)]
        return tickets.search(domain)

    def test_board_shows_every_stage_of_the_team(self):
        self.log_call(partner_id=self.customer_contact)
        board = self.as_agent().with_context(read_group_expand=True)
        groups = board.web_read_group([("is_done", "=", False)], ["stage_id"])["groups"]
        columns = [group["stage_id"][1] for group in groups]
        stages = self.env["telecom.ticket.stage"].search([("team_ids", "=", False)])
        self.assertEqual(columns, stages.mapped("name"))

    def test_calendar_of_deadlines(self):
        arch = etree.fromstring(self.as_agent().get_view(view_type="calendar")["arch"])
        self.assertEqual(arch.get("date_start"), "date_deadline")

    def test_service_belongs_to_another_customer_is_dropped_in_the_form(self):
        form = Form(self.as_agent())
        form.name = "Wrong customer chosen first"
        form.partner_id = self.customer_contact
        form.service_id = self.service_voice
        form.partner_id = self.other_customer
        self.assertFalse(form.service_id)

    def test_service_chosen_first_brings_its_customer(self):
        form = Form(self.as_agent())
        form.name = "Caller reads the circuit number"
        form.service_id = self.service_voice
        self.assertEqual(form.partner_id, self.customer)

    def test_category_found_in_the_agents_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        category = self.env["telecom.ticket.category"].create({"name": "Crackling"})
        category.with_context(lang="fr_FR").name = "Grésillements"
        french = category.with_user(self.agent_voice).with_context(lang="fr_FR")
        self.assertEqual(french.name_search("grésil"), [(category.id, "Grésillements")])

    def test_quick_create_on_the_board(self):
        form = Form(
            self.as_agent().with_context(default_stage_id=self.stage("open").id),
            view="telecom_helpdesk.telecom_ticket_view_form_quick",
        )
        form.name = "Dropped calls"
        form.partner_id = self.customer_contact
        self.assertEqual(form.save().state, "open")

    def test_agent_does_not_delete_tickets(self):
        ticket = self.log_call(partner_id=self.customer_contact)
        with self.assertRaises(AccessError):
            ticket.unlink()


class TestTicketFillsItself(HelpdeskCase):
    """What the ticket takes from its customer, service, contract and category."""

    def test_category_gives_team_and_priority(self):
        category = self.env["telecom.ticket.category"].create(
            {
                "name": "Routers",
                "default_team_id": self.team_internet.id,
                "default_priority": "2",
            }
        )
        ticket = self.env["telecom.ticket"].create({"name": "x", "category_id": category.id})
        self.assertEqual((ticket.team_id, ticket.priority), (self.team_internet, "2"))

    def test_chosen_team_and_priority_win_over_the_category(self):
        category = self.env["telecom.ticket.category"].create(
            {"name": "Routers", "default_team_id": self.team_internet.id, "default_priority": "2"}
        )
        ticket = self.make_ticket(category_id=category.id, priority="0")
        self.assertEqual((ticket.team_id, ticket.priority), (self.team_voice, "0"))

    def test_contract_of_the_service(self):
        first = self.make_contract(self.customer)
        self.make_contract(self.customer)
        self.service_voice.contract_id = first
        ticket = self.make_ticket(service_id=self.service_voice.id)
        self.assertEqual(ticket.contract_id, first)

    def test_only_contract_of_the_customer(self):
        contract = self.make_contract(self.customer)
        self.make_contract(self.customer, date_end="2020-12-31")
        self.make_contract(self.customer, state="draft")
        self.make_contract(self.other_customer)
        self.assertEqual(self.make_ticket().contract_id, contract)

    def test_several_contracts_leave_the_choice_to_the_agent(self):
        self.make_contract(self.customer)
        self.make_contract(self.customer)
        self.assertFalse(self.make_ticket().contract_id)

    def test_tier_of_the_customer_and_of_the_contract(self):
        standard = self.env.ref("telecom_helpdesk.tier_standard")
        premium = self.env.ref("telecom_helpdesk.tier_premium")
        self.customer.telecom_tier_id = standard
        self.assertEqual(self.make_ticket().tier_id, standard)
        self.make_contract(
            self.customer,
            type_id=self.env.ref("telecom_helpdesk.contract_type_round_the_clock").id,
        )
        self.assertEqual(self.make_ticket().tier_id, premium)

    def test_open_tickets_follow_the_customer_to_another_tier(self):
        standard = self.env.ref("telecom_helpdesk.tier_standard")
        premium = self.env.ref("telecom_helpdesk.tier_premium")
        self.customer.telecom_tier_id = standard
        done, open_ticket = self.make_ticket(), self.make_ticket()
        done.action_resolve()
        self.customer.telecom_tier_id = premium
        self.assertEqual(open_ticket.tier_id, premium)
        self.assertEqual(done.tier_id, standard, "served under the tier of its time")

    def test_open_tickets_follow_their_contract_to_another_tier(self):
        standard = self.env.ref("telecom_helpdesk.tier_standard")
        premium = self.env.ref("telecom_helpdesk.tier_premium")
        self.customer.telecom_tier_id = standard
        contract = self.make_contract(self.customer)
        done, open_ticket = self.make_ticket(), self.make_ticket()
        done.action_resolve()
        around_the_clock = self.env.ref("telecom_helpdesk.contract_type_round_the_clock")
        contract.type_id = around_the_clock
        self.assertEqual((open_ticket.tier_id, open_ticket.priority), (premium, "2"))
        self.assertEqual(done.tier_id, standard, "served under the tier of its time")
        around_the_clock.tier_id = False
        self.assertEqual(open_ticket.tier_id, standard)

    def test_unknown_caller_keeps_what_was_written_down(self):
        ticket = self.make_ticket(
            partner_id=False, partner_name="Jean Dupont", partner_email="jean@dupont.example"
        )
        self.assertEqual(ticket.partner_name, "Jean Dupont")
        ticket.partner_id = self.customer_contact
        self.assertEqual(ticket.partner_name, self.customer_contact.name)

    def test_copy_is_a_new_ticket(self):
        ticket = self.make_ticket(user_id=self.agent_voice.id, service_id=self.service_voice.id)
        ticket.action_resolve()
        copy = ticket.copy()
        self.assertNotEqual(copy.number, ticket.number)
        self.assertEqual((copy.state, copy.user_id.id, copy.resolved_at), ("new", False, False))
        self.assertEqual(copy.service_id, ticket.service_id)

    def test_contact_who_changes_employer_leaves_the_tickets_behind(self):
        self.portal_other.partner_id.telecom_portal_scope = "company"
        ticket = self.make_ticket()
        self.customer_contact.parent_id = self.other_customer
        self.assertEqual(ticket.commercial_partner_id, self.customer)
        seen = self.env["telecom.ticket"].with_user(self.portal_other).search([])
        self.assertNotIn(ticket, seen)

    def test_counts_on_the_customer(self):
        first, _second = self.make_ticket(), self.make_ticket(partner_id=self.customer.id)
        self.make_ticket(partner_id=self.other_customer.id)
        first.action_resolve()
        for partner in (self.customer, self.customer_contact):
            self.assertEqual(partner.telecom_ticket_count, 2)
            self.assertEqual(partner.telecom_open_ticket_count, 1)
            self.assertEqual(partner.telecom_service_count, 2)
        action = self.customer_contact.action_open_telecom_tickets()
        self.assertEqual(self.env["telecom.ticket"].search_count(action["domain"]), 2)

    def test_leader_is_a_member(self):
        team = self.env["telecom.ticket.team"].create(
            {"name": "Night", "leader_id": self.manager.id}
        )
        self.assertIn(self.manager, team.member_ids)
        team.member_ids = [Command.clear()]
        self.assertIn(self.manager, team.member_ids)

    def test_stages_of_a_team(self):
        own = self.env["telecom.ticket.stage"].create(
            {
                "name": "Line Test",
                "state": "open",
                "sequence": 1,
                "team_ids": [Command.set(self.team_internet.ids)],
            }
        )
        ticket = self.make_ticket(team_id=self.team_internet.id)
        ticket._set_state("open")
        self.assertEqual(ticket.stage_id, own)
        ticket.team_id = self.team_voice
        self.assertEqual(ticket.stage_id, self.stage("open"), "same state, a stage of its board")

    def test_changes_of_stages_hold_at_once(self):
        first = self.make_ticket().stage_id
        own = self.env["telecom.ticket.stage"].create(
            {"name": "Inbox", "state": "new", "sequence": first.sequence - 1}
        )
        self.assertEqual(self.make_ticket().stage_id, own)
        night = self.env["telecom.ticket.team"].create({"name": "Night"})
        own.team_ids = night
        self.assertEqual(self.make_ticket().stage_id, first)
        own.team_ids = False
        night.unlink()
        self.assertEqual(self.make_ticket().stage_id, own, "a column of every board again")
        own.sequence = first.sequence + 1
        self.assertEqual(self.make_ticket().stage_id, first)
        own.sequence = first.sequence - 1
        ticket = self.make_ticket()
        self.assertEqual(ticket.stage_id, own)
        (self.env["telecom.ticket"].search([("stage_id", "=", own.id)])).stage_id = first
        own.active = False
        self.assertEqual(self.make_ticket().stage_id, first)
        own.active = True
        own.unlink()
        self.assertEqual(self.make_ticket().stage_id, first)

    def test_deployment_and_its_services(self):
        project = self.env["project.project"].create(
            {
                "name": "Fibre for ACME",
                "partner_id": self.customer.id,
                "is_telecom_deployment": True,
                "telecom_service_ids": [Command.set(self.service_internet.ids)],
            }
        )
        deployments = self.env["project.project"].search([("is_telecom_deployment", "=", True)])
        self.assertIn(project, deployments)
