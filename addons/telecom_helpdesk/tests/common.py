import os

from odoo.fields import Command, Datetime
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import SQL

from odoo.addons.mail.tests.common import freeze_all_time

# Tests tell a story of their own: no welcome mails, no "created" notes by the setup.
QUIET = {
    "no_reset_password": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "tracking_disable": True,
}

# Monday to Friday, as working hours name them.
WEEKDAYS = "01234"


def frozen(text):
    """Context in which it is ``text`` ("2026-03-02 09:00:00", UTC), for the database too."""
    return freeze_all_time(Datetime.to_datetime(text))


def by_seed(variable, *seeds):
    """Class decorator: the class's ``walk(seed)``, a way that chance takes, becomes a test for each
    of ``seeds``.

    One that fails says how to take the same way again: ``variable`` of the environment names other
    seeds ("7", or "7 8" to look further).
    """

    def decorate(cls):
        for seed in map(int, os.environ.get(variable, " ".join(map(str, seeds))).split()):

            def test(self, seed=seed):
                with self.subTest(f"{variable}={seed} repeats it"):
                    self.walk(seed)

            test.__name__ = f"test_walk_of_seed_{seed}"
            setattr(cls, test.__name__, test)
        return cls

    return decorate


class HelpdeskCommon:
    """A small operator to test with: two teams, their people, two customers.

    ======================== ====================================================
    ``team_voice``           led by ``manager``, with ``agent_voice``
    ``team_internet``        no leader, with ``agent_internet``
    ``internal_user``        works for the operator, has nothing to do with tickets
    ``customer``             ACME, a company, with ``customer_contact``
    ``portal_user``          the portal account of ``customer_contact``, scope own
    ``portal_colleague``     another contact of ACME, scope own
    ``other_customer``       Globex, a company, with the portal account ``portal_other``
    ``service_voice``        ACME's SIP trunk; ``service_internet`` its broadband line
    ``other_service``        Globex' SIP trunk
    ======================== ====================================================

    A mixin, so that browser tests can use it too: ``class TestX(HelpdeskCommon, HttpCase)``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setup_env = cls.env(context={**cls.env.context, **QUIET})
        cls.company = cls.env.company
        # What the desk decides by itself is switched on by the tests that are about it.
        # (rules, and whatever an addon on top has that open tickets follow).
        for model in cls.env.registry["telecom.planning.mixin"]._inherit_children:
            cls.env[model].search([]).active = False
        cls.set_up_people()
        cls.set_up_teams()
        cls.set_up_customers()
        cls.set_up_services()

    @classmethod
    def set_up_people(cls):
        agent, manager = "telecom_helpdesk.group_agent", "telecom_helpdesk.group_manager"
        cls.agent_voice = cls.make_user("agent_voice", agent, name="Vera Voice")
        cls.agent_internet = cls.make_user("agent_internet", agent, name="Ivo Internet")
        cls.manager = cls.make_user("manager", manager, name="Mona Manager")
        cls.internal_user = cls.make_user("internal", "base.group_user", name="Ida Internal")
        cls.public_user = cls.env.ref("base.public_user")

    @classmethod
    def set_up_teams(cls):
        cls.team_voice = cls.make_team("Voice", cls.agent_voice, leader_id=cls.manager.id)
        cls.team_internet = cls.make_team("Internet", cls.agent_internet)

    @classmethod
    def set_up_customers(cls):
        cls.customer = cls.make_partner("ACME", is_company=True, phone="+32 2 555 01 00")
        cls.customer_contact = cls.make_partner("Carla Contact", parent_id=cls.customer.id)
        cls.other_customer = cls.make_partner("Globex", is_company=True)
        colleague = cls.make_partner("Cees Colleague", parent_id=cls.customer.id)
        stranger = cls.make_partner("Otto Other", parent_id=cls.other_customer.id)
        cls.portal_user = cls.make_portal_user(cls.customer_contact)
        cls.portal_colleague = cls.make_portal_user(colleague)
        cls.portal_other = cls.make_portal_user(stranger)

    @classmethod
    def set_up_services(cls):
        cls.type_voice = cls.env.ref("telecom_helpdesk.service_type_sip_trunk")
        cls.type_internet = cls.env.ref("telecom_helpdesk.service_type_broadband")
        cls.service_voice = cls.make_service("SIP-1001", cls.type_voice, cls.customer)
        cls.service_internet = cls.make_service("DSL-2001", cls.type_internet, cls.customer)
        cls.other_service = cls.make_service("SIP-3001", cls.type_voice, cls.other_customer)

    # Making things

    @classmethod
    def quietly_create(cls, model, values):
        return cls.setup_env[model].create(values).with_env(cls.env)

    @classmethod
    def make_user(cls, login, groups, **values):
        values.setdefault("email", f"{login}@operator.example.com")
        return new_test_user(cls.setup_env, login, groups, **values).with_env(cls.env)

    @classmethod
    def make_team(cls, name, members, **values):
        values = {"name": name, "member_ids": [Command.set(members.ids)], **values}
        return cls.quietly_create("telecom.ticket.team", values)

    @classmethod
    def make_portal_user(cls, partner):
        return cls.make_user(
            partner.email,
            "base.group_portal",
            partner_id=partner.id,
            name=partner.name,
            email=partner.email,
        )

    @classmethod
    def make_partner(cls, name, **values):
        """A contact with a mail address made of its ``name``."""
        address = f"{name.lower().replace(' ', '.')}@customer.example.com"
        return cls.quietly_create("res.partner", {"name": name, "email": address, **values})

    @classmethod
    def make_service(cls, identifier, service_type, partner, **values):
        return cls.quietly_create(
            "telecom.service",
            {
                "identifier": identifier,
                "type_id": service_type.id,
                "partner_id": partner.id,
                "state": "active",
                **values,
            },
        )

    @classmethod
    def make_contract(cls, partner, **values):
        """A contract that gives support from long ago on, with no end."""
        return cls.quietly_create(
            "telecom.contract",
            {
                "partner_id": partner.id,
                "type_id": cls.env.ref("telecom_helpdesk.contract_type_office").id,
                "date_start": "2020-01-01",
                "state": "active",
                **values,
            },
        )

    @classmethod
    def make_calendar(cls, name, tz, hours, **values):
        """Working hours: ``{days of the week ("05": Monday, Saturday): ((from, to), ...)}``."""
        return cls.quietly_create(
            "resource.calendar",
            {
                "name": name,
                "tz": tz,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {"name": name, "dayofweek": day, "hour_from": begin, "hour_to": end}
                        )
                        for days, spans in hours.items()
                        for day in days
                        for begin, end in spans
                    ),
                ],
                **values,
            },
        )

    @classmethod
    def make_holiday(cls, name, start, stop, calendar=None, **values):
        """Days off between two instants (UTC), by ``calendar`` or by all of the company."""
        vals = {"name": name, "date_from": start, "date_to": stop, **values}
        if calendar:
            vals["calendar_id"] = calendar.id
        return cls.quietly_create("resource.calendar.leaves", vals)

    @classmethod
    def make_ticket(cls, *, as_user=None, **values):
        """A ticket of ``customer_contact`` in ``team_voice``, entered by the manager.

        It is returned without access checks (as ``cls.env``'s superuser). Those of ``values`` that
        the software alone sets are written afterwards.
        """
        tickets = cls.env["telecom.ticket"].with_user(as_user or cls.manager)
        by_software = {
            name: value for name, value in values.items() if tickets._fields[name].readonly
        }
        ticket = tickets.create(
            {
                "name": "No dial tone",
                "partner_id": cls.customer_contact.id,
                "team_id": cls.team_voice.id,
                **{name: value for name, value in values.items() if name not in by_software},
            }
        ).with_env(cls.env)
        if by_software:
            ticket.write(by_software)
        return ticket

    @classmethod
    def copy_ticket(cls, tickets, count):
        """``count`` more of each of ``tickets``, bare rows without a history, in no time."""
        cls.env.flush_all()
        columns = [
            SQL.identifier(name)
            for name, field in tickets._fields.items()
            if field.store and field.column_type and name not in ("id", "number")
        ]
        rows = cls.env.execute_query(
            SQL(
                """INSERT INTO telecom_ticket (number, %(columns)s)
                   SELECT number || '-' || copy, %(columns)s
                   FROM telecom_ticket, generate_series(1, %(count)s) AS copy
                   WHERE id IN %(ids)s
                   ORDER BY copy, id
                   RETURNING id""",
                columns=SQL(", ").join(columns),
                count=count,
                ids=tuple(tickets.ids),
            )
        )
        copies = [id_ for (id_,) in rows]
        # They come in the order of the originals, again and again.
        cls.env.cr.execute(
            SQL(
                """INSERT INTO telecom_ticket_due (ticket_id, kind, next_due_at, due_attempts)
                   SELECT (%(copies)s::int[])[step.place + copy * %(number)s], kind, next_due_at, 0
                     FROM (SELECT kind, next_due_at,
                                  array_position(%(ids)s::int[], ticket_id) AS place
                             FROM telecom_ticket_due WHERE ticket_id = ANY(%(ids)s::int[])) AS step,
                          generate_series(0, %(count)s - 1) AS copy""",
                copies=copies,
                number=len(tickets),
                ids=sorted(tickets.ids),
                count=count,
            )
        )
        cls.env.invalidate_all()
        return tickets.browse(copies)

    @classmethod
    def stage(cls, state):
        """First stage with ``state`` that every team has."""
        return cls.env["telecom.ticket.stage"].search(
            [("state", "=", state), ("team_ids", "=", False)], limit=1
        )

    # What people say. Each returns the message that the ticket got.

    @classmethod
    def customer_writes(cls, ticket, body="Any news?", user=None):
        """``user`` (``portal_user``) answers in the portal."""
        return (
            ticket.with_user(user or cls.portal_user)
            .message_post(body=body, message_type="comment", subtype_xmlid="mail.mt_comment")
            .with_env(cls.env)
        )

    @classmethod
    def customer_mails(cls, ticket, body="Any news?", email_from=None, subject=None, **headers):
        """A mail comes in by the gateway, an answer to the ticket's last public message.

        Where there is none yet, an agent writes one first. Returns the message.
        """
        messages = cls.env["mail.message"]
        public = ticket.message_ids.filtered(lambda message: not message.subtype_id.internal)
        parent = (public[:1] or cls.agent_replies(ticket)).message_id
        before = messages.search([], order="id desc", limit=1).id
        lines = {
            "From": email_from or cls.customer_contact.email_formatted,
            "To": "support@operator.example.com",
            "Subject": subject or f"Re: {ticket.name}",
            "Message-ID": f"<{before}.{ticket.id}@customer.example.com>",
            "In-Reply-To": parent,
            "References": parent,
            "Content-Type": "text/plain; charset=utf-8",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        raw = "\n".join(f"{name}: {value}" for name, value in lines.items()) + f"\n\n{body}\n"
        cls.env["mail.thread"].message_process(False, raw)
        return messages.search([("id", ">", before), ("message_type", "=", "email")], limit=1)

    @classmethod
    def agent_replies(cls, ticket, user=None, body="We are on it."):
        """``user`` (``agent_voice``) answers the customer: "Send message" of the chatter."""
        return (
            ticket.with_user(user or cls.agent_voice)
            .message_post(body=body, message_type="comment", subtype_xmlid="mail.mt_comment")
            .with_env(cls.env)
        )

    @classmethod
    def agent_notes(cls, ticket, user=None, body="The exchange is in alarm.", **kwargs):
        """``user`` (``agent_voice``) leaves an internal note: "Log note" of the chatter."""
        return (
            ticket.with_user(user or cls.agent_voice)
            .message_post(body=body, message_type="comment", subtype_xmlid="mail.mt_note", **kwargs)
            .with_env(cls.env)
        )


class HelpdeskCase(HelpdeskCommon, TransactionCase):
    """For tests of the backend."""
