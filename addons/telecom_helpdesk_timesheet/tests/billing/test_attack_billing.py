import json
from contextlib import suppress

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..attack_common import QUIET_LOGGERS, Attacks
from ..billing_common import BillingCommon

BILL, MOVES, LINES = "telecom.bill.time", "account.move", "account.analytic.line"
MOVE_LINES = "account.move.line"
PREVIEW = {"line_ids": {"fields": {"partner_id": {"fields": {"display_name": {}}}, "amount": {}}}}


class AttackBillingCase(Attacks, BillingCommon, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_other_company()
        cls.entry = cls.log_approved(60)


@tagged("post_install", "-at_install")
class TestAcrossCompanies(AttackBillingCase):
    """A company that comes as a value is checked as one that comes with a record."""

    def test_another_companys_time_is_not_previewed(self):
        values = {"company_id": self.company.id}
        user = self.accountant_two
        secrets = ("ACME", "80")
        self.assert_refused(user, BILL, "create", values, says_not=secrets)
        self.assert_refused(user, BILL, "web_save", [], values, PREVIEW, says_not=secrets)
        self.assert_refused(
            user, BILL, "onchange", [], values, ["company_id"], PREVIEW, says_not=secrets
        )
        self.assert_refused(
            user, BILL, "create", {}, context={"default_company_id": self.company.id}
        )
        self.assert_refused(
            user, BILL, "create", {}, context={"allowed_company_ids": self.company.ids}
        )
        own = self.rpc(user, BILL, "create", {})
        self.assert_refused(user, BILL, "write", [own], values)

    def test_of_ones_own_companies_the_active_ones_count(self):
        both = self.accountant
        both.company_ids = [Command.link(self.company_two.id)]
        self.assert_refused(
            both,
            BILL,
            "create",
            {"company_id": self.company.id},
            context={"allowed_company_ids": self.company_two.ids},
        )
        self.assert_refused(
            both,
            BILL,
            "onchange",
            [],
            {"company_id": self.company.id},
            ["company_id"],
            PREVIEW,
            context={"allowed_company_ids": self.company_two.ids},
        )
        dialog = self.rpc(both, BILL, "create", {"company_id": self.company.id})
        [row] = self.rpc(both, BILL, "web_read", [dialog], PREVIEW)
        self.assertEqual(row["line_ids"][0]["partner_id"]["display_name"], "ACME")

    def test_a_dialog_ends_with_the_company_and_with_the_right(self):
        user = self.accountant
        dialog = self.rpc(user, BILL, "create", {})
        line = self.env[BILL].browse(dialog).line_ids
        user.write(
            {
                "company_ids": [Command.set(self.company_two.ids)],
                "company_id": self.company_two.id,
            }
        )
        self.assert_refused(user, BILL, "read", [dialog], ["line_ids"])
        self.assert_refused(user, BILL + ".line", "read", line.ids, ["amount"])
        self.assert_refused(user, BILL, "action_bill", [dialog])
        user.write({"company_ids": [Command.set(self.company.ids)], "company_id": self.company.id})
        user.group_ids = [Command.unlink(self.env.ref("account.group_account_invoice").id)]
        self.assert_refused(user, BILL, "action_bill", [dialog])
        self.assert_states(self.entry, "approved")

    def test_a_refund_of_anothers_line_frees_nothing(self):
        self.env["account.journal"].create(
            {"name": "Sales", "type": "sale", "code": "S2", "company_id": self.company_two.id}
        )
        move = self.bill().line_ids.move_id
        move.with_user(self.accountant).action_post()
        origin = self.entry.invoice_line_id
        line = {"name": "x", "price_unit": 80.0}
        values = {"move_type": "out_refund", "partner_id": self.customer.id}
        for user in self.accountant_two + self.accountant:
            for name, value in (
                ("support_origin_id", origin.id),
                ("is_support_time", True),
                ("support_time_ids", [Command.link(self.entry.id)]),
                ("release_ids", [Command.create({"entry_id": self.entry.id})]),
                ("correction_ids", [Command.link(origin.id)]),
            ):
                with self.subTest(name, user=user.login):
                    commands = [Command.create({**line, name: value})]
                    self.assert_refused(
                        user, MOVES, "create", {**values, "invoice_line_ids": commands}
                    )
            release = [Command.create({"entry_id": self.entry.id, "line_id": origin.id})]
            self.assert_refused(user, MOVES, "create", {**values, "release_ids": release})
        refund = self.rpc(
            self.accountant,
            MOVES,
            "create",
            {**values, "invoice_line_ids": [Command.create(line)]},
        )
        refund = self.env[MOVES].browse(refund)
        self.assert_refused(
            self.accountant,
            "account.move.line",
            "write",
            refund.invoice_line_ids.ids,
            {"support_origin_id": origin.id},
        )
        self.assert_refused(self.accountant, MOVES, "write", refund.ids, {"release_ids": release})

    def test_an_origin_of_another_customer_frees_nothing(self):
        move = self.bill().line_ids.move_id
        move.with_user(self.accountant).action_post()
        refund = self.env[MOVES].create(
            {
                "move_type": "out_refund",
                "partner_id": self.other_customer.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "x",
                            "price_unit": 80,
                            "tax_ids": [],
                            "support_origin_id": self.entry.invoice_line_id.id,
                        }
                    )
                ],
            }
        )
        self.assertFalse(refund._get_creditable_time())
        self.env["telecom.time.release"]._record(refund, self.entry)
        refund.action_post()
        self.assert_states(self.entry, "invoiced")

    def test_a_form_tells_nothing_of_another_companys_time(self):
        values = {
            "move_type": "out_invoice",
            "state": "draft",
            "company_id": self.company.id,
            "partner_id": self.customer.id,
        }
        spec = {"waiting_support_hours": {}, "support_time_count": {}}
        call = (MOVES, "onchange", [], values, ["partner_id"], spec)
        told = self.rpc(self.accountant, *call)["value"]
        self.assertEqual(told["waiting_support_hours"], 1)
        with suppress(UserError), mute_logger(*QUIET_LOGGERS):
            told = self.rpc(self.accountant_two, *call)["value"]
            self.assertFalse(told.get("waiting_support_hours"))
        move = self.bill().line_ids.move_id
        links = [Command.link(line.id) for line in move.invoice_line_ids]
        values = {"move_type": "out_invoice", "invoice_line_ids": links}
        with suppress(UserError), mute_logger(*QUIET_LOGGERS):
            spec["invoice_line_ids"] = {"fields": {"name": {}}}
            told = self.rpc(
                self.accountant_two, MOVES, "onchange", [], values, ["invoice_line_ids"], spec
            )["value"]
            self.assertFalse(told.get("support_time_count"))

    def test_rates_are_made_for_ones_own_company(self):
        values = {
            "name": "Theirs",
            "product_id": self.product_working.id,
            "company_id": self.company.id,
        }
        for user in self.manager_of_two + self.accountant_two:
            self.assert_refused(user, "telecom.support.rate", "create", values)
        self.rate_working.company_id = self.company
        self.assert_refused(
            self.manager_of_two,
            "telecom.support.rate",
            "write",
            self.rate_working.ids,
            {"name": "Mine"},
        )

    def test_no_line_says_by_hand_that_it_bills_time(self):
        line = self.bill().line_ids.move_id.invoice_line_ids
        own = self.draft(self.other_customer)
        administrator = self.make_user(
            "chief_accountant", "account.group_account_manager,base.group_system"
        )
        claims = (
            {"is_support_time": True},
            {"support_origin_id": line.id},
            {"support_time_ids": [Command.link(self.entry.id)]},
        )
        plain = {"name": "x", "price_unit": 80, "tax_ids": []}
        for user in self.accountant + administrator:
            for claim in claims:
                with self.subTest(user.login, claim=claim):
                    values = {"move_id": own.id, **plain, **claim}
                    self.assert_refused(user, MOVE_LINES, "create", values)
                    self.assert_refused(user, MOVE_LINES, "write", own.invoice_line_ids.ids, claim)
                    nested = {"invoice_line_ids": [Command.create({**plain, **claim})]}
                    self.assert_refused(user, MOVES, "write", own.ids, nested)
                    nested["move_type"] = "out_invoice"
                    self.assert_refused(user, MOVES, "create", nested)
                    [(name, value)] = claim.items()
                    self.assert_refused(
                        user,
                        MOVE_LINES,
                        "create",
                        {"move_id": own.id, **plain},
                        context={f"default_{name}": value},
                    )
            result = self.rpc(
                user,
                MOVE_LINES,
                "load",
                [".id", "is_support_time"],
                [[str(line.id), "0"]],
            )
            self.assertTrue(result["messages"])
            self.assert_refused(user, MOVE_LINES, "write", line.ids, {"is_support_time": False})
        self.assertTrue(line.is_support_time)
        self.assertEqual(self.entry.invoice_line_id, line)
        self.assert_states(self.entry, "invoiced")

    def test_no_key_of_the_context_frees_or_keeps_time(self):
        move = self.bill().line_ids.move_id
        line = move.invoice_line_ids
        keys = {
            "telecom_keep_support_lines": True,
            "skip_invoice_sync": True,
            "skip_account_move_synchronization": True,
            "skip_invoice_line_sync": True,
            "check_move_validity": False,
            "dynamic_unlink": True,
            "force_delete": True,
            "install_mode": True,
            "tracking_disable": True,
        }
        self.assert_refused(
            self.accountant, LINES, "write", self.entry.ids, {"unit_amount": 9}, context=keys
        )
        self.rpc(self.accountant, MOVES, "button_cancel", move.ids, context=keys)
        self.assert_states(self.entry, "approved")
        self.rpc(self.accountant, MOVES, "button_draft", move.ids, context=keys)
        self.assert_states(self.entry, "invoiced")
        self.rpc(self.accountant, MOVES, "action_post", move.ids, context=keys)
        self.assert_states(self.entry, "invoiced")
        self.rpc(self.accountant, MOVES, "button_draft", move.ids, context=keys)
        self.rpc(self.accountant, MOVE_LINES, "unlink", line.ids, context=keys)
        self.assert_states(self.entry, "approved")
        self.assertFalse(self.entry.invoice_line_id)

    def test_a_line_that_is_copied_or_moved_takes_no_time_along(self):
        line = self.bill().line_ids.move_id.invoice_line_ids
        for partner in self.customer + self.other_customer:
            other = self.draft(partner)
            self.assert_not_done(
                self.accountant, MOVE_LINES, "write", line.ids, {"move_id": other.id}
            )
            [copy] = self.env[MOVE_LINES].browse(
                self.rpc(self.accountant, MOVE_LINES, "copy", line.ids, {"move_id": other.id})
            )
            self.assertFalse(copy.is_support_time or copy.support_origin_id)
            [values] = self.rpc(self.accountant, MOVE_LINES, "copy_data", line.ids)
            with suppress(AccessError), mute_logger(*QUIET_LOGGERS):
                values = json.loads(json.dumps(values))
                self.rpc(self.accountant, MOVE_LINES, "create", {**values, "move_id": other.id})
            self.assertFalse(any(other.invoice_line_ids.mapped("is_support_time")))
            self.assertFalse(other.invoice_line_ids.support_origin_id)
        self.assertEqual(self.entry.invoice_line_id, line)
        self.assert_books(self.entry, 80, 1)

    def test_time_is_not_put_on_an_invoice_by_hand(self):
        draft = self.draft()
        line = draft.invoice_line_ids
        for user in self.accountant + self.manager + self.agent_voice:
            values = {"invoice_line_id": line.id}
            self.assert_not_done(user, LINES, "write", self.entry.ids, values)
            if user != self.accountant:
                self.assert_refused(user, LINES, "write", self.log(5).ids, values)
        self.assert_refused(self.accountant_two, MOVES, "action_add_support_time", draft.ids)
        self.assert_refused(self.accountant_two, MOVES, "action_open_support_time", draft.ids)

    def test_contracts_and_their_periods_stay_in_their_company(self):
        contract = self.make_contract(self.customer)
        self.ticket.contract_id = contract
        contract.included_hours = 10
        period = contract.period_ids[:1]
        self.assertTrue(period)
        self.assert_refused(
            self.manager_of_two, "telecom.contract", "action_grant_now", contract.ids
        )
        self.assert_refused(
            self.manager_of_two, "telecom.contract.period", "write", period.ids, {"hours": 99}
        )
        for values in ({"used_hours": 0}, {"left_hours": 99}, {"contract_id": contract.id}):
            self.assert_refused(
                self.manager, "telecom.contract.period", "write", period.ids, values
            )


@tagged("post_install", "-at_install")
class TestDialogs(AttackBillingCase):
    """A dialog's row is for who opened it, and what it acts on is checked when it acts."""

    def open_dialogs(self):
        waiting = self.log(30)
        ids = [Command.set(waiting.ids)]
        entries = [Command.create({"line_id": waiting.id, "hours": 1})]
        return {
            BILL: (self.accountant, {}),
            "telecom.time.reject": (self.manager, {"reason": "x", "line_ids": ids}),
            "telecom.time.unlock": (
                self.manager,
                {"note": "x", "line_ids": [Command.set(self.entry.ids)]},
            ),
            "telecom.time.correct": (self.manager, {"note": "x", "entry_ids": entries}),
        }

    def test_nobody_elses(self):
        other_accountant = self.make_user("accountant_three", "account.group_account_invoice")
        others = {self.accountant: other_accountant, self.manager: self.manager_two}
        for model, (user, values) in self.open_dialogs().items():
            dialog = self.rpc(user, model, "create", values)
            rows = [(model, [dialog])]
            for name in ("line_ids", "entry_ids"):
                field = self.env[model]._fields.get(name)
                if field and field.comodel_name != LINES:
                    rows.append((field.comodel_name, self.env[model].browse(dialog)[name].ids))
            for row_model, ids in rows:
                self.assertTrue(ids)
                other = others[user]
                with self.subTest(row_model):
                    self.assert_refused(other, row_model, "read", ids)
                    self.assert_refused(other, row_model, "web_read", ids, {"create_uid": {}})
                    self.assert_refused(other, row_model, "write", ids, {"display_name": "x"})
                    self.assert_refused(other, row_model, "unlink", ids)
                    found = self.rpc(other, row_model, "search", [("id", "in", ids)])
                    self.assertFalse(found)
            button = {BILL: "action_bill", "telecom.time.correct": "action_correct"}
            self.assert_refused(other, model, button.get(model, "action_confirm"), [dialog])

    def test_they_act_with_the_rights_of_the_moment(self):
        dialogs = self.open_dialogs()
        del dialogs[BILL]
        opened = {
            model: self.rpc(user, model, "create", values)
            for model, (user, values) in dialogs.items()
        }
        lines = self.ticket.timesheet_ids
        before = lines.mapped("billing_state")
        self.manager.write(
            {
                "company_ids": [Command.set(self.company_two.ids)],
                "company_id": self.company_two.id,
            }
        )
        buttons = {"telecom.time.correct": "action_correct"}
        for model, dialog in opened.items():
            with self.subTest(model):
                button = buttons.get(model, "action_confirm")
                # Their lines are out of sight: it is refused, or there is nothing to do.
                with suppress(AccessError), mute_logger(*QUIET_LOGGERS):
                    self.rpc(self.manager, model, button, [dialog])
                lines.invalidate_recordset()
                self.assertEqual(lines.mapped("billing_state"), before)
                self.assertFalse(any(lines.mapped("correction_note")))

    def test_they_take_no_lines_that_one_may_not_read(self):
        values = {"reason": "x", "line_ids": [Command.set(self.entry.ids)]}
        self.assert_refused(self.manager_of_two, "telecom.time.reject", "create", values)
        self.assert_refused(
            self.manager_of_two,
            "telecom.time.correct",
            "create",
            {"note": "x", "entry_ids": [Command.create({"line_id": self.entry.id, "hours": 1})]},
        )
        spec = {"name": {}, "user_id": {"fields": {"display_name": {}}}, "logged_hours": {}}
        self.assert_refused(
            self.manager_of_two,
            "telecom.time.correct.line",
            "onchange",
            [],
            {"line_id": self.entry.id},
            ["line_id"],
            spec,
            says_not=("Vera",),
        )
        self.assert_refused(
            self.manager_of_two,
            "telecom.time.correct",
            "default_get",
            ["entry_ids"],
            context={"default_line_ids": [Command.set(self.entry.ids)]},
            says_not=("Vera",),
        )


@tagged("post_install", "-at_install")
class TestAccountants(AttackBillingCase):
    """Of a ticket, accountants know what it was for; of its conversation, nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent_notes(cls.ticket, body="The customer is impossible.")

    def test_they_neither_read_nor_search_sort_or_group_by_the_rest(self):
        tickets, own = "telecom.ticket", [("id", "=", self.ticket.id)]
        for name in (
            "message_ids",
            "website_message_ids",
            "message_follower_ids",
            "description",
            "resolution",
            "user_id",
            "collaborator_ids",
            "access_token",
        ):
            with self.subTest(name):
                self.assert_refused(self.accountant, tickets, "read", self.ticket.ids, [name])
                self.assert_refused(
                    self.accountant, tickets, "search_count", [*own, (name, "!=", False)]
                )
        for path in (
            "message_ids.body",
            "message_ids.attachment_ids.name",
            "team_id.message_ids.body",
            "contract_id.note",
            "contract_id.message_ids.body",
            "partner_id.comment",
        ):
            with self.subTest(path):
                self.assert_refused(
                    self.accountant, tickets, "search_count", [*own, (path, "like", "imposs")]
                )
        self.assert_refused(self.accountant, tickets, "search", own, 0, None, "description")
        self.assert_refused(
            self.accountant, tickets, "formatted_read_group", own, ["user_id"], ["__count"]
        )
        for model, record, name in (
            ("telecom.contract", self.make_contract(self.customer), "note"),
            ("telecom.contract", self.make_contract(self.customer), "message_ids"),
            ("telecom.ticket.team", self.team_voice, "message_ids"),
            ("telecom.ticket.team", self.team_voice, "member_ids"),
        ):
            with self.subTest(model, name=name):
                self.assert_refused(self.accountant, model, "read", record.ids, [name])

    def test_no_path_leads_there_from_the_time_either(self):
        for model in (LINES, "telecom.billing.report"):
            for path in (
                "ticket_id.description",
                "ticket_id.message_ids.body",
                "ticket_id.user_id",
            ):
                with self.subTest(model, path=path):
                    domain = [(path, "!=", "x")]
                    self.assert_refused(self.accountant, model, "search_count", domain)
                    nested = [("ticket_id", "any", [(path.removeprefix("ticket_id."), "!=", "x")])]
                    self.assert_refused(self.accountant, model, "search_count", nested)
            for path in ("ticket_id.description", "ticket_id.user_id"):
                with self.subTest(model, group=path):
                    self.assert_refused(
                        self.accountant, model, "formatted_read_group", [], [path], ["__count"]
                    )

    def test_their_screens_open(self):
        for kind in ("form", "list", "kanban", "search"):
            views = self.rpc(self.accountant, "telecom.ticket", "get_views", [(False, kind)])
            arch = views["views"][kind]["arch"]
            known = views["models"]["telecom.ticket"]["fields"]
            for name in self.fields_of(arch):
                with self.subTest(kind, field=name):
                    self.assertIn(name, known)
        names = sorted(self.fields_of(arch) & known.keys())
        self.assertTrue(self.rpc(self.accountant, "telecom.ticket", "read", self.ticket.ids, names))
        found = self.rpc(self.accountant, "telecom.ticket", "name_search", self.ticket.number)
        self.assertEqual([id_ for id_, _name in found], self.ticket.ids)
        for model in ("telecom.contract", "telecom.ticket.team", "telecom.ticket.stage"):
            self.rpc(self.accountant, model, "name_search", "x")
        rows = self.rpc(
            self.accountant, "telecom.ticket", "search_read", [], ["number"], order=None
        )
        self.assertIn(self.ticket.number, [row["number"] for row in rows])

    def fields_of(self, arch):
        """Names of the fields of the ticket's own in ``arch``, not of lists within it."""
        nodes = etree.fromstring(arch).xpath("//field[not(ancestor::field)]")
        return {node.get("name") for node in nodes}

    def test_agents_keep_all_of_it(self):
        for record, name in (
            (self.ticket, "description"),
            (self.team_voice, "member_ids"),
            (self.make_contract(self.customer), "note"),
        ):
            self.rpc(self.agent_voice, record._name, "read", record.ids, [name])
