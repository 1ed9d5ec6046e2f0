import re

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..common import TimeCase


class ReviewCase(TimeCase):
    def open_wizard(self, lines, button, user=None):
        """``user`` (``manager``) presses ``button`` on ``lines``: the wizard's form."""
        action = getattr(lines.with_user(user or self.manager), button)()
        model = self.env[action["res_model"]].with_user(user or self.manager)
        return Form(model.with_context(**action["context"]))

    def reject(self, lines, reason="Which router?", user=None):
        form = self.open_wizard(lines, "action_reject", user)
        form.reason = reason
        action = form.save().action_confirm()
        lines.invalidate_recordset()
        return action

    def unlock(self, lines, note="Wrong ticket", user=None):
        form = self.open_wizard(lines, "action_unlock", user)
        form.note = note
        action = form.save().action_confirm()
        lines.invalidate_recordset()
        return action

    def message(self, action):
        return action["params"]["message"]


class TestApprove(ReviewCase):
    """A manager lets time pass, alone or in bulk."""

    def test_manager_approves_in_bulk(self):
        with frozen("2026-03-02 10:00:00"):
            other = self.make_ticket(team_id=self.team_internet.id)
            lines = self.log(20) + self.log(50)
            lines += self.log(30, user=self.agent_internet, ticket=other)
            action = self.approve(lines)
        self.assertRecordValues(
            lines,
            [
                {
                    "billing_state": "approved",
                    "unit_amount": minutes / 60,
                    "approved_hours": minutes / 60,
                    "billed_hours": billed / 60,
                    "support_rate_id": self.rate_working.id,
                    "approved_by_id": self.manager.id,
                }
                for minutes, billed in ((20, 30), (50, 60), (30, 30))
            ],
        )
        self.assertEqual(str(lines[0].approved_at), "2026-03-02 10:00:00")
        self.assertIn("1:40 h (entries: 3)", self.message(action))

    def test_a_call_out_is_billed_as_an_hour_at_least(self):
        line = self.log(20, started_at="2026-03-02 21:00:00")
        self.approve(line)
        self.assertRecordValues(
            line,
            [{"hours_period": "out", "support_rate_id": self.rate_out.id, "billed_hours": 1.0}],
        )

    def test_what_cannot_be_approved_is_left_and_the_answer_says_why(self):
        nobodys = self.make_ticket(partner_id=False, name="Who is it?")
        good, no_customer = self.log(30), self.log(30, ticket=nobodys)
        free = self.log(30, billable=False)
        own = self.log(30, user=self.manager)
        action = self.approve(good + no_customer + free + own)
        self.assertEqual(
            (good + no_customer + free + own).mapped("billing_state"),
            ["approved", "to_approve", "not_billable", "to_approve"],
        )
        for text in (
            f"{nobodys.number}, Vera Voice: the ticket has no customer",
            "it is not billable",
            "Mona Manager: your own time",
        ):
            self.assertIn(text, self.message(action))
        self.assertEqual(action["params"]["type"], "warning")
        self.assertTrue(action["params"]["sticky"])

    def test_time_without_customer_or_rate_is_refused_by_name(self):
        nobodys = self.make_ticket(partner_id=False)
        with self.assertRaisesRegex(UserError, f"{nobodys.number}.*has no customer"):
            self.approve(self.log(30, ticket=nobodys))
        (self.rate_working + self.rate_out).active = False
        line = self.log(30, billable=True)
        with self.assertRaisesRegex(UserError, f"{self.ticket.number}.*no rate applies"):
            self.approve(line)
        self.assertIn("no rate", line.with_user(self.manager).approval_problem)

    def test_nobody_approves_own_time_unless_the_company_says_so(self):
        line = self.log(30, user=self.manager)
        self.assertFalse(line.with_user(self.manager)._may_approve())
        with self.assertRaisesRegex(UserError, "your own time"):
            self.approve(line)
        self.approve(line, self.manager_two)
        self.assertEqual(line.approved_by_id, self.manager_two)
        self.company.telecom_approve_own_time = True
        own = self.log(30, user=self.manager)
        self.approve(own)
        self.assertEqual(own.billing_state, "approved")

    def test_approved_twice_is_approved_once(self):
        line = self.log(30)
        self.approve(line)
        with self.assertRaisesRegex(UserError, "approved already"):
            self.approve(line, self.manager_two)
        self.assertEqual(line.approved_by_id, self.manager)

    def test_agents_and_others_cannot_approve(self):
        line = self.log(30)
        for user in (self.agent_voice, self.agent_internet, self.accountant, self.internal_user):
            for call in (
                lambda own: own.action_approve(),
                lambda own: own.action_reject(),
                lambda own: own.action_unlock(),
                lambda own: own.action_correct_hours(),
                lambda own: own._reject("No"),
                lambda own: own._unlock("Yes"),
                lambda own: own._correct_hours(1, "Yes"),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    call(line.with_user(user))
        self.assertEqual(line.billing_state, "to_approve")

    def test_approving_uses_up_the_hours_of_the_contract(self):
        with frozen("2026-03-02 10:00:00"):
            contract = self.make_contract(
                self.customer, date_start="2026-01-01", included_hours=1.0, included_unit="month"
            )
            ticket = self.make_ticket(contract_id=contract.id)
            lines = self.log(45, ticket=ticket) + self.log(45, ticket=ticket)
            self.approve(lines)
            self.assertEqual(lines.mapped("included_hours"), [0.75, 0.25])
            self.unlock(lines[0])
            self.assertEqual(lines.mapped("included_hours"), [0.0, 0.75])

    def test_the_list_to_review_asks_no_more_for_more(self):
        lines = self.env["account.analytic.line"].with_user(self.agent_voice)
        lines = lines.create([{"ticket_id": self.ticket.id, "unit_amount": 0.5}] * 80)
        self.env.flush_all()
        view = self.env.ref("telecom_helpdesk_timesheet.account_analytic_line_view_list_review")
        fields = self.env["account.analytic.line"].with_user(self.manager).get_view(view.id)
        names = re.findall(r'<field name="(\w+)"', fields["arch"])
        spec = {
            name: {"fields": {"display_name": {}}} if lines._fields[name].type == "many2one" else {}
            for name in names
        }
        counts = []
        for size in (5, 80):
            self.env.invalidate_all()
            own = lines.with_user(self.manager)
            own.check_access("read")
            before = self.env.cr.sql_log_count
            own.web_search_read([("id", "in", lines[:size].ids)], spec, limit=100)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0], counts)

    def test_approving_two_hundred_asks_the_database_no_more_than_two(self):
        counts = []
        for size in (2, 200):
            lines = self.env["account.analytic.line"].browse(
                line.id
                for line in self.env["account.analytic.line"]
                .with_user(self.agent_voice)
                .create(
                    [
                        {
                            "ticket_id": self.ticket.id,
                            "unit_amount": (1 + number % 50) / 60,
                        }
                        for number in range(size)
                    ]
                )
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.approve(lines)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(set(lines.mapped("billing_state")), {"approved"})
        self.assertLessEqual(counts[1], counts[0] + 10, counts)
        self.assertLess(counts[1], 60)


class TestReject(ReviewCase):
    """A manager sends time back with a reason; its agent puts it right."""

    def test_manager_rejects_with_a_reason_and_the_agent_corrects(self):
        line = self.log(30)
        self.reject(line, "Which router was it?")
        self.assertRecordValues(
            line,
            [
                {
                    "billing_state": "rejected",
                    "rejection_reason": "Which router was it?",
                    "rejected_by_id": self.manager.id,
                }
            ],
        )
        line.with_user(self.agent_voice).name = "Reset router CPE-17"
        self.assertRecordValues(line, [{"billing_state": "to_approve", "rejected_at": False}])
        self.approve(line)
        self.assertRecordValues(line, [{"billing_state": "approved", "rejection_reason": False}])

    def test_the_agent_is_told_once_in_their_language_with_the_reason(self):
        self.agent_voice.notification_type = "inbox"
        other = self.make_ticket(name="Noise on the line")
        lines = self.log(30) + self.log(15, ticket=other)
        self.reject(lines, "Which router?")
        message = self.env["mail.message"].search(
            [("partner_ids", "in", self.agent_voice.partner_id.ids)], order="id desc", limit=2
        )[0]
        self.assertIn("0:45 h (entries: 2)", message.subject)
        for text in ("Which router?", self.ticket.number, other.number):
            self.assertIn(text, message.body)
        notified = self.env["mail.notification"].search([("mail_message_id", "=", message.id)])
        self.assertEqual(notified.res_partner_id, self.agent_voice.partner_id)
        # Nobody outside, and nothing in the ticket's thread.
        self.assertNotIn(message, self.ticket.message_ids)

    def test_the_agent_is_told_in_their_own_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.agent_voice.lang = "fr_FR"
        line = self.log(30, date="2026-03-02")
        self.reject(line)
        message = self.env["mail.message"].search(
            [("partner_ids", "in", self.agent_voice.partner_id.ids)], order="id desc", limit=1
        )
        self.assertIn("02/03/2026", message.body)

    def test_a_reason_is_needed(self):
        line = self.log(30)
        with self.assertRaisesRegex(UserError, "Enter a reason"):
            line.with_user(self.manager)._reject("  ")
        self.assertEqual(line.billing_state, "to_approve")

    def test_the_agent_may_submit_it_again_as_it_is(self):
        line = self.log(30)
        self.reject(line)
        with self.assertRaises(AccessError):
            line.with_user(self.agent_internet).action_resubmit()
        line.with_user(self.agent_voice).action_resubmit()
        self.assertEqual(line.billing_state, "to_approve")
        self.assertEqual(line.rejection_reason, "Which router?", "the manager sees what it was")

    def test_the_agent_may_make_it_not_billable(self):
        line = self.log(30)
        self.reject(line)
        line.with_user(self.agent_voice).billable = False
        self.assertEqual(line.billing_state, "not_billable")

    def test_approved_time_is_not_rejected(self):
        lines = self.log(30) + self.log(15)
        self.approve(lines[0])
        action = self.reject(lines)
        self.assertEqual(lines.mapped("billing_state"), ["approved", "rejected"])
        self.assertIn("approved already", self.message(action))

    def test_rejected_time_comes_first_in_my_time(self):
        lines = self.log(30) + self.log(15) + self.log(20)
        self.reject(lines[0])
        view = self.env.ref("telecom_helpdesk_timesheet.account_analytic_line_view_list_mine")
        arch = self.env["account.analytic.line"].get_view(view.id)["arch"]
        order = arch.split('default_order="')[1].split('"')[0]
        mine = self.env["account.analytic.line"].with_user(self.agent_voice)
        found = mine.search([("user_id", "=", self.agent_voice.id)], order=order)
        self.assertEqual(found[0], lines[0].with_user(self.agent_voice))


class TestCorrectAndUnlock(ReviewCase):
    def test_manager_corrects_hours_and_the_original_stays(self):
        lines = self.log(50) + self.log(30)
        form = self.open_wizard(lines, "action_correct_hours")
        with form.entry_ids.edit(0) as row:
            self.assertEqual(self.minutes(row.logged_hours), 50)
            row.hours = 0.25
        form.note = "Travel is free for them"
        form.save().action_correct_and_approve()
        self.assertRecordValues(
            lines,
            [
                {
                    "unit_amount": 50 / 60,
                    "approved_hours": 0.25,
                    "billed_hours": 0.25,
                    "correction_note": "Travel is free for them",
                    "billing_state": "approved",
                },
                {
                    "unit_amount": 0.5,
                    "approved_hours": 0.5,
                    "billed_hours": 0.5,
                    "correction_note": False,
                    "billing_state": "approved",
                },
            ],
        )

    def test_a_correction_waits_with_the_entry_until_the_agent_changes_its_length(self):
        line = self.log(50)
        form = self.open_wizard(line, "action_correct_hours")
        with form.entry_ids.edit(0) as row:
            row.hours = 0.25
        form.note = "Travel"
        form.save().action_correct()
        self.assertRecordValues(line, [{"billing_state": "to_approve", "approved_hours": 0.25}])
        line.with_user(self.agent_voice).name = "With the names"
        self.assertEqual(line.approved_hours, 0.25)
        line.with_user(self.agent_voice).unit_amount = 0.5
        self.assertRecordValues(line, [{"approved_hours": 0, "correction_note": False}])

    def test_hours_beyond_reason_are_refused(self):
        line = self.log(50)
        for hours in (0, -1, 25):
            with self.subTest(hours), self.assertRaisesRegex(UserError, "between a minute"):
                line.with_user(self.manager)._correct_hours(hours, "Why not")
        with self.assertRaisesRegex(UserError, "Enter a reason"):
            line.with_user(self.manager)._correct_hours(1, "")

    def test_approved_hours_are_not_corrected_until_unlocked(self):
        line = self.log(50)
        self.approve(line)
        with self.assertRaisesRegex(UserError, "approved already"):
            line.with_user(self.manager)._correct_hours(1, "Why not")

    def test_only_the_manager_who_approved_unlocks(self):
        line = self.log(30)
        self.approve(line)
        with self.assertRaisesRegex(UserError, "Mona Manager approved it and can unlock it"):
            self.unlock(line, user=self.manager_two)
        self.unlock(line, "Wrong ticket")
        self.assertRecordValues(
            line,
            [
                {
                    "billing_state": "to_approve",
                    "approved_by_id": False,
                    "approved_at": False,
                    "approved_hours": 0,
                    "billed_hours": 0,
                    "support_rate_id": False,
                }
            ],
        )
        note = self.ticket.message_ids[0]
        self.assertIn("Wrong ticket", note.body)
        self.assertTrue(note.is_internal or note.subtype_id.internal)
        line.with_user(self.agent_voice).unit_amount = 0.25

    def test_another_manager_unlocks_once_the_first_is_none_any_more(self):
        for leave in (
            lambda: self.manager.sudo().write(
                {"group_ids": [Command.unlink(self.env.ref("telecom_helpdesk.group_manager").id)]}
            ),
            lambda: self.manager.sudo().write({"active": False}),
        ):
            line = self.log(30)
            self.approve(line)
            with self.assertRaises(UserError):
                self.unlock(line, user=self.manager_two)
            leave()
            self.unlock(line, user=self.manager_two)
            self.assertEqual(line.billing_state, "to_approve")
            self.manager.sudo().write(
                {
                    "active": True,
                    "group_ids": [Command.link(self.env.ref("telecom_helpdesk.group_manager").id)],
                }
            )

    def test_unlocked_time_follows_what_the_ticket_has_become(self):
        line = self.log(30)
        self.approve(line)
        self.ticket.with_user(self.manager).partner_id = self.other_customer
        self.assertEqual(line.partner_id, self.customer)
        self.unlock(line)
        self.assertEqual(line.partner_id, self.other_customer)
