from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import TimeCase

OPERATIONS = {"r": "read", "w": "write", "d": "unlink"}
QUIET_LOGGERS = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


class TestTimeAccess(TimeCase):
    """Who sees, changes and bills which time on tickets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.make_user(
            "agent_voice_two", "telecom_helpdesk.group_agent", name="Vito Voice"
        )
        cls.make_employee(cls.colleague)
        cls.team_voice.member_ids = [Command.link(cls.colleague.id)]
        cls.other_company = cls.env["res.company"].create({"name": "Operator Two"})
        cls.foreign_manager = cls.make_user(
            "foreign_manager",
            "telecom_helpdesk.group_manager",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )
        cls.planner = cls.make_user(
            "planner", "hr_timesheet.group_hr_timesheet_user", name="Pia Planner"
        )
        cls.bookkeeper = cls.make_user(
            "bookkeeper", "account.group_account_manager", name="Bo Keeper"
        )
        cls.line = cls.log(30)
        cls.locked = cls.log(30)
        cls.approve(cls.locked)
        cls.env.flush_all()
        cls.env.invalidate_all()

    def rights(self, user, line):
        line = line.with_user(user)
        return "".join(
            letter for letter, operation in OPERATIONS.items() if line.has_access(operation)
        )

    def test_rights_by_role(self):
        for user, expected in (
            (self.agent_voice, "rwd"),
            (self.colleague, "r"),
            (self.agent_internet, ""),
            (self.manager, "rwd"),
            (self.foreign_manager, ""),
            (self.accountant, "r"),
            (self.bookkeeper, "r"),
            (self.internal_user, ""),
            (self.planner, ""),
            (self.public_user, ""),
        ):
            with self.subTest(user.login), mute_logger(*QUIET_LOGGERS):
                self.assertEqual(self.rights(user, self.line), expected)
                found = None
                if expected:
                    found = self.line.with_user(user).search([("id", "=", self.line.id)])
                self.assertEqual(bool(found), bool(expected))

    def test_colleagues_read_and_change_nothing(self):
        line = self.line.with_user(self.colleague)
        self.assertEqual(line.name, "Looked into it")
        with mute_logger(*QUIET_LOGGERS):
            with self.assertRaises(AccessError):
                line.unit_amount = 3
            with self.assertRaises(AccessError):
                line.unlink()

    def test_accountants_neither_change_nor_make_nor_delete_time_on_tickets(self):
        for user in self.accountant + self.bookkeeper:
            line = self.line.with_user(user)
            with self.subTest(user.login), mute_logger(*QUIET_LOGGERS):
                with self.assertRaises(AccessError):
                    line.unit_amount = 3
                with self.assertRaises(AccessError):
                    line.unlink()
                with self.assertRaises(AccessError):
                    line.action_approve()
                self.make_employee(user)
                with self.assertRaises(AccessError):
                    line.create({"ticket_id": self.ticket.id, "name": "Me", "unit_amount": 1})

    def test_accountants_keep_their_own_entries(self):
        account = self.company.telecom_support_project_id.account_id
        line = (
            self.env["account.analytic.line"]
            .with_user(self.accountant)
            .create({"name": "Correction", "amount": 10, "account_id": account.id})
        )
        line.amount = 12
        line.unlink()

    def test_an_agent_logs_for_themselves_and_a_manager_for_all(self):
        lines = self.env["account.analytic.line"]
        vals = {"ticket_id": self.ticket.id, "name": "Yours", "unit_amount": 1}
        own = {**vals, "employee_id": self.agent_voice.employee_id.id}
        with self.assertRaises(AccessError), mute_logger(*QUIET_LOGGERS):
            lines.with_user(self.colleague).create(own)
        line = lines.with_user(self.manager).create(own)
        self.assertEqual(line.user_id, self.agent_voice)

    def test_who_cannot_see_the_ticket_logs_nothing_on_it(self):
        for user in self.agent_internet + self.planner:
            if not user.employee_id:
                self.make_employee(user)
            with self.subTest(user.login), mute_logger(*QUIET_LOGGERS):
                with self.assertRaises(AccessError):
                    self.log(30, user=user)
                # nor by moving an entry there
                project = self.company.telecom_support_project_id
                line = (
                    self.env["account.analytic.line"]
                    .with_user(user)
                    .create({"project_id": project.id, "name": "Mine", "unit_amount": 1})
                )
                with self.assertRaises(AccessError):
                    line.ticket_id = self.ticket

    def test_a_manager_changes_time_on_tickets_and_no_other_projects(self):
        project = self.env["project.project"].create(
            {"name": "Rollout", "allow_timesheets": True, "company_id": self.company.id}
        )
        other = (
            self.env["account.analytic.line"]
            .with_user(self.agent_voice)
            .create({"project_id": project.id, "name": "Dig", "unit_amount": 1})
        )
        self.line.with_user(self.manager).billable = False
        self.assertEqual(self.line.billing_state, "not_billable")
        with mute_logger(*QUIET_LOGGERS), self.assertRaises(AccessError):
            other.with_user(self.manager).name = "Mine now"
        approver = "hr_timesheet.group_hr_timesheet_approver"
        self.assertFalse(self.manager.has_group(approver))

    def test_agents_have_no_accounting_rights_and_read_the_page_all_the_same(self):
        self.assertFalse(self.agent_voice.has_group("account.group_account_readonly"))
        self.env["account.move.line"].with_user(self.accountant).browse().check_access("read")
        with mute_logger(*QUIET_LOGGERS), self.assertRaises(AccessError):
            self.env["account.move"].with_user(self.agent_voice).search([])
        with Form(self.ticket.with_user(self.agent_voice)) as form:
            self.assertEqual(len(form.timesheet_ids), 2)
        for name in ("mine", "review", "ticket"):
            view = self.env.ref(
                f"telecom_helpdesk_timesheet.account_analytic_line_view_list_{name}"
            )
            lines = self.env["account.analytic.line"]
            for user, field in (
                (self.agent_voice, "invoice_label"),
                (self.accountant, "invoice_id"),
            ):
                with self.subTest(name, user=user.login):
                    arch = lines.with_user(user).get_view(view.id)["arch"]
                    others = {"invoice_label", "invoice_id"} - {field}
                    self.assertIn(f'name="{field}"', arch)
                    self.assertNotIn(f'name="{others.pop()}"', arch)


class TestAccountantTicket(TimeCase):
    """From the invoice's entries to the ticket, and no further."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls.log(30)
        cls.approve(cls.line)
        cls.bare = cls.make_ticket(name="Without time")
        cls.waiting = cls.make_ticket(name="Not approved")
        cls.log(15, ticket=cls.waiting)
        cls.agent_notes(cls.ticket, body="The customer is impossible.")
        cls.env.flush_all()
        cls.env.invalidate_all()

    def test_accountants_read_tickets_with_approved_time(self):
        tickets = self.env["telecom.ticket"].with_user(self.accountant)
        mine = self.ticket + self.bare + self.waiting
        self.assertEqual(tickets.search([("id", "in", mine.ids)]), self.ticket)
        own = self.ticket.with_user(self.accountant)
        with mute_logger(*QUIET_LOGGERS):
            for operation in ("write", "unlink", "create"):
                self.assertFalse(own.has_access(operation), operation)
            with self.assertRaises(AccessError):
                own.name = "Mine"

    def test_the_accountants_form_opens_and_is_read_only(self):
        own = self.ticket.with_user(self.accountant)
        action = own._get_billing_action()
        view = self.env["ir.ui.view"].browse(action["views"][0][0])
        self.assertEqual(own.get_formview_id(), view.id)
        form = Form(own, view)
        self.assertEqual(form.number, self.ticket.number)
        self.assertEqual(len(form.timesheet_ids), 1)
        spec = {
            "partner_id": {"fields": {"display_name": {}}},
            "team_id": {"fields": {"display_name": {}}},
            "stage_id": {"fields": {"display_name": {}}},
            "category_id": {"fields": {"display_name": {}}},
            "contract_id": {"fields": {"display_name": {}}},
        }
        [read] = own.web_read(spec)
        self.assertEqual(read["team_id"]["display_name"], "Voice")

    def test_accountants_do_not_read_or_join_the_conversation(self):
        own = self.ticket.with_user(self.accountant)
        note = self.ticket.message_ids.filtered("body")[0]
        self.env.invalidate_all()
        with mute_logger(*QUIET_LOGGERS), self.assertRaises(AccessError):
            own.message_ids.ids  # noqa: B018 (to read it is what is tried)
        with mute_logger(*QUIET_LOGGERS):
            with self.assertRaises(AccessError):
                note.with_user(self.accountant).read(["body"])
            with self.assertRaises(AccessError):
                own.message_post(body="Pay first", message_type="comment")
        self.assertEqual(self.agent_notes(self.ticket).author_id, self.agent_voice.partner_id)

    def test_an_agent_who_is_accountant_too_sees_the_whole_ticket(self):
        self.agent_voice.group_ids = [
            Command.link(self.env.ref("account.group_account_invoice").id)
        ]
        own = self.ticket.with_user(self.agent_voice)
        self.assertNotEqual(
            own.get_formview_id(),
            self.env.ref("telecom_helpdesk_timesheet.telecom_ticket_view_form_billing").id,
        )
        self.assertIn("impossible", "".join(own.message_ids.mapped("body")))
        # They log their own time, and still change nobody else's.
        self.assertTrue(self.log(5).with_user(self.agent_voice).has_access("write"))
