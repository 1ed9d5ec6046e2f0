from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..timer_common import TimerCase, at


class TestTimeMoves(TimerCase):
    def merge(self, ticket, target):
        """Merge by the wizard, as an agent of both."""
        wizard = self.env["telecom.ticket.merge"].with_user(self.agent_voice)
        form = Form(wizard.with_context(default_ticket_ids=[(6, 0, ticket.ids)]))
        form.target_id = target.with_user(self.agent_voice)
        form.save().action_merge()

    def test_merging_moves_time_locked_or_not(self):
        other = self.make_ticket(name="The same")
        approved = self.log(30, ticket=other)
        open_line = self.log(45, ticket=other)
        self.approve(approved)
        self.merge(other, self.ticket)
        self.assertEqual((approved + open_line).ticket_id, self.ticket)
        self.assertEqual(approved.billing_state, "approved")
        self.assertEqual(self.minutes(self.ticket.total_hours), 75)
        self.assertEqual(other.total_hours, 0)

    def test_merging_moves_timers_and_loses_no_second(self):
        other = self.make_ticket(name="The same")
        self.start("08:00:00")
        self.start("08:10:00", ticket=other)
        self.start("08:00:00", ticket=other, user=self.manager)
        with frozen(at("08:15:30")):
            self.merge(other, self.ticket)
            [timer] = self.get_timers()
            [managers] = self.get_timers(self.manager)
        self.assertEqual(timer["number"], self.ticket.number)
        self.assertEqual((timer["seconds"], timer["running"]), (15 * 60 + 30, True))
        self.assertEqual(managers["number"], self.ticket.number)

    def test_contract_and_customer_follow_unless_approved(self):
        contract = self.make_contract(self.customer)
        approved, open_line = self.log(30), self.log(45)
        self.approve(approved)
        target = self.make_ticket(name="The same", contract_id=contract.id)
        self.merge(self.ticket, target)
        self.assertFalse(approved.contract_id)
        self.assertEqual(open_line.contract_id, contract)
        self.assertEqual((approved + open_line).partner_id, self.customer)

    def test_customer_of_a_ticket_that_had_none_gets_its_time(self):
        nobodys = self.make_ticket(name="Who called?", partner_id=False)
        line = self.log(30, ticket=nobodys)
        self.merge(nobodys, self.ticket)
        self.assertEqual(line.partner_id, self.customer)

    def test_rejected_time_stays_rejected(self):
        other = self.make_ticket(name="The same")
        line = self.log(30, ticket=other)
        line.with_user(self.manager)._reject("Ours to bear")
        self.merge(other, self.ticket)
        self.assertEqual(line.ticket_id, self.ticket)
        self.assertEqual(line.billing_state, "rejected")

    def test_incident_and_its_tickets_keep_their_time(self):
        incident = self.make_ticket(name="The exchange is down", incident_kind="incident")
        other = self.make_ticket(name="The same", incident_kind="incident")
        child = self.make_ticket(name="Affected", parent_id=other.id)
        line = self.log(30, ticket=child)
        self.merge(other, incident)
        self.assertEqual(line.ticket_id, child)

    def test_splitting_with_approved_time_of_the_same_customer(self):
        note = self.agent_notes(self.ticket)
        line = self.log(30)
        self.approve(line)
        wizard = Form(
            self.env["telecom.ticket.split"]
            .with_user(self.agent_voice)
            .with_context(default_message_id=note.id)
        )
        self.assertFalse(wizard.message_time)
        wizard.timesheet_ids.add(line)
        new = self.env["telecom.ticket"].browse(wizard.save().action_split()["res_id"])
        self.assertEqual(line.ticket_id, new)
        self.assertEqual(line.billing_state, "approved")

    def test_splitting_offers_no_time_of_other_tickets(self):
        note = self.agent_notes(self.ticket)
        slow = self.make_ticket(name="Slow line")
        wizard = self.env["telecom.ticket.split"].with_user(self.agent_voice)

        def open_with(line):
            return wizard.create(
                {"message_id": note.id, "name": "Other", "timesheet_ids": [(6, 0, line.ids)]}
            )

        with self.assertRaisesRegex(ValidationError, "cannot be chosen"):
            open_with(self.log(30, ticket=slow))
        line = self.log(30)
        wizard = open_with(line)
        line._move_to_ticket(slow)
        with self.assertRaisesRegex(UserError, "no longer on the ticket"):
            wizard.action_split()

    def test_splitting_moves_what_was_logged_with_the_message_and_what_is_chosen(self):
        note = self.ticket.with_user(self.agent_voice).message_post(
            body="Another thing",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            telecom_minutes=10,
        )
        with_note = self.ticket.timesheet_ids
        chosen, left = self.log(20), self.log(30)
        wizard = Form(
            self.env["telecom.ticket.split"]
            .with_user(self.agent_voice)
            .with_context(default_message_id=note.id)
        )
        self.assertEqual(wizard.message_time, "0:10")
        wizard.timesheet_ids.add(chosen)
        new = self.env["telecom.ticket"].browse(wizard.save().action_split()["res_id"])
        self.assertEqual(new.timesheet_ids, with_note + chosen)
        self.assertEqual(self.ticket.timesheet_ids, left)

    def test_approved_time_is_nobody_elses(self):
        line = self.log(30)
        self.approve(line)
        theirs = self.make_ticket(name="Theirs", partner_id=self.other_customer.id)
        with self.assertRaisesRegex(UserError, "was approved for ACME"):
            self.ticket._move_time(line, theirs)
