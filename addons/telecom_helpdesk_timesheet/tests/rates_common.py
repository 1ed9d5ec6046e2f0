from odoo.addons.telecom_helpdesk.tests.common import WEEKDAYS

from .common import TimeCommon


class RatesCommon(TimeCommon):
    """A customer with a contract, whose work is logged in hours.

    ==================== =====================================================
    ``contract``         ACME's, since January 1, 2026; its type is ``contract_type``
    ``ticket``           ACME's, in the team Voice, under the contract
    ==================== =====================================================
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent_voice.employee_id.hourly_cost = 30
        cls.contract_type = cls.quietly_create("telecom.contract.type", {"name": "Nine to Six"})
        cls.contract = cls.make_contract(
            cls.customer, type_id=cls.contract_type.id, date_start="2026-01-01"
        )
        cls.ticket = cls.make_own_ticket()

    @classmethod
    def make_own_ticket(cls, **values):
        """A ticket of ACME under the contract."""
        return cls.make_ticket(
            **{
                "partner_id": cls.customer_contact.id,
                "team_id": cls.team_voice.id,
                "contract_id": cls.contract.id,
                **values,
            }
        )

    @classmethod
    def make_hours(cls, name, *hours):
        """Working hours (resource.calendar), Monday to Friday in Paris: pairs (from, to)."""
        return cls.make_calendar(name, "Europe/Paris", {WEEKDAYS: hours})

    @classmethod
    def log_hours(cls, hours, started_at=None, ticket=None, **values):
        """An agent logs ``hours`` of work by hand: all the entries that it became."""
        ticket = (ticket or cls.ticket).with_env(cls.env)
        before = ticket.timesheet_ids
        cls.log(hours * 60, ticket=ticket, started_at=started_at, **values)
        return (ticket.timesheet_ids - before).sorted("started_at")

    @classmethod
    def approve_hours(cls, lines, hours):
        """The manager lets other ``hours`` pass than were logged."""
        lines.with_user(cls.manager)._correct_hours(hours, "Some of it was our own fault")
        cls.approve(lines.filtered(lambda line: line.billing_state == "to_approve"))
