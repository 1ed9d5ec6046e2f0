from odoo.exceptions import ValidationError

from .common import TimeCase


class TestEmployeeDeparts(TimeCase):
    """Human resources archive an employee; nobody thinks of the login."""

    def depart(self, user):
        """*Archive* in the employee's form, with the dialog that asks why."""
        employee = user.employee_ids
        employee.action_archive()
        self.env["hr.departure.wizard"].with_context(active_ids=employee.ids).create(
            {"employee_ids": [(6, 0, employee.ids)]}
        ).action_register_departure()

    def test_the_leader_is_told_and_the_agent_gets_no_more(self):
        ticket = self.make_ticket(user_id=self.agent_voice.id)
        self.depart(self.agent_voice)
        self.assertTrue(self.agent_voice.active)
        told = self.env["mail.message"].search(
            [
                ("message_type", "=", "user_notification"),
                ("subject", "=", "Tickets of Vera Voice: 1"),
            ]
        )
        self.assertEqual(told.partner_ids, self.manager.partner_id)
        self.assertIn(ticket.number, told.body)
        other = self.make_ticket()
        with self.assertRaises(ValidationError):
            other.with_user(self.manager).user_id = self.agent_voice
        self.assertEqual(ticket._get_people_to_tell(ticket.user_id), self.manager)

    def test_who_comes_back_works_again(self):
        self.depart(self.agent_voice)
        self.agent_voice.with_context(active_test=False).employee_ids.action_unarchive()
        ticket = self.make_ticket()
        ticket.with_user(self.manager).user_id = self.agent_voice
        self.assertEqual(ticket.user_id, self.agent_voice)

    def test_who_is_employed_elsewhere_in_the_group_has_not_left(self):
        company = self.env["res.company"].create({"name": "Belgium"})
        employee = self.agent_voice.employee_ids
        self.env["hr.employee"].create(
            {"name": "Vera", "user_id": self.agent_voice.id, "company_id": company.id}
        )
        employee.active = False
        self.assertTrue(self.env["telecom.agent"]._filter_at_work(self.agent_voice))
