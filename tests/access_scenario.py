"""Who calls the server in the tests of access, and what they try to get at.

One operator with two teams and two customers (``HelpdeskCommon``), a second company with people of
its own, and at least one record of every model of the suite, all of the first company. What a
role may do there is in ``access_table.py``.
"""

from datetime import date, datetime, timedelta

from odoo.fields import Command

from odoo.addons.telecom_helpdesk_mail.tests.common import MailCommon
from odoo.addons.telecom_helpdesk_sla.tests.common import SlaCommon
from odoo.addons.telecom_helpdesk_timesheet.tests.common import TimeCommon

SUITE = "telecom_helpdesk"
NOW = datetime(2026, 3, 2, 9)


def is_suites(module):
    return (module or "").startswith(SUITE)


class Scenario(TimeCommon, SlaCommon, MailCommon):
    """``cls.roles``: users by role. ``cls.samples``: lists of records by model."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_roles()
        cls.samples = {}
        cls.set_up_tickets()
        cls.set_up_time()
        cls.set_up_configuration()
        cls.set_up_odoos_own()
        cls.set_up_wizards()
        for ticket in (cls.voice, cls.internet):
            ticket._write_due({"distribute_at": NOW + timedelta(days=3650)})
            ticket._plan_due()
            cls.add(ticket.due_ids[:1])
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def add(cls, *records):
        for record in records:
            cls.samples.setdefault(record._name, []).append(record.with_env(cls.env))
        return records[0]

    @classmethod
    def set_up_roles(cls):
        agent, manager = "telecom_helpdesk.group_agent", "telecom_helpdesk.group_manager"
        cls.other_company = cls.env["res.company"].create({"name": "Operator Two"})
        abroad = {
            "company_id": cls.other_company.id,
            "company_ids": [Command.set(cls.other_company.ids)],
        }
        former = cls.make_partner(
            "Fred Former", parent_id=cls.customer.id, telecom_portal_scope="company"
        )
        cls.former = cls.make_portal_user(former)
        former.parent_id = cls.other_customer
        former.telecom_portal_scope = "own"
        cls.roles = {
            "public": cls.public_user,
            "customer": cls.portal_user,
            "other customer": cls.portal_other,
            "former contact": cls.former,
            "internal": cls.internal_user,
            "agent": cls.agent_voice,
            "other agent": cls.agent_internet,
            "foreign agent": cls.make_user("foreign_agent", agent, **abroad),
            "manager": cls.manager,
            "foreign manager": cls.make_user("foreign_manager", manager, **abroad),
            "accountant": cls.accountant,
            "foreign accountant": cls.make_user(
                "foreign_accountant", "account.group_account_invoice", **abroad
            ),
            "administrator": cls.env.ref("base.user_admin"),
        }
        foreign_team = {"company_id": cls.other_company.id}
        calendar = cls.other_company.resource_calendar_id
        cls.make_team(
            "Abroad",
            cls.roles["foreign agent"],
            resource_calendar_id=calendar.id,
            **foreign_team,
        )
        cls.roles["administrator"].company_ids += cls.other_company

    @classmethod
    def set_up_tickets(cls):
        env = cls.env
        cls.policy = cls.make_policy()
        cls.category = env.ref("telecom_helpdesk.category_internet")
        cls.contract = cls.make_contract(cls.customer, included_hours=1, included_unit="month")
        cls.voice = cls.make_ticket(
            service_id=cls.service_voice.id,
            category_id=cls.category.id,
            contract_id=cls.contract.id,
            user_id=cls.agent_voice.id,
        )
        cls.internet = cls.make_ticket(name="Slow line", team_id=cls.team_internet.id)
        cls.incident = cls.make_ticket(
            name="Outage in Lyon",
            partner_id=False,
            team_id=cls.team_internet.id,
            incident_kind="incident",
        )
        cls.add(cls.voice, cls.internet, cls.incident)
        cls.reply = cls.agent_replies(cls.voice)
        cls.note = cls.agent_notes(cls.voice, body="They have not paid.")
        cls.customer_writes(cls.voice)
        cls.add(cls.voice.transition_ids[:1], cls.internet.transition_ids[:1])
        env["telecom.ticket.presence"].with_user(cls.agent_voice).announce(cls.voice.id, "viewing")
        cls.add(env["telecom.ticket.presence"].search([("ticket_id", "=", cls.voice.id)]))
        cls.rule = cls.quietly_create(
            "telecom.ticket.rule", {"name": "Outage", "company_id": cls.company.id}
        )
        shared = cls.quietly_create("telecom.ticket.rule", {"name": "Everybody's"})
        cls.add(cls.rule, shared)
        cls.add(
            cls.quietly_create(
                "telecom.ticket.rule.log",
                {
                    "rule_id": cls.rule.id,
                    "ticket_id": cls.voice.id,
                    "trigger": "on_create",
                    "at": NOW,
                },
            )
        )
        cls.add(cls.voice.sla_clock_ids[:1], cls.internet.sla_clock_ids[:1])
        cls.add(cls.voice.sla_term_ids[:1])
        cls.add(
            cls.quietly_create(
                "telecom.sla.event", {"ticket_id": cls.voice.id, "at": NOW, "kind": "answered"}
            )
        )
        cls.add(
            cls.quietly_create(
                "telecom.sla.alert",
                {
                    "clock_id": cls.voice.sla_clock_ids[0].id,
                    "ticket_id": cls.voice.id,
                    "kind": "breach",
                    "deadline": NOW,
                    "due_at": NOW,
                    "at": NOW,
                },
            )
        )
        env.flush_all()
        cls.add(env["telecom.sla.report"].search([("ticket_id", "=", cls.voice.id)], limit=1))
        cls.set_up_incident()

    @classmethod
    def set_up_incident(cls):
        cls.internet.parent_id = cls.incident
        update = cls.quietly_create("telecom.incident.update", {"incident_id": cls.incident.id})
        cls.add(update)
        cls.add(update.text_ids[:1])
        cls.add(
            cls.quietly_create(
                "telecom.incident.delivery",
                {"update_id": update.id, "ticket_id": cls.voice.id},
            )
        )

    @classmethod
    def set_up_time(cls):
        env = cls.env
        cls.entry = cls.log(60, ticket=cls.voice, date=date(2026, 3, 2))
        cls.approved = cls.log(60, ticket=cls.voice, date=date(2026, 3, 3))
        cls.approve(cls.approved)
        cls.internets = cls.log(
            60, ticket=cls.internet, user=cls.agent_internet, date=date(2026, 3, 3)
        )
        managers = cls.log(60, ticket=cls.voice, user=cls.manager, date=date(2026, 3, 4))
        cls.add(cls.entry, cls.approved, cls.internets, managers)
        # Odoo shows the time of such a project to the customers who follow it.
        cls.entry.project_id.privacy_visibility = "portal"
        cls.entry.project_id.message_subscribe(cls.customer_contact.ids)
        cls.voice.with_user(cls.agent_voice).action_timer_start()
        cls.add(env["telecom.ticket.timer"].search([("ticket_id", "=", cls.voice.id)]))
        cls.add(cls.contract, cls.contract.period_ids[:1], cls.contract.due_ids[:1])
        run = cls.quietly_create(
            "telecom.billing.run", {"company_id": cls.company.id, "date_until": NOW.date()}
        )
        cls.add(run)
        cls.add(
            cls.quietly_create(
                "telecom.billing.run.line",
                {
                    "run_id": run.id,
                    "partner_id": cls.customer.id,
                    "currency_id": cls.company.currency_id.id,
                },
            )
        )
        for subject in (
            {"ticket_id": cls.voice.id},
            {"partner_id": cls.customer.id},
            {"ticket_id": cls.internet.id},
        ):
            cls.add(cls.quietly_create("telecom.time.budget", {"hours": 4, **subject}))
        lock = env["telecom.billing.lock"].search([], limit=1)
        cls.add(
            lock
            or cls.quietly_create(
                "telecom.billing.lock",
                {"company_id": cls.company.id, "customer": cls.customer.id},
            )
        )
        invoice = cls.quietly_create(
            "account.move",
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer.id,
                "invoice_line_ids": [
                    Command.create({"product_id": cls.product_working.id, "price_unit": 80})
                ],
            },
        )
        cls.add(invoice)
        cls.add(invoice.invoice_line_ids)
        cls.refund = cls.quietly_create(
            "account.move", {"move_type": "out_refund", "partner_id": cls.customer.id}
        )
        cls.add(
            cls.quietly_create(
                "telecom.time.release",
                {
                    "move_id": cls.refund.id,
                    "entry_id": cls.approved.id,
                    "line_id": invoice.invoice_line_ids.id,
                    "minutes": 60,
                },
            )
        )
        cls.add(
            cls.quietly_create(
                "telecom.hour.pack",
                {
                    "name": "INV/1",
                    "partner_id": cls.customer.id,
                    "company_id": cls.company.id,
                    "product_id": cls.product_working.id,
                    "invoice_line_id": invoice.invoice_line_ids.id,
                    "date_start": NOW.date(),
                    "bought_hours": 10,
                    "left_hours": 10,
                },
            )
        )
        env.flush_all()
        cls.add(env["telecom.billing.report"].search([("ticket_id", "=", cls.voice.id)], limit=1))

    @classmethod
    def set_up_configuration(cls):
        env = cls.env
        cls.add(cls.team_voice, cls.team_internet)
        cls.add(cls.service_voice, cls.other_service)
        own = {"company_id": cls.company.id}
        policy = cls.make_policy("Own", **own)
        cls.add(cls.policy, cls.policy.target_ids[:1], policy, policy.target_ids[:1])
        cls.add(cls.rate_working, cls.make_rate("Own", cls.product_working, **own))
        cls.add(cls.category)
        cls.add(env["telecom.ticket.stage"].search([], limit=1))
        cls.add(env["telecom.tier"].search([], limit=1))
        cls.add(cls.type_voice)
        cls.add(env["telecom.contract.type"].search([], limit=1))
        cls.add(env["telecom.priority.matrix"].search([], limit=1))
        cls.add(cls.quietly_create("telecom.ticket.tag", {"name": "VIP"}))
        cls.add(
            cls.quietly_create(
                "telecom.ticket.macro", {"name": "Hello", "company_id": cls.company.id}
            ),
            cls.quietly_create(
                "telecom.ticket.macro", {"name": "Everybody's", "company_id": False}
            ),
        )
        cls.add(env["telecom.agent"].search([("user_id", "=", cls.agent_voice.id)]))
        cls.add(
            cls.quietly_create(
                "telecom.ticket.team.address",
                {"team_id": cls.team_voice.id, "alias_name": "outage"},
            )
        )
        cls.add(
            cls.quietly_create(
                "telecom.mail.quarantine",
                {
                    "name": "Stranger",
                    "reason": "error",
                    "last_received_at": NOW,
                    "company_id": cls.company.id,
                    "team_id": cls.team_voice.id,
                },
            )
        )
        cls.add(
            cls.quietly_create(
                "telecom.mail.block",
                {"name": "spam@example.org", "company_id": cls.company.id},
            ),
            cls.quietly_create(
                "telecom.mail.block", {"name": "more@example.org", "company_id": False}
            ),
        )
        cls.add(
            cls.quietly_create(
                "telecom.mail.attempt", {"digest": "0", "attempts": 1, "last_at": NOW}
            )
        )
        cls.add(
            cls.quietly_create(
                "telecom.mail.receipt", {"digest": "0", "received_at": NOW, "state": "taken"}
            )
        )

    @classmethod
    def set_up_odoos_own(cls):
        """Of models of Odoo that the suite gives rights to."""
        deployment = cls.quietly_create(
            "project.project",
            {"name": "Roll-out", "is_telecom_deployment": True, "privacy_visibility": "followers"},
        )
        cls.add(deployment)
        cls.add(cls.customer)

    @classmethod
    def set_up_wizards(cls):
        """Dialogs that the manager has open, and one of the accountant."""
        tickets = [Command.set(cls.voice.ids)]
        entries = [Command.set(cls.approved.ids)]
        for model, values in {
            "telecom.incident.add": {"incident_id": cls.incident.id},
            "telecom.incident.link": {"ticket_ids": tickets, "incident_id": cls.incident.id},
            "telecom.mail.discard": {
                "mail_ids": [Command.set(cls.samples["telecom.mail.quarantine"][0].ids)],
                "reason": "No",
            },
            "telecom.sla.waive": {
                "clock_ids": [Command.set(cls.voice.sla_clock_ids.ids)],
                "reason": "Agreed",
            },
            "telecom.ticket.assign": {"ticket_ids": tickets, "user_id": cls.agent_voice.id},
            "telecom.ticket.escalate": {"ticket_ids": tickets, "reason": "Hard"},
            "telecom.ticket.macro.apply": {
                "ticket_ids": tickets,
                "macro_id": cls.samples["telecom.ticket.macro"][0].id,
            },
            "telecom.ticket.merge": {"ticket_ids": tickets, "target_id": cls.internet.id},
            "telecom.ticket.split": {"message_id": cls.note.id, "name": "Another thing"},
            "telecom.ticket.team.archive": {
                "team_ids": [Command.set(cls.team_voice.ids)],
                "successor_id": cls.team_internet.id,
            },
            "telecom.time.correct": {"note": "Too long"},
            "telecom.time.reject": {"line_ids": entries, "reason": "Too long"},
            "telecom.time.unlock": {"line_ids": entries, "note": "Mistake"},
        }.items():
            cls.add(cls.env[model].with_user(cls.manager).create(values))
        question = cls.voice.with_user(cls.manager)._ask("take")
        cls.add(cls.env[question["res_model"]].browse(question["res_id"]))
        cls.add(
            cls.env["telecom.time.correct.line"]
            .with_user(cls.manager)
            .create(
                {
                    "wizard_id": cls.samples["telecom.time.correct"][0].id,
                    "line_id": cls.entry.id,
                    "hours": 1,
                }
            )
        )
        cls.add(
            cls.env["telecom.timer.stop"]
            .with_user(cls.agent_voice)
            .with_context(default_ticket_id=cls.voice.id)
            .create({"ticket_id": cls.voice.id, "minutes": 5})
        )
        cls.add(
            cls.env["telecom.time.credit"]
            .with_user(cls.accountant)
            .create({"move_id": cls.refund.id})
        )
        bill = cls.env["telecom.bill.time"].with_user(cls.accountant).create({})
        cls.add(bill)
        cls.add(
            bill.line_ids[:1] or cls.env["telecom.bill.time.line"].create({"wizard_id": bill.id})
        )
