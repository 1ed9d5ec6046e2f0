from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..common import HelpdeskCase


class TestBadInput(HelpdeskCase):
    """Bad input gets a clear message, in the user's words, and nothing is lost."""

    def refusal(self, action, *args, **kwargs):
        """What the user reads when ``action(*args, **kwargs)`` is refused."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                action(*args, **kwargs)
                self.env.flush_all()
        except UserError as error:
            return str(error)
        except IntegrityError as error:
            # As Odoo does it for every request.
            [model] = [
                model for model in self.env.values() if model._table == error.diag.table_name
            ] or [self.env["base"]]
            return model._sql_error_to_message(error)
        return self.fail("it was not refused")

    # Tickets

    def test_service_of_another_customer(self):
        ticket = self.make_ticket(service_id=self.service_voice.id)
        message = self.refusal(
            ticket.with_user(self.agent_voice).write, {"service_id": self.other_service.id}
        )
        self.assertEqual(message, "Service SIP-3001 belongs to Globex, not to ACME.")
        self.assertEqual(ticket.service_id, self.service_voice)

    def test_customer_who_does_not_have_the_service(self):
        ticket = self.make_ticket(service_id=self.service_voice.id)
        message = self.refusal(ticket.write, {"partner_id": self.other_customer.id})
        self.assertEqual(message, "Service SIP-1001 belongs to ACME, not to Globex.")
        self.assertEqual(ticket.partner_id, self.customer_contact)

    def test_team_without_the_stage_that_is_needed(self):
        ticket = self.make_ticket()
        self.stage("resolved").team_ids = self.team_internet
        message = self.refusal(ticket.with_user(self.agent_voice).action_resolve)
        self.assertEqual(
            message,
            "Team “Voice” has no stage with the state “Resolved”. Add one under "
            "Helpdesk > Configuration > Stages.",
        )
        self.assertEqual(ticket.state, "new")
        self.assertEqual(len(ticket.transition_ids), 1)

    def test_customers_message_is_kept_when_the_team_lacks_a_stage(self):
        ticket = self.make_ticket()
        ticket._set_state("waiting_customer")
        self.env["telecom.ticket.stage"].search(
            [("state", "=", "open")]
        ).team_ids = self.team_internet
        message = self.customer_mails(ticket, "Here is the number that you asked for")
        self.assertEqual(message.res_id, ticket.id)
        self.assertTrue(ticket.last_customer_message_at)
        self.assertEqual(ticket.state, "open", "somebody has to act, column or not")

    def test_mail_to_a_team_that_lacks_a_stage_for_new_tickets(self):
        self.env["telecom.ticket.stage"].search(
            [("state", "=", "new")]
        ).team_ids = self.team_internet
        raw = f"From: {self.customer_contact.email_formatted}\nSubject: Dead line\n\nHelp!\n"
        ticket_id = self.env["mail.thread"].message_process(
            "telecom.ticket", raw, custom_values={"team_id": self.team_voice.id}
        )
        self.assertEqual(self.env["telecom.ticket"].browse(ticket_id).state, "new")

    def test_ticket_that_is_a_consequence_of_itself(self):
        incident = self.make_ticket(incident_kind="incident")
        ticket = self.make_ticket()
        message = self.refusal(ticket.write, {"parent_id": ticket.id})
        self.assertRegex(message, "not a major incident. Declare it as one first")
        ticket.parent_id = incident
        for parent in (ticket, incident, self.make_ticket(incident_kind="incident")):
            message = self.refusal(incident.write, {"parent_id": parent.id})
            self.assertRegex(message, "is a major incident itself")
        message = self.refusal(incident.write, {"incident_kind": False})
        self.assertRegex(message, "Tickets are linked to .* Unlink them first")
        self.assertFalse(incident.parent_id)

    def test_maintenance_without_a_window(self):
        for window in (
            {},
            {"planned_from": "2026-03-02 22:00:00"},
            {"planned_from": "2026-03-02 22:00:00", "planned_to": "2026-03-02 22:00:00"},
        ):
            message = self.refusal(
                self.make_ticket, incident_kind="maintenance", partner_id=False, **window
            )
            self.assertRegex(message, "begins")

    def test_ticket_without_a_subject(self):
        form = Form(self.env["telecom.ticket"].with_user(self.agent_voice))
        form.partner_id = self.customer_contact
        with self.assertRaisesRegex(AssertionError, "name is a required field"):
            form.save()

    # Stages

    def test_meaning_of_a_stage_that_holds_tickets(self):
        ticket = self.make_ticket()
        message = self.refusal(
            ticket.stage_id.with_user(self.manager).write, {"state": "waiting_customer"}
        )
        self.assertEqual(
            message,
            "Move the tickets of stage “New” first: changing what the stage means would "
            "rewrite their history.",
        )
        self.assertEqual(ticket.state, "new")

    def test_meaning_of_a_stage_that_holds_archived_tickets(self):
        ticket = self.make_ticket()
        ticket.action_archive()
        self.assertIn("“New”", self.refusal(ticket.stage_id.write, {"state": "open"}))

    def test_empty_stage_may_change_its_meaning(self):
        stage = self.env["telecom.ticket.stage"].create({"name": "Parked", "state": "open"})
        stage.with_user(self.manager).state = "waiting_third_party"
        self.assertEqual(stage.state, "waiting_third_party")

    def test_archiving_a_stage_that_holds_tickets(self):
        ticket = self.make_ticket()
        message = self.refusal(ticket.stage_id.with_user(self.manager).action_archive)
        self.assertEqual(message, "Move the tickets of stage “New” before archiving it.")
        self.assertTrue(ticket.stage_id.active)

    def test_deleting_a_stage_that_holds_tickets(self):
        ticket = self.make_ticket()
        message = self.refusal(ticket.stage_id.with_user(self.manager).unlink)
        self.assertIn("“New” is in use (Ticket: ", message)
        self.assertTrue(ticket.stage_id.exists())

    # Teams

    def test_negative_days(self):
        for name in ("auto_close_days", "reopen_days"):
            message = self.refusal(self.team_voice.with_user(self.manager).write, {name: -1})
            self.assertEqual(message, "A number of days cannot be negative.")

    def test_team_that_has_tickets_is_not_deleted(self):
        ticket = self.make_ticket()
        message = self.refusal(self.team_voice.with_user(self.manager).unlink)
        self.assertIn("Archive it instead", message)
        self.assertEqual(ticket.team_id, self.team_voice)

    # Registry

    def test_contract_that_ends_before_it_starts(self):
        contract = self.make_contract(self.customer, date_start="2026-03-01")
        message = self.refusal(contract.with_user(self.manager).write, {"date_end": "2026-02-28"})
        self.assertEqual(message, f"Contract {contract.name} ends before it starts.")
        contract.date_end = "2026-03-01"

    def test_identifier_that_exists(self):
        services = self.env["telecom.service"].with_user(self.agent_voice)
        values = {
            "identifier": "SIP-1001",
            "type_id": self.type_voice.id,
            "partner_id": self.other_customer.id,
        }
        self.assertEqual(
            self.refusal(services.create, values),
            "A service of this type with this identifier exists already.",
        )

    def test_service_under_somebody_elses_contract(self):
        contract = self.make_contract(self.other_customer)
        message = self.refusal(self.service_voice.write, {"contract_id": contract.id})
        self.assertEqual(message, f"Contract {contract.name} belongs to Globex, not to ACME.")

    def test_ticket_under_somebody_elses_contract(self):
        contract = self.make_contract(self.other_customer)
        message = self.refusal(self.make_ticket().write, {"contract_id": contract.id})
        self.assertEqual(message, f"Contract {contract.name} belongs to Globex, not to ACME.")

    # Names

    def test_names_that_exist(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["telecom.ticket.tag"].create({"name": "Fibre"})
        for model, name, message in (
            ("telecom.tier", "Premium", "A tier of this name exists already."),
            (
                "telecom.ticket.tag",
                "Fibre",
                "A tag of this name exists already, perhaps among the archived ones.",
            ),
        ):
            records = self.env[model].with_user(self.manager)
            for lang in ("en_US", "fr_FR"):
                with self.subTest(model=model, lang=lang):
                    again = records.with_context(lang=lang)
                    self.assertEqual(self.refusal(again.create, {"name": name}), message)

    def test_category_that_is_its_own_parent(self):
        parent = self.env.ref("telecom_helpdesk.category_internet")
        child = self.env.ref("telecom_helpdesk.category_internet_down")
        for category in (parent, child):
            message = self.refusal(parent.with_user(self.manager).write, {"parent_id": category.id})
            self.assertIn("cannot be its own parent", message)
        self.assertEqual(child.parent_id, parent)

    def test_category_with_subcategories_is_not_deleted(self):
        parent = self.env.ref("telecom_helpdesk.category_internet")
        message = self.refusal(parent.with_user(self.manager).unlink)
        self.assertIn("Archive it instead", message)
        self.assertTrue(parent.exists())
