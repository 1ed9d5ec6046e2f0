"""The demo data is right whatever day it is made: what its tests promise holds on each of these.

The loaders run anew for each day, in a transaction that is rolled back. `make test` takes the days
that were most often wrong, `make test DEMO=1` all of them, which takes minutes. The whole way, from
a database without our addons, is `make test DEMO=1 DAY=2028-02-29`.
"""

from datetime import datetime
from unittest import SkipTest
from unittest.mock import patch

import pytest
from freezegun import freeze_time

from odoo.sql_db import BaseCursor
from odoo.tests import TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests import test_demo as core
from odoo.addons.telecom_helpdesk_mail.tests import test_demo as mail
from odoo.addons.telecom_helpdesk_sla.tests import test_demo as sla
from odoo.addons.telecom_helpdesk_timesheet.tests import test_demo as timesheet

# In UTC; the desk of the demo works in Strasbourg from 8 to 12 and 13 to 18, Saturdays until 12.
DAYS = {
    "first_of_a_month": "2026-12-01 07:10",
    "new_year": "2027-01-01 00:05",
    "clocks_go_forward": "2027-03-28 01:00",
}
MORE_DAYS = {
    "clocks_go_back": "2027-10-31 01:00",
    "last_of_a_month": "2027-04-30 15:45",
    "last_of_a_year": "2026-12-31 22:50",
    "new_year_in_strasbourg_alone": "2026-12-31 23:30",
    "leap_day": "2028-02-29 12:30",
    "christmas": "2026-12-25 10:00",
    "saturday": "2027-05-08 09:30",
    "sunday": "2027-08-15 16:00",
    "monday_morning": "2027-06-14 06:05",
    "mid_month": "2027-09-15 10:20",
}

# What the loaders made when the database was built, in an order in which it can go.
MADE = """
    DELETE FROM account_analytic_line WHERE company_id = %(company)s;
    DELETE FROM telecom_billing_run WHERE company_id = %(company)s;
    DELETE FROM telecom_hour_pack WHERE company_id = %(company)s;
    DELETE FROM telecom_time_budget WHERE company_id = %(company)s;
    DELETE FROM account_partial_reconcile WHERE company_id = %(company)s;
    DELETE FROM account_bank_statement_line WHERE company_id = %(company)s;
    DELETE FROM account_move_line WHERE company_id = %(company)s;
    DELETE FROM account_move WHERE company_id = %(company)s;
    DELETE FROM telecom_incident_delivery WHERE ticket_id IN %(tickets)s;
    DELETE FROM mail_message WHERE model = 'telecom.ticket' AND res_id IN %(tickets)s;
    DELETE FROM mail_activity WHERE res_model = 'telecom.ticket' AND res_id IN %(tickets)s;
    DELETE FROM mail_followers WHERE res_model = 'telecom.ticket' AND res_id IN %(tickets)s;
    DELETE FROM telecom_mail_quarantine;
    DELETE FROM telecom_ticket WHERE company_id = %(company)s;
    DELETE FROM project_task WHERE company_id = %(company)s;
    DELETE FROM project_project WHERE company_id = %(company)s;
    DELETE FROM telecom_service WHERE company_id = %(company)s;
    DELETE FROM telecom_contract WHERE company_id = %(company)s;
    DELETE FROM resource_calendar_leaves WHERE calendar_id = %(calendar)s;
    DELETE FROM ir_model_data WHERE module = 'telecom_helpdesk'
       AND name ~ '^(contract|service|deployment)_'
       AND model IN ('telecom.contract', 'telecom.service', 'project.project', 'project.task');
"""


class LoadedAnew(TransactionCase):
    """The demo's operator as if it had been installed at the instant ``now``."""

    now = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.ref("telecom_helpdesk.company_operator", raise_if_not_found=False)
        if not company:
            raise SkipTest("The database has no demo data.")
        cls.addClassCleanup(cls.registry.clear_all_caches)
        now = datetime.fromisoformat(cls.now)
        cls.startClassPatcher(freeze_time(now))
        # Stories are lived at instants of their own: the loader says which.
        cls.startClassPatcher(patch.object(BaseCursor, "now", lambda cr: cr._now or now))
        cls.env.cr._now = None
        cls.forget(company)
        # On the very day that a test is about, the database may be of a later hour.
        cls.env.cr.execute(
            "UPDATE res_company SET create_date = %s WHERE id = %s", [now, company.id]
        )
        company.invalidate_recordset()
        for load in ("_load_registry", "_load_invoices"):
            cls.load(load)
        # Stories are lived before the addon comes that promises anything.
        with patch.object(cls.registry["telecom.ticket"], "_find_other_terms", lambda self: {}):
            cls.load("_load_tickets")
        for load in ("_load_quarantine", "_load_holidays", "_load_promises", "_load_time"):
            cls.load(load)
        cls.env.invalidate_all()

    @classmethod
    def load(cls, name):
        getattr(cls.env["telecom.demo"], name)()
        cls.env.flush_all()

    @classmethod
    def forget(cls, company):
        cls.env.flush_all()
        tickets = cls.env["telecom.ticket"].search([("company_id", "=", company.id)])
        cls.env.cr.execute(
            MADE,
            {
                "company": company.id,
                "tickets": tuple(tickets.ids),
                "calendar": cls.env.ref("telecom_helpdesk.calendar_desk").id,
            },
        )
        cls.env["ir.sequence"].search([("code", "=", "telecom.ticket")]).number_next_actual = 1
        cls.env.invalidate_all()
        cls.registry.clear_all_caches()


PROMISES = (core.TestDemo, mail.TestDemo, sla.TestDemo, timesheet.TestDemo)
names = [
    name
    for cls in PROMISES
    for name in vars(cls)
    if name.startswith("test_") and callable(getattr(cls, name))
]
assert len(names) == len(set(names)), "one test of the demo data would hide another"

for day, instant in {**DAYS, **MORE_DAYS}.items():
    name = f"TestDemoOn_{day}"
    case = type(name, (*PROMISES, LoadedAnew), {"now": instant, "__module__": __name__})
    case = tagged("standard", "post_install", "-at_install")(case)
    globals()[name] = case if day in DAYS else pytest.mark.slow(case)
del name, case  # or they would be taken for one more test
