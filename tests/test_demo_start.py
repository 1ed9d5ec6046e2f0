"""What somebody meets who starts the desk with `make run` and knows nothing yet."""

from unittest import SkipTest

from groundwork import run

from odoo.tests import HttpCase, tagged


@tagged("standard", "post_install", "-at_install")
class TestFirstStart(HttpCase):
    def setUp(self):
        super().setUp()
        if not self.env.ref("telecom_helpdesk.company_operator", raise_if_not_found=False):
            raise SkipTest("The database has no demo data.")

    def test_each_role_has_a_login_and_a_page_that_opens(self):
        found = run.logins(self.env.cr.dbname)
        self.assertEqual(
            [role for role, _people, _page in found],
            ["administrator", "managers", "agents", "accountants", "customers"],
        )
        for _role, people, page in found:
            for login in people[:2]:
                with self.subTest(login=login):
                    self.authenticate(login, login)
                    answer = self.url_open(page)
                    self.assertEqual(answer.status_code, 200)
                    self.assertNotIn("/web/login", answer.url)
                    if (path := page.removeprefix("/odoo/")) != page:
                        action = self.make_jsonrpc_request("/web/action/load", {"action_id": path})
                        self.assertTrue(action["name"])
                        if model := action.get("res_model"):
                            user = self.env["res.users"].search([("login", "=", login)])
                            self.assertTrue(self.env[model].with_user(user).search([], limit=1))
        text = run.banner(self.env.cr.dbname, 8069, 2525)
        for login in ("admin", "owen", "julie", "iris", "helene"):
            self.assertIn(login, text)

    def test_no_strangers_beside_the_operator(self):
        """The demo's operator stands alone: none of Odoo's own customers, users and documents."""
        known = self.env["ir.model.data"]
        strangers = known.search(
            [
                ("model", "in", ("res.partner", "crm.lead", "project.task", "sale.order")),
                ("module", "in", ("base", "crm", "project", "account")),
                ("name", "not in", ("main_partner",)),
                ("name", "not like", "partner_%"),
                ("name", "not like", "%_partner"),
            ]
        )
        self.assertFalse(strangers.mapped("complete_name"))
        self.assertEqual(
            self.env.ref("base.user_admin").company_id,
            self.env.ref("telecom_helpdesk.company_operator"),
        )
