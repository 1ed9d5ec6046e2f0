from odoo.fields import Command

from odoo.addons.telecom_helpdesk.tests.common import HelpdeskCommon


class RatesCommon(HelpdeskCommon):
    """Agents with employees, hours from 9 to 18 in Paris, rates in and out of them.

    ==================== =====================================================
    ``calendar``         Monday to Friday 9-12 and 13-18, Europe/Paris: of all teams
    ``accountant``       sends invoices, has no helpdesk rights
    ``rate_working``     80.00 an hour in steps of 15 minutes
    ``rate_out``         120.00 an hour, 60 minutes at least
    ``contract``         ACME's, since January 1, 2026; the type is ``contract_type``
    ``ticket``           ACME's, in the team Voice, under the contract
    ==================== =====================================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.telecom_support_project_id or cls.company._create_support_project()
        cls.agent_voice.tz = cls.agent_internet.tz = "Europe/Paris"
        for user in (cls.agent_voice, cls.agent_internet, cls.manager):
            cls.quietly_create(
                "hr.employee", {"name": user.name, "user_id": user.id, "hourly_cost": 30}
            )
        cls.accountant = cls.make_user(
            "accountant", "account.group_account_invoice", name="Anna Accountant"
        )
        cls.calendar = cls.make_calendar("Paris 9 to 18", "Europe/Paris")
        (cls.team_voice | cls.team_internet).resource_calendar_id = cls.calendar
        cls.env["telecom.support.rate"].search([]).active = False
        cls.product = cls.make_service_product("Support", 80)
        cls.product_out = cls.make_service_product("Call-Out", 120)
        cls.rate_working = cls.make_rate("Working", hours_period="working")
        cls.rate_out = cls.make_rate(
            "Out", hours_period="out", product_id=cls.product_out.id, minimum_minutes=60
        )
        cls.contract_type = cls.quietly_create("telecom.contract.type", {"name": "Nine to Six"})
        cls.contract = cls.make_contract(
            cls.customer, type_id=cls.contract_type.id, date_start="2026-01-01"
        )
        cls.ticket = cls.make_own_ticket()

    @classmethod
    def make_calendar(cls, name, tz, hours=((9, 12), (13, 18)), days="01234"):
        return cls.quietly_create(
            "resource.calendar",
            {
                "name": name,
                "tz": tz,
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"{day} {start}",
                                "dayofweek": day,
                                "hour_from": start,
                                "hour_to": stop,
                            }
                        )
                        for day in days
                        for start, stop in hours
                    ),
                ],
            },
        )

    @classmethod
    def make_service_product(cls, name, price, **values):
        return cls.quietly_create(
            "product.product",
            {
                "name": name,
                "type": "service",
                "uom_id": cls.env.ref("uom.product_uom_hour").id,
                "list_price": price,
                **values,
            },
        )

    @classmethod
    def make_rate(cls, name, **values):
        return cls.quietly_create(
            "telecom.support.rate", {"name": name, "product_id": cls.product.id, **values}
        )

    @classmethod
    def make_own_ticket(cls, **values):
        return cls.quietly_create(
            "telecom.ticket",
            {
                "name": "No dial tone",
                "partner_id": cls.customer_contact.id,
                "team_id": cls.team_voice.id,
                "contract_id": cls.contract.id,
                **values,
            },
        )

    @classmethod
    def log(cls, hours, started_at=None, ticket=None, user=None, **values):
        """``user`` (``agent_voice``) logs ``hours`` of work: the entries that it became."""
        user = user or cls.agent_voice
        ticket = ticket or cls.ticket
        before = ticket.sudo().timesheet_ids
        line = (
            cls.env["account.analytic.line"]
            .with_user(user)
            .create(
                {
                    "name": "Looked into it",
                    "ticket_id": ticket.id,
                    "project_id": cls.company.telecom_support_project_id.id,
                    "unit_amount": hours,
                    "started_at": started_at,
                    **values,
                }
            )
        )
        line._split_by_hours()
        return (ticket.sudo().timesheet_ids - before).sorted("started_at").with_env(cls.env)

    @classmethod
    def approve(cls, lines, hours=None):
        for line in lines:
            values = {
                "billable": True,
                "approved_hours": line.unit_amount if hours is None else hours,
                "billing_state": "approved",
            }
            line._write_billing(values)
            line._write_billing({"support_rate_id": line._find_rates()[line.id].id})
            line._write_billing({"billed_hours": line._count_billed_hours()[line.id]})
        lines.contract_id._allot_included()
