from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..common import TimeCase


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
        self.assertEqual(ticket._get_people_to_notify(ticket.user_id), self.manager)

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


class TestPeopleWithTime(TimeCase):
    """Whose time it is, and who approved it, stays with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entry = cls.log(30)
        cls.approve(cls.entry)

    def assert_kept(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertRecordValues(
            self.entry,
            [
                {
                    "user_id": self.agent_voice.id,
                    "employee_id": self.agent_voice.employee_id.id,
                    "approved_by_id": self.manager.id,
                    "company_id": self.company.id,
                    "billing_state": "approved",
                }
            ],
        )

    def test_a_user_with_time_is_archived_not_deleted(self):
        for user in self.agent_voice + self.manager:
            with self.assertRaisesRegex(UserError, f"{user.name}.*Archive"):
                user.unlink()
        self.assert_kept()
        self.agent_voice.action_archive()
        self.manager.action_archive()
        self.entry.with_user(self.manager_two)._unlock("Left")
        self.assertEqual(self.entry.user_id, self.agent_voice)

    def test_an_employee_with_time_is_archived_not_deleted(self):
        employee = self.agent_voice.employee_id
        action = employee.action_unlink_wizard()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        with self.assertRaisesRegex(UserError, "Vera Voice.*Archive"):
            wizard.action_confirm_delete()
        self.assert_kept()

    def test_who_never_logged_time_can_be_deleted(self):
        new = self.make_user("nina", "telecom_helpdesk.group_agent", name="Nina New")
        self.make_employee(new).unlink()
        new.unlink()
        self.assertFalse(new.exists())

    def test_an_employee_who_moves_to_another_company(self):
        other = self.env["res.company"].create({"name": "Belgium"})
        self.agent_voice.company_ids += other
        self.agent_voice.employee_id.company_id = other
        self.entry.invalidate_recordset()
        self.assertEqual(self.entry.company_id, self.company)
        self.assertEqual(self.entry.employee_id.user_id, self.agent_voice)
        self.agent_voice.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self.assertEqual(self.entry.user_id, self.agent_voice)
        self.assertEqual(self.entry.billing_state, "approved")
