from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form

from ...models.time.analytic_line_guard import BILLING_FIELDS
from ..common import TimeCase


class TestGuard(TimeCase):
    """What was approved stays as it is, whoever asks and however."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls.log(30)
        cls.approve(cls.line)

    def assert_refused(self, line, vals, message="approved by Mona Manager"):
        with self.assertRaisesRegex(UserError, message):
            line.write(vals)

    def test_approved_time_cannot_be_changed(self):
        users = self.agent_voice + self.manager + self.env.ref("base.user_admin")
        for user in users:
            for vals in (
                {"unit_amount": 5.0},
                {"name": "Something else"},
                {"billable": False},
                {"date": "2026-01-01"},
                {"ticket_id": False},
                {"amount": 0.0},
                {"user_id": self.agent_internet.id},
            ):
                with self.subTest(user=user.login, vals=vals):
                    self.assert_refused(self.line.with_user(user), vals)
        self.assert_refused(self.line.sudo(), {"unit_amount": 5.0})
        self.assertEqual(self.line.unit_amount, 0.5)

    def test_the_message_names_the_entry_and_who_can_unlock_it(self):
        with self.assertRaises(UserError) as caught:
            self.line.write({"name": "Else"})
        for part in (self.ticket.number, "Vera Voice", "Mona Manager"):
            self.assertIn(part, str(caught.exception))

    def test_no_key_of_the_context_opens_the_door(self):
        keys = ("telecom_billing", "tracking_disable", "install_mode", "import_file", "force")
        context = dict.fromkeys(keys, True)
        self.assert_refused(self.line.with_context(**context), {"unit_amount": 5.0})

    def test_approved_time_cannot_be_deleted(self):
        for lines in (self.line.with_user(self.agent_voice), self.line.sudo()):
            with self.assertRaisesRegex(UserError, "approved by Mona Manager"):
                lines.unlink()
        self.assertTrue(self.line.exists())

    def test_approved_time_cannot_be_changed_by_import(self):
        self.env["ir.model.data"].create(
            {
                "module": "__import__",
                "name": "entry",
                "model": self.line._name,
                "res_id": self.line.id,
            }
        )
        result = (
            self.env["account.analytic.line"]
            .with_user(self.manager)
            .load([".id", "unit_amount"], [[str(self.line.id), "7.5"]])
        )
        self.assertIn("approved by Mona Manager", result["messages"][0]["message"])
        self.assertEqual(self.line.unit_amount, 0.5)

    def test_approved_time_cannot_be_changed_through_the_ticket(self):
        with self.assertRaisesRegex(UserError, "approved by Mona Manager"):
            self.ticket.with_user(self.manager).write(
                {"timesheet_ids": [(1, self.line.id, {"unit_amount": 3})]}
            )
        with self.assertRaisesRegex(UserError, "approved by Mona Manager"):
            self.ticket.with_user(self.manager).write({"timesheet_ids": [(2, self.line.id)]})

    def test_nobody_writes_what_approval_and_billing_write(self):
        line = self.log(15)
        for name in sorted(BILLING_FIELDS):
            for user in self.agent_voice + self.manager + self.env.ref("base.user_admin"):
                with (
                    self.subTest(name, user=user.login),
                    self.assertRaisesRegex(AccessError, "approval and billing alone"),
                ):
                    line.with_user(user).write({name: line[name] or 1})

    def test_nobody_makes_approved_time(self):
        lines = self.env["account.analytic.line"].with_user(self.manager)
        vals = {"ticket_id": self.ticket.id, "unit_amount": 1.0}
        with self.assertRaises(AccessError):
            lines.create({**vals, "billing_state": "approved"})
        with self.assertRaises(AccessError):
            lines.create({**vals, "billed_hours": 8.0})
        context = {"default_billing_state": "invoiced", "default_approved_hours": 8.0}
        with self.assertRaises(AccessError):
            lines.with_context(**context).create(vals)

    def test_a_copy_of_approved_time_waits_for_approval(self):
        copy = self.line.with_user(self.agent_voice).copy()
        self.assertRecordValues(
            copy,
            [
                {
                    "billing_state": "to_approve",
                    "approved_hours": 0,
                    "approved_by_id": False,
                    "billed_hours": 0,
                    "support_rate_id": False,
                    "ticket_id": self.ticket.id,
                }
            ],
        )

    def test_odoos_own_timesheets_show_it_read_only(self):
        self.assertTrue(self.line.with_user(self.agent_voice).readonly_timesheet)
        own = self.log(15)
        self.assertFalse(own.with_user(self.agent_voice).readonly_timesheet)
        self.assertTrue(own.with_user(self.agent_internet).readonly_timesheet)
        self.assertFalse(own.with_user(self.manager).readonly_timesheet)

    def test_what_changes_around_it_leaves_it_as_it_was_approved(self):
        contract = self.make_contract(self.customer)
        self.ticket.with_user(self.manager).write(
            {"partner_id": self.other_customer.id, "contract_id": False}
        )
        self.line.employee_id.user_id = self.internal_user
        self.env.flush_all()
        self.assertRecordValues(
            self.line,
            [
                {
                    "partner_id": self.customer.id,
                    "user_id": self.agent_voice.id,
                    "contract_id": False,
                }
            ],
        )
        self.assertTrue(contract)

    def test_time_that_may_change_follows_the_ticket(self):
        line = self.log(15)
        contract = self.make_contract(self.other_customer)
        self.ticket.with_user(self.manager).write(
            {"partner_id": self.other_customer.id, "contract_id": contract.id}
        )
        self.assertEqual((line.partner_id, line.contract_id), (self.other_customer, contract))

    def test_bookkeeping_goes_on_for_time_that_may_change(self):
        self.agent_voice.employee_id.hourly_cost = 40.0
        line = self.log(30)
        self.assertEqual(line.amount, -20.0)
        line.with_user(self.agent_voice).unit_amount = 1.0
        self.assertEqual(line.amount, -40.0)

    def test_a_ticket_with_time_is_archived_not_deleted(self):
        with self.assertRaisesRegex(UserError, "Archive the ticket"):
            self.ticket.with_user(self.manager).unlink()
        self.ticket.with_user(self.manager).action_archive()
        self.assertEqual(self.ticket.timesheet_ids, self.line)
        self.assert_refused(self.line, {"name": "Else"})

    def test_deleting_the_project_leaves_time_standing(self):
        with self.assertRaises(RedirectWarning):
            self.company.telecom_support_project_id.unlink()
        self.assertTrue(self.line.exists())

    def test_time_of_a_project_is_none_of_our_business(self):
        project = self.env["project.project"].create(
            {"name": "Rollout", "allow_timesheets": True, "company_id": self.company.id}
        )
        lines = self.env["account.analytic.line"].with_user(self.agent_voice)
        line = lines.create({"project_id": project.id, "name": "Dig", "unit_amount": 30.0})
        self.assertRecordValues(line, [{"billing_state": False, "billable": False}])
        line.write({"unit_amount": 31.0})
        line.unlink()

    def test_the_form_of_an_approved_entry_is_read_only(self):
        with (
            Form(
                self.line.with_user(self.agent_voice),
                "telecom_helpdesk_timesheet.account_analytic_line_view_form_ticket",
            ) as form,
            self.assertRaises(AssertionError),
        ):
            form.unit_amount = 3
