from odoo.fields import Command
from odoo.tests import TransactionCase

from odoo.addons.telecom_helpdesk.tests.common import WEEKDAYS, HelpdeskCommon


class TimeCommon(HelpdeskCommon):
    """Time on tickets: who may log, review and bill it, and what an hour costs.

    ===================== ==========================================================
    ``accountant``        bills customers (Odoo's invoicing rights), is no agent
    ``manager_two``       another manager, for what one does not decide alone
    ``calendar``          Europe/Paris, Monday to Friday 9-12 and 13-18: the teams'
    ``product_working``   billed for work in working hours, 80.00 an hour
    ``product_out``       billed for work out of hours, 120.00 an hour
    ``rate_working``      in steps of 15 minutes
    ``rate_out``          in steps of 15 minutes, 60 minutes at least
    ``ticket``            of ACME in ``team_voice``
    ===================== ==========================================================

    The agents and both managers have employees, the others have none. No other rates apply.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_calendar()
        cls.set_up_rates()
        # Much is approved at once, however long the day was: see test_length.
        cls.company.telecom_long_day_hours = 0
        cls.ticket = cls.make_ticket()
        cls.env.flush_all()

    @classmethod
    def set_up_people(cls):
        super().set_up_people()
        cls.manager_two = cls.make_user(
            "manager_two", "telecom_helpdesk.group_manager", name="Max Manager"
        )
        cls.accountant = cls.make_user(
            "accountant", "account.group_account_invoice", name="Anna Accountant"
        )
        for user in cls.agent_voice + cls.agent_internet + cls.manager + cls.manager_two:
            user.tz = "Europe/Paris"
            cls.make_employee(user)

    @classmethod
    def set_up_calendar(cls):
        cls.calendar = cls.make_calendar("9 to 6", "Europe/Paris", {WEEKDAYS: ((9, 12), (13, 18))})
        (cls.team_voice + cls.team_internet).resource_calendar_id = cls.calendar

    @classmethod
    def set_up_rates(cls):
        cls.env["telecom.support.rate"].search([]).active = False
        cls.product_working = cls.make_product("Support in working hours", 80.0)
        cls.product_out = cls.make_product("Support out of hours", 120.0)
        cls.rate_working = cls.make_rate(
            "Working hours", cls.product_working, hours_period="working"
        )
        cls.rate_out = cls.make_rate(
            "Out of hours", cls.product_out, hours_period="out", minimum_minutes=60
        )

    @classmethod
    def make_employee(cls, user, **values):
        return cls.quietly_create(
            "hr.employee",
            {"name": user.name, "user_id": user.id, "company_id": cls.company.id, **values},
        )

    @classmethod
    def make_product(cls, name, price, **values):
        """A service sold by the hour."""
        return cls.quietly_create(
            "product.product",
            {
                "name": name,
                "type": "service",
                "list_price": price,
                "uom_id": cls.env.ref("uom.product_uom_hour").id,
                "taxes_id": [Command.clear()],
                **values,
            },
        )

    @classmethod
    def make_rate(cls, name, product, **values):
        return cls.quietly_create(
            "telecom.support.rate",
            {"name": name, "product_id": product.id, "rounding_minutes": 15, **values},
        )

    @classmethod
    def log(cls, minutes=30, *, user=None, ticket=None, **values):
        """``user`` (``agent_voice``) logs time on ``ticket`` by hand, as the form does.

        It is returned without access checks. Where it crosses the border of working hours, the
        part that was entered comes back.
        """
        lines = cls.env["account.analytic.line"].with_user(user or cls.agent_voice)
        line = lines.create(
            {
                "ticket_id": (ticket or cls.ticket).id,
                "name": "Looked into it",
                "unit_amount": minutes / 60,
                **values,
            }
        )
        return line.with_env(cls.env)

    @classmethod
    def approve(cls, lines, user=None):
        """``user`` (``manager``) approves ``lines``: the button of the list "To Review"."""
        action = lines.with_user(user or cls.manager).action_approve()
        lines.invalidate_recordset()
        return action

    @classmethod
    def minutes(cls, hours):
        """Whole minutes of ``hours`` (float)."""
        return round(hours * 60)


class TimeCase(TimeCommon, TransactionCase):
    """For tests of the backend."""
