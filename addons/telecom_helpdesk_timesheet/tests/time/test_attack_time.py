from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...models.time.analytic_line_guard import BILLING_FIELDS
from ..attack_common import Attacks
from ..common import TimeCase
from ..timer_common import TimerCase

LINES = "account.analytic.line"


@tagged("post_install", "-at_install")
class TestCost(Attacks, TimeCase):
    """What an hour of a colleague costs is not for those who work beside them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls.make_user(
            "agent_voice_two", "telecom_helpdesk.group_agent", name="Vito Voice"
        )
        cls.make_employee(cls.colleague)
        cls.team_voice.member_ids = [Command.link(cls.colleague.id)]
        people = cls.colleague + cls.manager + cls.agent_voice
        people.group_ids = [Command.link(cls.env.ref("base.group_allow_export").id)]
        cls.agent_voice.employee_id.hourly_cost = 43.21
        cls.line = cls.log(60)

    def attempts(self):
        own = [("id", "=", self.line.id)]
        return {
            "read": ("read", self.line.ids, ["amount"]),
            "web_read": ("web_read", self.line.ids, {"amount": {}}),
            "search": ("search_count", [*own, ("amount", "<", -43)]),
            "search_read": ("search_read", own, ["amount"]),
            "order": ("search", own, 0, None, "amount desc"),
            "group": ("formatted_read_group", own, ["amount"], ["__count"]),
            "aggregate": ("formatted_read_group", own, [], ["amount:sum"]),
            "read_group": ("read_group", own, ["amount:sum"], []),
            "web_read_group": ("web_read_group", own, ["ticket_id"], ["amount:sum"]),
            "having": (
                "formatted_read_group",
                own,
                ["ticket_id"],
                ["__count"],
                [("amount:sum", "<", -43)],
            ),
            "export": ("export_data", self.line.ids, ["amount"]),
            "path": ("search_count", [*own, ("employee_id.hourly_cost", ">", 43)]),
            "write": ("write", self.line.ids, {"amount": 0}),
            "through the ticket": None,
        }

    def test_a_colleagues_cost_is_read_by_nobody_at_the_desk(self):
        self.assertEqual(self.line.amount, -43.21)
        for user in self.agent_voice + self.colleague + self.manager:
            for name, attempt in self.attempts().items():
                with self.subTest(name, user=user.login):
                    if attempt:
                        self.assert_refused(user, LINES, *attempt, says_not=("43.2",))
                    else:
                        domain = [("timesheet_ids.amount", "<", -43)]
                        self.assert_refused(user, "telecom.ticket", "search_count", domain)

    def test_an_onchange_does_not_tell_it_either(self):
        spec = {"amount": {}, "name": {}}
        self.assert_refused(
            self.colleague, LINES, "onchange", self.line.ids, {"name": "x"}, ["name"], spec
        )

    def test_no_path_leads_there(self):
        for user, model, path in (
            (self.colleague, "telecom.ticket", "timesheet_ids.amount"),
            (self.colleague, "project.project", "timesheet_ids.amount"),
            (self.manager, "telecom.billing.report", "entry_id.amount"),
            (self.manager, "telecom.time.correct.line", "line_id.amount"),
        ):
            with self.subTest(path, model=model):
                self.assert_refused(user, model, "search_count", [(path, "<", -43)])
        group = ("formatted_read_group", [], ["entry_id.amount"], ["__count"])
        self.assert_refused(self.manager, "telecom.billing.report", *group)

    def test_sums_do_not_tell_it_either(self):
        project = self.line.project_id
        days = {"from_date": "2026-01-01", "to_date": "2026-12-31"}
        for model, record, names in (
            ("account.analytic.account", project.account_id, ("balance", "debit", "credit")),
            ("project.project", project, ("analytic_account_balance",)),
        ):
            for name in names:
                for user in self.colleague + self.manager:
                    with self.subTest(name, user=user.login):
                        self.assert_refused(user, model, "read", record.ids, [name], context=days)
        groups = ("formatted_read_group", [], ["plan_id"], ["balance:sum"])
        self.assert_refused(self.colleague, "account.analytic.account", *groups)
        account = project.account_id
        [row] = self.rpc(self.accountant, account._name, "read", account.ids, ["balance"])
        self.assertTrue(row["balance"])

    def test_odoos_report_shows_ones_own_time_alone(self):
        rows = self.rpc(
            self.colleague,
            "timesheets.analysis.report",
            "search_read",
            [("project_id", "=", self.line.project_id.id)],
            ["amount", "user_id"],
        )
        self.assertFalse(rows)

    def test_who_keeps_the_books_or_approves_timesheets_knows_it(self):
        approver = self.make_user(
            "approver",
            "telecom_helpdesk.group_agent,hr_timesheet.group_hr_timesheet_approver",
        )
        for user in (self.accountant, approver):
            with self.subTest(user.login):
                [row] = self.rpc(user, LINES, "read", self.line.ids, ["amount"])
                self.assertEqual(row["amount"], -43.21)

    def test_odoos_timesheet_views_open_without_it(self):
        for view in (
            "hr_timesheet_line_form",
            "hr_timesheet_line_tree",
            "view_kanban_account_analytic_line",
        ):
            view = self.env.ref(f"hr_timesheet.{view}")
            kind = view.type
            views = self.rpc(self.agent_voice, LINES, "get_views", [(view.id, kind)])
            self.assertNotIn('name="amount"', views["views"][kind]["arch"])
        view = self.env.ref("hr_timesheet.view_hr_timesheet_line_pivot")
        for user, is_shown in ((self.agent_voice, False), (self.accountant, True)):
            views = self.rpc(user, LINES, "get_views", [(view.id, "pivot")])
            self.assertEqual('name="amount"' in views["views"]["pivot"]["arch"], is_shown)
            self.assertEqual("amount" in views["models"][LINES]["fields"], is_shown)


@tagged("post_install", "-at_install")
class TestOwnedFields(Attacks, TimeCase):
    """Approval, billing, and which answer it came with are not for anybody to say."""

    def test_no_field_of_the_software_is_set_from_outside(self):
        line = self.log(15)
        values = {"ticket_id": self.ticket.id, "unit_amount": 1.0}
        admin = self.env.ref("base.user_admin")
        for name in sorted(BILLING_FIELDS | {"message_id", "former_agents"}):
            with self.subTest(name):
                for user in self.agent_voice + self.manager + admin:
                    self.assert_refused(user, LINES, "write", line.ids, {name: 1})
                    self.assert_refused(user, LINES, "create", [{**values, name: 1}])
                    self.assert_refused(
                        user, LINES, "create", [values], context={f"default_{name}": 1}
                    )
                command = [Command.update(line.id, {name: 1})]
                self.assert_refused(
                    self.manager,
                    "telecom.ticket",
                    "write",
                    self.ticket.ids,
                    {"timesheet_ids": command},
                )

    def test_a_default_of_the_request_does_not_reach_the_parts_of_a_split(self):
        line = self.log(60, started_at="2026-03-02 16:00:00")
        context = {"default_billing_state": "approved", "default_approved_hours": 9}
        self.rpc(self.agent_voice, LINES, "write", line.ids, {"unit_amount": 2.0}, context=context)
        parts = self.ticket.timesheet_ids
        self.assertEqual(len(parts), 2)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(set(parts.mapped("billing_state")), {"to_approve"})
        self.assertFalse(any(parts.mapped("approved_hours")))

    def test_an_import_sets_none_of_them(self):
        result = self.rpc(
            self.manager,
            LINES,
            "load",
            ["ticket_id/.id", "unit_amount", "approved_hours"],
            [[str(self.ticket.id), "1", "8"]],
        )
        self.assertFalse(result["ids"])
        self.assertIn("Approved Time", result["messages"][0]["message"])


@tagged("post_install", "-at_install")
class TestOwnTime(Attacks, TimeCase):
    """Nobody approves their own time by calling it somebody else's."""

    def approve_as(self, user, line):
        self.assert_not_done(user, LINES, "action_approve", line.ids)
        self.assertEqual(line.billing_state, "to_approve")

    def test_moved_to_another_employee(self):
        line = self.log(30, user=self.manager)
        employee = self.agent_voice.employee_id
        self.rpc(self.manager, LINES, "write", line.ids, {"employee_id": employee.id})
        self.assertEqual(line.user_id, self.agent_voice)
        self.approve_as(self.manager, line)
        self.approve(line, self.manager_two)
        self.assertEqual(line.billing_state, "approved")

    def test_taken_over_and_given_back(self):
        line = self.log(30)
        own, theirs = self.manager.employee_id, self.agent_voice.employee_id
        for employee in (own, theirs):
            self.rpc(self.manager, LINES, "write", line.ids, {"employee_id": employee.id})
        self.approve_as(self.manager, line)

    def test_another_user_on_the_entry_alone(self):
        line = self.log(30, user=self.manager)
        self.rpc(self.manager, LINES, "write", line.ids, {"user_id": self.agent_voice.id})
        self.approve_as(self.manager, line)

    def test_another_user_on_the_entry_and_back(self):
        line = self.log(30)
        for user in self.manager + self.agent_voice:
            self.rpc(self.manager, LINES, "write", line.ids, {"user_id": user.id})
        self.approve_as(self.manager, line)

    def test_another_user_of_the_employee(self):
        line = self.log(30)
        taken = self.log(30)
        self.agent_voice.employee_id.user_id = self.internal_user
        self.env.flush_all()
        self.assertEqual(line.user_id, self.internal_user)
        self.agent_voice.group_ids = [
            Command.link(self.env.ref("telecom_helpdesk.group_manager").id)
        ]
        self.approve_as(self.agent_voice, taken)

    def test_logged_for_a_colleague(self):
        line = self.log(30, user=self.manager, employee_id=self.agent_voice.employee_id.id)
        self.approve_as(self.manager, line)
        self.approve(line, self.manager_two)
        self.assertEqual(line.billing_state, "approved")

    def test_correcting_it_is_refused_as_well(self):
        line = self.log(30, user=self.manager)
        employee = self.agent_voice.employee_id
        self.rpc(self.manager, LINES, "write", line.ids, {"employee_id": employee.id})
        wizard = self.rpc(
            self.manager,
            "telecom.time.correct",
            "create",
            {"note": "x", "entry_ids": [Command.create({"line_id": line.id, "hours": 9})]},
        )
        self.assert_not_done(self.manager, "telecom.time.correct", "action_correct", [wizard])
        self.assertFalse(line.approved_hours)

    def test_the_parts_of_a_split_are_whose_it_was(self):
        line = self.log(60, user=self.manager, started_at="2026-03-02 16:00:00")
        employee = self.agent_voice.employee_id
        self.rpc(self.manager, LINES, "write", line.ids, {"employee_id": employee.id})
        line.with_user(self.agent_voice).unit_amount = 3.0
        part = self.ticket.timesheet_ids - line
        self.assertEqual(part.create_uid, self.manager)
        self.approve_as(self.manager, part)

    def test_who_only_has_it_split_approves_it(self):
        line = self.log(60, started_at="2026-03-02 16:00:00")
        line.with_user(self.manager).unit_amount = 3.0
        parts = self.ticket.timesheet_ids
        self.assertEqual(len(parts), 2)
        self.approve(parts)
        self.assertEqual(set(parts.mapped("billing_state")), {"approved"})

    def test_agents_approve_nothing(self):
        line = self.log(30, user=self.manager)
        for method in ("action_approve", "action_reject", "action_correct_hours", "action_unlock"):
            self.assert_refused(self.agent_voice, LINES, method, line.ids)


@tagged("post_install", "-at_install")
class TestNothingIsTold(Attacks, TimerCase):
    """No message tells of an entry, a ticket or a timer that the caller may not read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_other_company()
        cls.line = cls.log(30)
        cls.approve(cls.line)

    def test_locked_time_names_nothing_to_strangers(self):
        secrets = (self.ticket.number, "Vera", "Mona")
        for user in (
            self.agent_internet,
            self.internal_user,
            self.portal_user,
            self.portal_other,
            self.public_user,
            self.manager_of_two,
            self.accountant,
        ):
            for method, *args in (
                ("write", {"name": "x"}),
                ("write", {"ticket_id": False}),
                ("unlink",),
                ("action_approve",),
                ("action_reject",),
                ("action_unlock",),
                ("action_correct_hours",),
                ("action_resubmit",),
            ):
                with self.subTest(user=user.login, method=method):
                    self.assert_refused(user, LINES, method, self.line.ids, *args, says_not=secrets)

    def test_public_methods_open_nothing_for_strangers(self):
        for user in (self.agent_internet, self.internal_user, self.portal_other):
            for model, method, records in (
                (LINES, "action_open_billed_ticket", self.line),
                (LINES, "action_open_invoice", self.line),
                ("telecom.ticket", "action_open_time", self.ticket),
                ("telecom.ticket", "action_open_invoices", self.ticket),
                ("telecom.billing.report", "action_open_ticket", self.line),
                ("telecom.ticket", "action_timer_start", self.ticket),
            ):
                with self.subTest(user=user.login, method=method):
                    self.assert_refused(
                        user, model, method, records.ids, says_not=(self.ticket.number,)
                    )

    def test_stopping_a_timer_does_not_tell_a_tickets_number(self):
        with self.assertRaisesRegex(UserError, "No timer of yours") as caught:
            self.rpc(self.agent_internet, "telecom.ticket", "action_timer_stop", self.ticket.ids)
        self.assertNotIn(self.ticket.number, str(caught.exception))

    def test_timers_are_for_agents(self):
        for user in (self.portal_user, self.internal_user):
            for method in (
                "action_timer_stop",
                "action_timer_pause",
                "action_timer_confirm",
                "action_timer_discard",
            ):
                with self.subTest(user=user.login, method=method):
                    self.assert_refused(user, "telecom.ticket", method, self.ticket.ids)
            self.assert_refused(user, "telecom.ticket.timer", "get_timers")

    def test_the_dialog_to_stop_shows_no_other_ticket(self):
        self.assert_refused(
            self.agent_internet,
            "telecom.timer.stop",
            "create",
            {"ticket_id": self.ticket.id, "minutes": 5},
        )
        self.assert_refused(
            self.agent_internet,
            "telecom.timer.stop",
            "onchange",
            [],
            {"ticket_id": self.ticket.id},
            ["ticket_id"],
            {"ticket_id": {"fields": {"display_name": {}}}, "billable": {}},
        )

    def test_the_dialog_stays_with_its_ticket(self):
        self.start("08:00:00")
        dialog = self.rpc(
            self.agent_voice,
            "telecom.timer.stop",
            "create",
            {"ticket_id": self.ticket.id, "minutes": 5},
        )
        other = self.make_ticket(name="Another")
        self.assert_refused(
            self.agent_voice, "telecom.timer.stop", "write", [dialog], {"ticket_id": other.id}
        )

    def test_odd_contexts_and_minutes_are_no_server_errors(self):
        for lines in ("x", 5, [5], [[6, 0, "ab"]], [(6, 0, [None, True])], {"a": 1}):
            with self.subTest(lines=lines):
                values = self.rpc(
                    self.manager,
                    "telecom.time.correct",
                    "default_get",
                    ["entry_ids"],
                    context={"default_line_ids": lines},
                )
                self.assertFalse(values["entry_ids"])
        for minutes in ("1e9", float("inf"), -5, [], {"a": 1}, "²", "٣"):
            with self.subTest(minutes=minutes):
                self.assert_not_done(
                    self.agent_voice,
                    "telecom.ticket",
                    "message_post",
                    self.ticket.ids,
                    body="Hi",
                    telecom_minutes=minutes,
                )

    def test_entries_of_odd_lengths_and_days_are_no_server_errors(self):
        for values in (
            {"unit_amount": float("inf")},
            {"unit_amount": float("nan")},
            {"unit_amount": 1e300},
            {"unit_amount": 1, "date": "0001-01-01"},
            {"unit_amount": 1, "date": "9999-12-31"},
            {"unit_amount": 1, "started_at": "0001-01-01 00:00:00"},
            {"unit_amount": 1, "started_at": "9999-12-31 23:59:59"},
        ):
            with self.subTest(values=values):
                self.assert_not_done(
                    self.agent_voice, LINES, "create", [{"ticket_id": self.ticket.id, **values}]
                )
                line = self.log(15, started_at="2026-03-02 09:00:00")
                self.assert_not_done(self.agent_voice, LINES, "write", line.ids, values)

    def test_the_agents_own_message_still_names_it(self):
        with self.assertRaisesRegex(UserError, "approved by Mona Manager"):
            self.rpc(self.agent_voice, LINES, "write", self.line.ids, {"name": "x"})
        self.assertTrue(Form(self.ticket.with_user(self.agent_voice)))
