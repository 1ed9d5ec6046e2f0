from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tools import mute_logger

QUIET_LOGGERS = (
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.orm.models",
    "odoo.models",
    "odoo.http",
)


class Attacks:
    """Calls as they come from outside: a login, a model, a method, and whatever they send."""

    @classmethod
    def set_up_other_company(cls):
        """``company_two`` with an accountant, a manager and an agent who are in no other."""
        cls.company_two = cls.env["res.company"].create({"name": "Operator Two"})
        values = {
            "company_id": cls.company_two.id,
            "company_ids": [Command.set(cls.company_two.ids)],
        }
        cls.accountant_two = cls.make_user(
            "accountant_two", "account.group_account_invoice", name="Aldo Two", **values
        )
        cls.manager_of_two = cls.make_user(
            "manager_of_two", "telecom_helpdesk.group_manager", name="Mia Two", **values
        )

    def rpc(self, user, model, method, *args, **kwargs):
        """What ``user`` gets by calling ``method`` of ``model`` through the web client's door."""
        env = self.env(user=user, context={})
        env.invalidate_all()
        return call_kw(env[model], method, list(args), kwargs)

    def assert_refused(self, user, model, method, *args, says_not=(), **kwargs):
        """It is an access error, and its words hold none of ``says_not``."""
        with mute_logger(*QUIET_LOGGERS), self.assertRaises(AccessError) as caught:
            self.rpc(user, model, method, *args, **kwargs)
        for text in says_not:
            self.assertNotIn(text, str(caught.exception))

    def assert_not_done(self, user, model, method, *args, **kwargs):
        """It is refused, for whatever reason that people can read."""
        with mute_logger(*QUIET_LOGGERS), self.assertRaises(UserError):
            self.rpc(user, model, method, *args, **kwargs)
