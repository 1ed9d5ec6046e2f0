"""The addons live beside Odoo's sales, project and website apps, and leave without a trace."""

import json
import urllib.request

import pytest
from groundwork import cluster, databases, odoo_server, templates
from groundwork.tests import scratch

pytestmark = pytest.mark.slow

# What an operator has after a while: everything that the uninstallation has to clean up.
USE = """
from odoo.fields import Command
admin = env.ref("base.user_admin")
admin.write({"password": "admin"})
partner = env["res.partner"].create({"name": "ACME", "email": "acme@customer.example.com"})
team = env["telecom.ticket.team"].create({"name": "Voice", "leader_id": admin.id})
contract = env["telecom.contract"].create(
    {"partner_id": partner.id, "type_id": env["telecom.contract.type"].search([], limit=1).id}
)
service = env["telecom.service"].create(
    {
        "identifier": "SIP-1",
        "type_id": env["telecom.service.type"].search([], limit=1).id,
        "partner_id": partner.id,
        "contract_id": contract.id,
    }
)
project = env["project.project"].create(
    {
        "name": "Roll-out",
        "partner_id": partner.id,
        "is_telecom_deployment": True,
        "telecom_service_ids": [Command.set(service.ids)],
    }
)
tickets = env["telecom.ticket"].create(
    [
        {
            "name": f"No dial tone {number}",
            "partner_id": partner.id,
            "team_id": team.id,
            "service_id": service.id,
            "collaborator_ids": [Command.set(admin.ids)],
        }
        for number in range(5)
    ]
)
for ticket in tickets:
    ticket.message_post(
        body="We are on it",
        message_type="comment",
        subtype_xmlid="mail.mt_comment",
        attachments=[("log.txt", b"noise")],
    )
    ticket.activity_schedule("mail.mail_activity_data_todo", user_id=admin.id)
    ticket._portal_ensure_token()
tickets[:3].action_resolve()
tickets[3].write({"priority": "3"})
tickets[4].with_user(admin)._log_time(30, "Looked into it")
tickets[4].timesheet_ids.billable = True
env.cr.commit()
"""

# Time in each of its states: logged, approved, covered by the contract, on a draft and billed.
BILL = """
admin = env.ref("base.user_admin")
for group in ("account.group_account_manager", "telecom_helpdesk.group_manager"):
    admin.group_ids += env.ref(group)
ticket = env["telecom.ticket"].search([("name", "=", "No dial tone 4")])
ticket.partner_id.city = "Lyon"
contract = ticket.service_id.contract_id
contract.action_activate()
contract.write({"included_hours": 1, "included_unit": "month"})
ticket.contract_id = contract
product = env["product.product"].create(
    {
        "name": "Support",
        "type": "service",
        "list_price": 80,
        "uom_id": env.ref("uom.product_uom_hour").id,
    }
)
env["telecom.support.rate"].search([]).active = False
env["telecom.support.rate"].create({"name": "Any", "product_id": product.id})
env.company.telecom_approve_own_time = True
def bill():
    run = env["telecom.billing.run"].with_user(admin)._start(env.company)
    assert run.line_ids.move_id, run.line_ids.mapped("problem")
    return run.line_ids.move_id
def log(minutes):
    before = ticket.timesheet_ids
    ticket.with_user(admin)._log_time(minutes, "Mended it")
    entries = ticket.timesheet_ids - before
    entries.billable = True
    return entries.with_user(admin)
ticket.timesheet_ids.with_user(admin).action_approve()
log(120).action_approve()
bill().sudo().action_post()
log(60).action_approve()
bill()
log(30).action_approve()
log(15)
states = set(ticket.timesheet_ids.mapped("billing_state"))
assert states == {"included", "invoiced", "approved", "to_approve"}, states
ticket.with_user(admin).action_timer_start()
env.cr.commit()
"""

# The support project is on a sales order, for all of its time and for an employee's, before and
# after time was logged; the same hours are billed by both doors.
ORDER = """
from odoo.exceptions import UserError
from odoo.fields import Command
admin = env.ref("base.user_admin")
for group in ("account.group_account_manager", "telecom_helpdesk.group_manager"):
    admin.group_ids += env.ref(group)
env.company.telecom_approve_own_time = True
ticket = env["telecom.ticket"].search([("name", "=", "No dial tone 4")])
ticket.partner_id.city = "Lyon"
hour = env.ref("uom.product_uom_hour").id
support, ordered = env["product.product"].create(
    [
        {"name": "Support", "type": "service", "list_price": 80, "uom_id": hour},
        {
            "name": "By the hour", "type": "service", "list_price": 100, "uom_id": hour,
            "service_policy": "delivered_timesheet",
        },
    ]
)
env["telecom.support.rate"].search([]).active = False
env["telecom.support.rate"].create({"name": "Any", "product_id": support.id})
order = env["sale.order"].create(
    {
        "partner_id": ticket.partner_id.id,
        "order_line": [Command.create({"product_id": ordered.id, "product_uom_qty": 10})],
    }
)
order.action_confirm()
project = env.company.telecom_support_project_id
before = ticket.timesheet_ids
before.with_user(admin).action_approve()
project.write(
    {
        "allow_billable": True,
        "partner_id": ticket.partner_id.id,
        "sale_line_id": order.order_line.id,
    }
)
employee = before.employee_id
env["project.sale.line.employee.map"].create(
    {"project_id": project.id, "employee_id": employee.id, "sale_line_id": order.order_line.id}
)
ticket.with_user(admin)._log_time(60, "Mended it")
after = ticket.timesheet_ids - before
after.billable = True
lines = env["account.analytic.line"].with_user(admin)
plain = {"project_id": project.id, "employee_id": employee.id, "unit_amount": 4}
planned, given = lines.create([{**plain, "name": "Planned"}, {**plain, "name": "Given"}])
assert planned.so_line == given.so_line == order.order_line, "Odoo's own time is on the order"
def refused(action):
    try:
        with env.cr.savepoint():
            action()
    except UserError as error:
        return str(error)
    raise AssertionError("not refused")
by_hand = {"so_line": planned.so_line.id}
assert "sales order" in refused(lambda: after.with_user(admin).write(by_hand))
lines.create(
    {"ticket_id": ticket.id, "unit_amount": 2, "name": "By hand", "billable": True}
)
given.ticket_id = ticket
given.billable = True
# Odoo or another app, that is: people are refused it, above.
(given + planned).sudo().write({"so_line": order.order_line.id})
assert planned.so_line and not given.so_line, "each as it is on a ticket, or not"
entries = ticket.timesheet_ids
assert not entries.so_line and not entries.order_id, entries.so_line
assert order.order_line.qty_delivered == 4, order.order_line.qty_delivered
(entries - before).with_user(admin).action_approve()
run = env["telecom.billing.run"].with_user(admin)._start(env.company)
invoice = run.line_ids.move_id
assert invoice, run.line_ids.mapped("problem")
assert invoice.amount_untaxed == 80 * 7.5, invoice.amount_untaxed
by_order = order._create_invoices()
assert by_order.amount_untaxed == 100 * 4, by_order.amount_untaxed
assert by_order.timesheet_ids == planned, by_order.timesheet_ids
(invoice + by_order).action_post()
assert "it is billed with a sales order" in refused(lambda: planned.write({"ticket_id": ticket.id}))
env.cr.commit()
"""

UNINSTALL = """
modules = env["ir.module.module"].search([("name", "in", {names})])
modules.filtered(lambda module: module.state == "installed").button_immediate_uninstall()
"""

# Whatever it counts must be nothing once the addons are gone.
TRACES = {
    "external ids": "SELECT module || '.' || name FROM ir_model_data WHERE module IN %(names)s",
    "models": "SELECT model FROM ir_model WHERE model LIKE 'telecom.%%'",
    "fields": "SELECT model || '.' || name FROM ir_model_fields WHERE name LIKE '%%telecom%%'"
    " OR model LIKE 'telecom.%%' OR relation LIKE 'telecom.%%'",
    "tables": "SELECT tablename FROM pg_tables WHERE tablename LIKE '%%telecom%%'",
    "views in the database": "SELECT viewname FROM pg_views WHERE viewname LIKE '%%telecom%%'",
    "columns": "SELECT table_name || '.' || column_name FROM information_schema.columns"
    " WHERE column_name LIKE '%%telecom%%'",
    "indexes": "SELECT indexname FROM pg_indexes WHERE indexname LIKE '%%telecom%%'",
    "scheduled actions": "SELECT cron_name FROM ir_cron WHERE cron_name LIKE 'Helpdesk%%'",
    "server actions": "SELECT id::text FROM ir_act_server s WHERE NOT EXISTS"
    " (SELECT FROM ir_model WHERE id = s.model_id)",
    "windows": "SELECT name::text FROM ir_act_window WHERE res_model LIKE 'telecom.%%'",
    "sequences": "SELECT code FROM ir_sequence WHERE code LIKE 'telecom%%'",
    "views": "SELECT name FROM ir_ui_view WHERE arch_db::text LIKE '%%telecom_%%'",
    "menus": "SELECT name::text FROM ir_ui_menu WHERE web_icon LIKE 'telecom%%'",
    "groups": "SELECT name::text FROM res_groups_privilege WHERE name::text LIKE '%%Telecom%%'",
    "rules": "SELECT name FROM ir_rule WHERE domain_force LIKE '%%telecom_%%'",
    "parameters": "SELECT key FROM ir_config_parameter WHERE key LIKE '%%telecom%%'",
    "messages": "SELECT DISTINCT model FROM mail_message WHERE model LIKE 'telecom.%%'",
    "followers": "SELECT DISTINCT res_model FROM mail_followers WHERE res_model LIKE 'telecom.%%'",
    "activities": "SELECT DISTINCT res_model FROM mail_activity WHERE res_model LIKE 'telecom.%%'",
    "subtypes": "SELECT name::text FROM mail_message_subtype WHERE res_model LIKE 'telecom.%%'",
    "kinds of activities": "SELECT name::text FROM mail_activity_type"
    " WHERE res_model LIKE 'telecom.%%'",
    "templates": "SELECT name::text FROM mail_template WHERE model LIKE 'telecom.%%'",
    "files": "SELECT DISTINCT res_model FROM ir_attachment WHERE res_model LIKE 'telecom.%%'",
    "assets": "SELECT path FROM ir_asset WHERE path LIKE '%%telecom%%'",
}


class Browser:
    """What a browser asks the server for, signed in as the administrator."""

    def __init__(self, server):
        self.url = server.url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.call("/web/session/authenticate", db=server.database, login="admin", password="admin")

    def call(self, path, **params):
        request = urllib.request.Request(
            self.url + path,
            json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode(),
            {"Content-Type": "application/json"},
        )
        with self.opener.open(request, timeout=120) as response:
            answer = json.load(response)
        assert "error" not in answer, answer["error"]["data"]["debug"]
        return answer["result"]

    def ask(self, model, method, *args, **kwargs):
        return self.call(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model, method=method, args=args, kwargs=kwargs,
        )  # fmt: skip

    def open_form(self, model, domain):
        """The values that the form of the first record of ``domain`` shows."""
        views = self.ask(model, "get_views", [[False, "list"], [False, "form"], [False, "search"]])
        fields = views["models"][model]["fields"]
        [record_id, *_rest] = self.ask(model, "search", domain)
        shown = {name: {} for name in fields if f'name="{name}"' in views["views"]["form"]["arch"]}
        assert len(shown) > 5
        [values] = self.ask(model, "web_read", [record_id], shown)
        return values


def traces(database):
    """What is left of the addons, by kind."""
    names = tuple(templates.our_addons())
    with databases.cursor(database) as cr:
        found = {}
        for kind, query in TRACES.items():
            cr.execute(query, {"names": names})
            found[kind] = sorted(str(text) for (text,) in cr.fetchall())
    return {kind: texts for kind, texts in found.items() if texts}


def run_script(database, script):
    job = odoo_server.run("shell", "-d", database, "--no-http", "--log-level=warn", script=script)
    output = "\n".join(job.lines)
    assert job.returncode == 0, output
    assert not job.logged("ERROR", "CRITICAL"), output
    assert "Traceback" not in output, output


def ask(cr, query):
    cr.execute(query)
    return cr.fetchone()


@pytest.fixture
def database():
    yield from fresh("apps")


@pytest.fixture
def billed():
    yield from fresh("billed")


def fresh(purpose):
    """A database with all addons, for as long as it is needed."""
    cluster.connect_environment()
    name = templates.clone("test", scratch(purpose))
    try:
        yield name
    finally:
        databases.drop(name)


def test_beside_other_apps_upgraded_and_uninstalled(database):
    run_script(database, USE)
    bases = {"res.partner": [["name", "=", "ACME"]], "project.project": [["name", "=", "Roll-out"]]}

    templates.install(
        database, "sales and website beside the helpdesk",
        "-i", "sale_management,project,website", "-u", "telecom_helpdesk",
    )  # fmt: skip
    with odoo_server.OdooServer(database, arguments=["--max-cron-threads=0"]) as server:
        browser = Browser(server)
        assert (
            browser.ask("telecom.ticket", "search_count", [["name", "like", "No dial tone"]]) == 5
        )
        assert browser.open_form("telecom.ticket", [["state", "=", "resolved"]])["number"]
        for model, domain in bases.items():
            assert browser.open_form(model, domain)["name"]
    assert set(traces(database)) >= {"external ids", "models", "tables", "scheduled actions"}

    # An addon on top goes alone, and the desk works on.
    run_script(database, UNINSTALL.format(names=["telecom_helpdesk_sla"]))
    with odoo_server.OdooServer(database, arguments=["--max-cron-threads=0"]) as server:
        browser = Browser(server)
        assert "sla_state" not in browser.open_form("telecom.ticket", [["state", "=", "resolved"]])
        browser.ask("telecom.ticket", "create", [{"name": "No dial tone 6"}])
        browser.ask("telecom.ticket.rule", "search_read", [])

    # Time is Odoo's own: it stays when the helpdesk's share of it goes.
    worked = [["name", "=", "Looked into it"]]
    run_script(database, UNINSTALL.format(names=["telecom_helpdesk_timesheet"]))
    with odoo_server.OdooServer(database, arguments=["--max-cron-threads=0"]) as server:
        browser = Browser(server)
        assert "ticket_id" not in browser.open_form("account.analytic.line", worked)
        [entry] = browser.ask(
            "account.analytic.line", "search_read", worked, ["unit_amount", "project_id"]
        )
        assert (entry["unit_amount"], entry["project_id"][1]) == (0.5, "Support")
        browser.open_form("telecom.ticket", [["state", "=", "resolved"]])

    run_script(database, UNINSTALL.format(names=templates.our_addons()))
    assert traces(database) == {}
    with odoo_server.OdooServer(database, arguments=["--max-cron-threads=0"]) as server:
        browser = Browser(server)
        for model, domain in bases.items():
            assert browser.open_form(model, domain)["name"]
        for model in ("res.partner", "project.project", "sale.order", "res.users"):
            browser.ask(model, "get_views", [[False, "list"], [False, "form"], [False, "search"]])
        browser.ask("ir.ui.menu", "load_menus", False)
    assert not [line for line in server.tail if " ERROR " in line or " CRITICAL " in line]


def test_time_is_billed_once_beside_sales_orders(database):
    run_script(database, USE)
    templates.install(database, "sales orders by time spent", "-i", "sale_timesheet")
    run_script(database, ORDER)


def test_core_uninstalled_where_time_was_billed(billed):
    """All addons go at once with the core. Time and invoices are Odoo's own and stay."""
    run_script(billed, USE)
    run_script(billed, BILL)
    kept = "SELECT count(*), sum(unit_amount) FROM account_analytic_line"
    invoices = "SELECT count(*), sum(amount_total) FROM account_move"
    with databases.cursor(billed) as cr:
        before = [ask(cr, query) for query in (kept, invoices)]
    run_script(billed, UNINSTALL.format(names=["telecom_helpdesk"]))
    assert traces(billed) == {}
    with databases.cursor(billed) as cr:
        assert [ask(cr, query) for query in (kept, invoices)] == before
        assert ask(cr, "SELECT count(*) FROM account_move WHERE state = 'posted'") == (1,)
