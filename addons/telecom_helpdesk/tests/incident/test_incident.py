from odoo.fields import Command
from odoo.tests import Form

from ..common import frozen
from ..incident_common import IncidentCase

TICKET_CRON = "telecom_helpdesk.ir_cron_ticket_due"


class TestIncidentTie(IncidentCase):
    """A new ticket on an affected service finds its way to the incident."""

    def offered(self, ticket, user=None):
        """The incident that the form of ``ticket`` offers."""
        form = Form(ticket.with_user(user or self.agent_voice))
        return form.suggested_incident_id.with_env(self.env)

    def notes(self, ticket):
        return " ".join(ticket.message_ids.filtered("is_internal").mapped("body"))

    def test_a_new_ticket_on_an_affected_service_is_offered_the_incident(self):
        with frozen("2026-03-02 09:10:00"):
            self.incident.incident_since = "2026-03-02 08:10:00"
            self.agent_voice.tz = "Europe/Paris"
            form = Form(
                self.env["telecom.ticket"].with_user(self.agent_voice).with_context(
                    tz="Europe/Paris"
                )
            )  # fmt: skip
            form.name = "No dial tone"
            self.assertFalse(form.suggested_incident_id)
            form.partner_id = self.customer_contact
            self.assertEqual(form.suggested_incident_id.id, self.incident.id)
            self.assertIn("ACME is affected by", form.incident_notice)
            form.service_id = self.service_voice
            self.assertEqual(form.suggested_incident_id.id, self.incident.id)
            self.assertRegex(
                form.incident_notice.replace("\u202f", " "),
                r"SIP-1001 \(SIP Trunk\) is affected by \[TT\d+\] Exchange down in Lyon, "
                r"since 9:10 AM",
            )
        ticket = form.save()
        self.assertFalse(ticket.parent_id)
        ticket.action_link_to_suggested_incident()
        self.assertEqual(ticket.parent_id.id, self.incident.id)
        self.assertFalse(ticket.suggested_incident_id)

    def notice(self, **values):
        """What the form says of an incident once ``values`` are typed."""
        form = Form(self.env["telecom.ticket"].with_user(self.agent_voice))
        form.partner_id = self.customer_contact
        for name, value in values.items():
            form[name] = value
        return form.incident_notice or ""

    def test_another_service_is_offered_where_it_is_likely(self):
        """An exchange for voice fails: not each of the customer's tickets comes of it."""
        voice, orders = (
            self.env["telecom.ticket.category"].create({"name": name})
            for name in ("Calls", "Orders")
        )
        quality = voice.create({"name": "Echo", "parent_id": voice.id})
        mobile = self.env.ref("telecom_helpdesk.service_type_mobile")
        esim = self.make_service("ESIM-1", mobile, self.customer)
        trunk = self.make_service("SIP-1002", self.type_voice, self.customer)
        self.incident.category_id = voice
        for label, values, expected in (
            ("same type", {"service_id": trunk}, "Another service of ACME is affected"),
            ("another type", {"service_id": esim}, ""),
            ("another type, ordered", {"service_id": esim, "category_id": orders}, ""),
            ("an order", {"category_id": orders}, ""),
            ("of the same branch", {"category_id": quality}, "ACME is affected by"),
            (
                "another type, of the same branch",
                {"service_id": esim, "category_id": quality},
                "Another service of ACME is affected",
            ),
            ("nothing is known yet", {}, "ACME is affected by"),
        ):
            with self.subTest(label):
                notice = self.notice(**values)
                self.assertIn(expected, notice)
                self.assertEqual(bool(expected), bool(notice))
        site = self.make_partner("Headquarters", parent_id=self.customer.id)
        (esim + self.service_voice).site_partner_id = site
        self.assertIn("Another service", self.notice(service_id=esim))

    def test_what_a_tied_ticket_is_about_makes_another_likely(self):
        self.incident.affected_service_ids = False
        self.make_ticket(service_id=self.service_internet.id, parent_id=self.incident.id)
        line = self.make_service("DSL-2002", self.type_internet, self.customer)
        self.assertIn("Another service", self.notice(service_id=line))
        self.assertFalse(self.notice(service_id=self.service_voice))

    def test_nothing_is_offered_to_other_customers_or_companies(self):
        ticket = self.make_ticket(partner_id=self.other_customer.id)
        self.assertFalse(self.offered(ticket))
        company = self.env["res.company"].create({"name": "Operator Two"})
        foreign = self.env["telecom.ticket"].create(
            {"name": "Dead", "partner_id": self.customer.id, "company_id": company.id}
        )
        self.assertFalse(foreign.suggested_incident_id)

    def test_not_related_is_remembered(self):
        self.incident.tie_new_tickets = "offer"
        ticket = self.make_ticket(service_id=self.service_voice.id)
        ticket.with_user(self.agent_voice).action_not_related()
        self.assertFalse(self.offered(ticket))
        self.assertIn("Not related to", self.notes(ticket))
        # Not even by itself, when the service is chosen anew.
        self.incident.tie_new_tickets = "tie"
        ticket.with_user(self.agent_voice).service_id = False
        ticket.with_user(self.agent_voice).service_id = self.service_voice
        self.assertFalse(ticket.parent_id)

    def test_tied_by_itself_where_the_incident_says_so_whatever_the_channel(self):
        self.incident.with_user(self.agent_voice).tie_new_tickets = "tie"
        values = {"service_id": self.service_voice.id}
        agent = self.make_ticket(as_user=self.agent_voice, channel="phone", **values)
        portal = self.make_ticket(
            as_user=self.env.ref("base.user_root"), channel="portal", **values
        )
        raw = f"From: {self.customer_contact.email_formatted}\nSubject: Dead line\n\nHelp!\n"
        mail = self.env["telecom.ticket"].browse(
            self.env["mail.thread"].message_process(
                "telecom.ticket", raw, custom_values={"team_id": self.team_voice.id, **values}
            )
        )
        for ticket in agent + portal + mail:
            with self.subTest(channel=ticket.channel):
                self.assertEqual(ticket.parent_id, self.incident)
                self.assertRegex(
                    self.notes(ticket),
                    "Linked to .*Exchange down in Lyon.* automatically: SIP-1001 .* is affected",
                )

    def test_tied_by_itself_when_the_service_is_chosen_later(self):
        self.incident.tie_new_tickets = "tie"
        ticket = self.make_ticket()
        # Without a service it may be anything: offered, not linked.
        self.assertFalse(ticket.parent_id)
        self.assertEqual(self.offered(ticket), self.incident)
        with Form(ticket.with_user(self.agent_voice)) as form:
            form.service_id = self.service_voice
        self.assertEqual(ticket.parent_id, self.incident)

    def test_unlinked_by_hand_stays_unlinked(self):
        self.incident.tie_new_tickets = "tie"
        ticket = self.make_ticket(service_id=self.service_voice.id)
        self.assertEqual(ticket.parent_id, self.incident)
        ticket.with_user(self.agent_voice).parent_id = False
        ticket.with_user(self.agent_voice).partner_id = self.customer
        self.assertFalse(ticket.parent_id)
        self.assertFalse(self.offered(ticket))

    def test_a_site_affects_every_service_delivered_there(self):
        site = self.make_partner("Lyon Plant", parent_id=self.customer.id)
        self.service_internet.site_partner_id = site
        incident = self.make_incident(affected_service_ids=[], name="Power cut")
        incident.with_user(self.agent_voice).affected_site_ids = site
        self.assertEqual(incident.affected_service_count, 1)
        ticket = self.make_ticket(service_id=self.service_internet.id)
        self.assertEqual(self.offered(ticket), incident)
        shown = self.service_internet.with_user(self.agent_internet).affecting_incident_ids
        self.assertEqual(shown.with_env(self.env), incident)
        self.assertEqual(self.service_voice.affecting_incident_ids, self.incident)

    def test_the_company_says_what_incidents_do_unless_they_say_otherwise(self):
        self.env["res.config.settings"].create({"telecom_tie_new_tickets": "tie"}).execute()
        self.assertEqual(self.make_incident().tie_new_tickets, "tie")
        self.assertEqual(self.make_incident(tie_new_tickets="offer").tie_new_tickets, "offer")
        self.assertFalse(self.make_ticket().tie_new_tickets)

    def test_an_incident_that_is_over_takes_no_more_tickets(self):
        self.incident.tie_new_tickets = "tie"
        self.incident.with_user(self.agent_voice).action_resolve()
        ticket = self.make_ticket(service_id=self.service_voice.id)
        self.assertFalse(ticket.parent_id)
        self.assertFalse(self.offered(ticket))
        self.incident.with_user(self.agent_voice).action_reopen()
        self.assertEqual(self.offered(ticket), self.incident)

    def test_a_customers_ticket_is_declared_a_major_incident(self):
        ticket = self.make_ticket(name="All lines dead", service_id=self.service_internet.id)
        action = ticket.with_user(self.agent_voice).action_declare_incident()
        incident = self.env["telecom.ticket"].browse(action["res_id"])
        self.assertNotEqual(incident, ticket)
        self.assertEqual(ticket.parent_id, incident)
        self.assertFalse(incident.partner_id)
        self.assertEqual(incident.affected_service_ids, self.service_internet)
        self.assertEqual(incident.incident_since, ticket.create_date.replace(microsecond=0))
        # One that belongs to no customer is the incident itself.
        alarm = self.make_ticket(name="Alarm", partner_id=False)
        action = alarm.with_user(self.agent_voice).action_declare_incident()
        self.assertEqual(action["res_id"], alarm.id)
        self.assertTrue(alarm.is_incident)

    def test_a_selection_is_tied_at_once(self):
        tickets = self.make_ticket() + self.make_ticket(partner_id=self.other_customer.id)
        done = self.make_ticket()
        done.action_resolve()
        wizard = Form(
            self.env["telecom.incident.link"]
            .with_user(self.agent_voice)
            .with_context(active_model="telecom.ticket", active_ids=(tickets + done).ids)
        )
        self.assertEqual((wizard.ticket_count, wizard.left_out_count), (2, 1))
        wizard.incident_id = self.incident.with_user(self.agent_voice)
        wizard.save().action_link_to_incident()
        self.assertEqual(tickets.parent_id, self.incident)
        self.assertFalse(done.parent_id)

    def test_tickets_that_came_before_the_incident_are_found_and_tied(self):
        ticket = self.make_ticket(service_id=self.service_internet.id)
        unrelated = self.make_ticket(service_id=self.service_internet.id)
        incident = self.make_incident(
            affected_service_ids=[Command.set(self.service_internet.ids)]
        ).with_user(self.agent_voice)
        unrelated.unrelated_incident_ids = incident
        self.assertEqual(incident.unlinked_ticket_count, 1)
        domain = incident.action_open_unlinked_tickets()["domain"]
        self.assertEqual(self.env["telecom.ticket"].search(domain), ticket)
        incident.action_link_unlinked_tickets()
        self.assertEqual(ticket.parent_id.id, incident.id)
        self.assertFalse(unrelated.parent_id)

    def test_without_an_open_incident_a_new_ticket_costs_no_query_more(self):
        self.incident.action_cancel()
        tickets = self.env["telecom.ticket"]
        tickets._get_open_incidents()
        ticket = self.make_ticket(service_id=self.service_voice.id)
        before = self.env.cr.sql_log_count
        ticket.sudo()._link_to_incidents()
        ticket.invalidate_recordset(["suggested_incident_id"], flush=False)
        self.assertFalse(ticket.suggested_incident_id)
        self.assertEqual(self.env.cr.sql_log_count, before)

    def test_tying_200_tickets_costs_as_many_queries_as_tying_10(self):
        self.incident.tie_new_tickets = "tie"
        partners, services = self.make_customers(210)
        self.incident.affected_service_ids = services

        def create(customers):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            tickets = self.env["telecom.ticket"].create(
                [
                    {
                        "name": "Dead",
                        "partner_id": partner.id,
                        "service_id": service.id,
                        "team_id": self.team_voice.id,
                    }
                    for partner, service in zip(*customers, strict=True)
                ]
            )
            self.env.flush_all()
            count = self.env.cr.sql_log_count - before
            self.assertEqual(tickets.parent_id, self.incident)
            return count

        create((partners[:1], services[:1]))
        few = create((partners[:10], services[:10]))
        many = create((partners[10:], services[10:]))
        # Odoo inserts a hundred rows at a time: tickets, followers, messages.
        self.assertLessEqual(many, few + 8)


class TestIncidentServices(IncidentCase):
    """Which services and customers an incident hits, whatever their number."""

    def add(self, **values):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "telecom_helpdesk.telecom_incident_add_action"
        )
        model = self.env[action["res_model"]].with_user(self.agent_voice)
        form = Form(model.with_context(default_incident_id=self.incident.id))
        for name, value in values.items():
            if isinstance(form[name], type(form.type_ids)) and name.endswith("_ids"):
                for record in value:
                    form[name].add(record)
            else:
                form[name] = value
        return form

    def test_services_are_added_by_what_they_have_in_common(self):
        supplier = self.make_partner("NordNetz")
        _partners, services = self.make_customers(5)
        services[:3].write({"supplier_id": supplier.id, "supplier_reference": "NN-LYS-1"})
        services[2].supplier_reference = "NN-PAR-1"
        services[1].state = "ceased"
        form = self.add(supplier_id=supplier, supplier_reference="nn-lys")
        self.assertEqual(form.service_count, 1)
        form.save().action_add()
        self.assertEqual(self.incident.affected_service_ids, self.service_voice + services[0])
        note = self.incident.message_ids[0]
        self.assertIn("Services added: 1", note.body)
        self.assertIn("NordNetz", note.body)
        # By type and customer; what is there already is not added again.
        form = self.add(type_ids=self.type_voice, customer_ids=self.other_customer)
        form.save().action_add()
        self.assertIn(self.other_service, self.incident.affected_service_ids)

    def test_a_service_is_taken_off_unless_its_site_is_affected(self):
        form = self.add(type_ids=self.type_voice)
        form.save().action_add()
        listed = self.env["telecom.service"].with_user(self.agent_voice)
        action = self.incident.with_user(self.agent_voice).action_open_affected_services()
        found = listed.search(action["domain"])
        self.assertIn(self.other_service, found)
        (found & self.other_service.with_user(self.agent_voice)).with_context(
            action["context"]
        ).action_not_affected()
        self.assertNotIn(self.other_service, self.incident.affected_service_ids)

    def test_customers_are_counted_once(self):
        self.incident.affected_service_ids = self.service_voice + self.service_internet
        self.make_children(self.customer + self.customer_contact + self.other_customer)
        self.assertEqual(self.incident.affected_service_count, 2)
        self.assertEqual(self.incident.affected_customer_count, 2)  # ACME and Globex
        action = self.incident.with_user(self.agent_voice).action_open_affected_customers()
        found = self.env["res.partner"].with_user(self.agent_voice).search(action["domain"])
        self.assertEqual(found.with_env(self.env), self.customer + self.other_customer)

    def test_as_many_queries_at_10_services_as_at_10000(self):
        names = [
            "affected_service_count", "affected_customer_count", "child_count",
            "unlinked_ticket_count", "display_name", "incident_kind",
        ]  # fmt: skip
        incident = self.incident.with_user(self.agent_voice)

        def count(action):
            action()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            action()
            return self.env.cr.sql_log_count - before

        def read():
            incident.read(names)

        def offer():
            ticket = self.env["telecom.ticket"].with_user(self.agent_voice).new(
                {"service_id": self.service_voice.id, "company_id": self.company.id}
            )  # fmt: skip
            self.assertEqual(ticket.suggested_incident_id, incident)

        self.make_customers(10)
        few = count(read), count(offer)
        self.env.cr.execute(
            """INSERT INTO telecom_service (
                   identifier, type_id, partner_id, commercial_partner_id, state, company_id
               )
               SELECT 'MANY-' || n, %s, %s, %s, 'active', %s FROM generate_series(1, 10000) AS n""",
            [self.type_voice.id, self.customer.id, self.customer.id, self.company.id],
        )
        wizard = self.env["telecom.incident.add"].with_user(self.agent_voice).create(
            {"incident_id": self.incident.id, "type_ids": self.type_voice.ids}
        )  # fmt: skip
        before = self.env.cr.sql_log_count
        wizard.action_add()
        self.assertLessEqual(self.env.cr.sql_log_count - before, 25)
        self.assertGreater(self.incident.affected_service_count, 10000)
        self.assertEqual((count(read), count(offer)), few)


class TestMaintenance(IncidentCase):
    """Planned maintenance is an incident with a window."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.incident.action_cancel()
        with frozen("2026-03-02 09:00:00"):
            cls.maintenance = cls.make_incident(
                name="New cards in the exchange",
                incident_kind="maintenance",
                planned_from="2026-03-02 22:00:00",
                planned_to="2026-03-03 02:00:00",
                tie_new_tickets="tie",
            )

    def run_cron(self, at):
        with frozen(at), self.enter_registry_test_mode():
            self.env.ref(TICKET_CRON).method_direct_trigger()
        self.env.invalidate_all()

    def test_maintenance_takes_tickets_while_its_window_is_open(self):
        for instant, expected in (
            ("2026-03-02 21:59:59", False),
            ("2026-03-02 22:00:00", True),
            ("2026-03-03 01:59:59", True),
            ("2026-03-03 02:00:00", False),
        ):
            with self.subTest(instant), frozen(instant):
                ticket = self.make_ticket(service_id=self.service_voice.id)
                self.assertEqual(bool(ticket.parent_id), expected)

    def test_the_window_opens_and_ends_by_the_scheduler(self):
        self.assertEqual(self.maintenance.window_state, "ahead")
        self.assertEqual(str(self.maintenance.next_due_at), "2026-03-02 22:00:00")
        self.run_cron("2026-03-02 22:00:00")
        self.assertEqual((self.maintenance.window_state, self.maintenance.state),
                         ("under_way", "open"))  # fmt: skip
        self.assertEqual(str(self.maintenance.next_due_at), "2026-03-03 02:00:00")
        reason = self.maintenance.transition_ids.sorted()[-1].reason
        self.assertEqual(reason, "The maintenance window opened")
        self.run_cron("2026-03-03 02:00:00")
        self.assertEqual((self.maintenance.window_state, self.maintenance.state),
                         ("over", "open"))  # fmt: skip
        self.assertIn("The window is over", self.maintenance.activity_ids.summary)
        self.assertFalse(self.maintenance.next_due_at)
        self.run_cron("2026-03-04 02:00:00")
        self.assertEqual(len(self.maintenance.activity_ids), 1)

    def test_a_window_that_is_moved_is_planned_anew(self):
        with frozen("2026-03-02 10:00:00"):
            self.maintenance.with_user(self.agent_voice).write(
                {"planned_from": "2026-03-05 22:00:00", "planned_to": "2026-03-05 23:00:00"}
            )
        self.assertEqual(str(self.maintenance.next_due_at), "2026-03-05 22:00:00")
        # More time than planned: it goes on.
        self.run_cron("2026-03-05 23:00:00")
        with frozen("2026-03-05 23:10:00"):
            self.maintenance.with_user(self.agent_voice).planned_to = "2026-03-06 01:00:00"
        self.assertEqual(self.maintenance.window_state, "under_way")
        self.assertEqual(str(self.maintenance.next_due_at), "2026-03-06 01:00:00")
        with frozen("2026-03-05 23:10:00"):
            self.maintenance.action_cancel()
        self.assertFalse(self.maintenance.next_due_at)
