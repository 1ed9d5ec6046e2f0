"""The pieces of work that are measured, and what they may cost (ratios of medians)."""

import ast
from email.message import EmailMessage

from lxml import etree

from odoo import SUPERUSER_ID

from odoo.addons.mail.models.mail_thread import MailThread as OdooThread

from .contenders import Contender
from .fill import People

# What the web client fetches for a widget beside the field itself.
WIDGET_FIELDS = {
    "list_activity": (
        "activity_exception_decoration",
        "activity_exception_icon",
        "activity_state",
        "activity_summary",
        "activity_type_icon",
        "activity_type_id",
    ),
}


class Work:
    """One piece of work. `prepare` is not timed; `act` and the commit after it are.

    `targets` maps a contender's key to the highest good ratio of ours to it; they hold
    from `target_size` tickets on. Times and queries are told per `units`.
    """

    title: str
    unit = ""
    units = 1
    repeats = 15
    targets: dict[str, float] = {}
    target_size = 0
    largest_only = False

    def __init__(self, people: People, quick: bool = False):
        self.people = people
        self.uid = people.agent
        # As the web client sends it.
        self.context = {"lang": "en_US", "tz": "Europe/Paris", "allowed_company_ids": [1]}
        if quick:
            self.repeats = 2

    def can(self, contender: Contender) -> bool:
        return True

    def prepare(self, env, contender: Contender, number: int):
        """What `act` works on, for the `number`th round."""

    def act(self, env, contender: Contender, subject) -> None:
        raise NotImplementedError


class CreateBatch(Work):
    title = "Create tickets, 200 at a time"
    unit = "ticket"
    units = 200
    repeats = 9
    targets = {"peer": 0.25, "floor": 4}

    def prepare(self, env, contender, number):
        partners = self.people.partners
        return [
            contender.values(
                i,
                partners[(number * self.units + i) % len(partners)],
                contender.teams[0],
                contender.stages["open"],
                self.uid,
            )
            for i in range(self.units)
        ]

    def act(self, env, contender, subject):
        env[contender.model].create(subject)


class ListPage(Work):
    """The first page of the contender's own list, as the web client asks for it."""

    title = "List page of 80 tickets"
    targets = {"peer": 0.25}
    target_size = 200_000

    def can(self, contender):
        return bool(contender.open_domain)

    def domain(self, contender):
        return []

    def prepare(self, env, contender, number):
        model = env[contender.model]
        return self.domain(contender), list_specification(model), count_limit(model)

    def act(self, env, contender, subject):
        domain, specification, most = subject
        page = env[contender.model].web_search_read(
            domain, specification, offset=0, limit=80, order="", count_limit=most + 1
        )
        if not page["records"]:
            raise ValueError(f"{contender.key}: the list is empty")


class OpenListPage(ListPage):
    title = "List page of 80 open tickets"
    targets = {}

    def domain(self, contender):
        return contender.open_domain


class StageChange(Work):
    title = "Stage change of one ticket"
    targets = {"peer": 0.10}
    target_size = 200_000

    def prepare(self, env, contender, number):
        ticket = env[contender.model].search(
            [
                ("team_id", "=", contender.teams[0]),
                ("stage_id", "=", contender.stages["open"]),
                ("user_id", "!=", False),
            ],
            limit=1,
            offset=number,
            order="id",
        )
        return ticket.ensure_one().id

    def act(self, env, contender, subject):
        ticket = env[contender.model].browse(subject)
        ticket.write({"stage_id": contender.stages["waiting"]})


class PartnerCounters(Work):
    title = "Ticket counters of 80 customers"
    repeats = 5
    targets = {"peer": 0.01}
    target_size = 200_000

    def can(self, contender):
        return bool(contender.counter_fields)

    def act(self, env, contender, subject):
        customers = env["res.partner"].browse(self.people.companies[:80])
        customers.read(contender.counter_fields)


class Mail(Work):
    """A mail through the gateway, which works as superuser."""

    repeats = 200
    largest_only = True

    def __init__(self, people, quick=False):
        super().__init__(people, quick)
        self.uid = SUPERUSER_ID
        self.context = {}

    def act(self, env, contender, subject):
        threads = env["mail.thread"]
        # All three share one registry: the others get Odoo's gateway as it is without our addon.
        gateway = type(threads) if contender.key == "ours" else OdooThread
        if not gateway.message_process(threads, False, subject):
            raise ValueError(f"{contender.key}: the gateway made nothing of the mail")


class MailToTicket(Mail):
    title = "Mail to new ticket"
    targets = {"peer": 1.0, "floor": 1.25}

    def prepare(self, env, contender, number):
        return mail(contender, number).as_bytes()


class MailWithoutRule(MailToTicket):
    title = "Mail to new ticket that no rule is for"

    def prepare(self, env, contender, number):
        message = mail(contender, number)
        message.replace_header("Subject", f"Question about site {number}")
        message.replace_header("Message-ID", f"<plain-{contender.key}-{number}@c.example.com>")
        return message.as_bytes()


class MailReply(Mail):
    title = "Mail reply"
    targets = {"peer": 0.75, "floor": 1.25}

    def prepare(self, env, contender, number):
        return mail(contender, number, reply=True).as_bytes()


WORKS = [
    CreateBatch,
    ListPage,
    OpenListPage,
    StageChange,
    PartnerCounters,
    MailToTicket,
    MailWithoutRule,
    MailReply,
]

LINE = "Since this morning nobody can call us, and outgoing calls end after a second or two."


def mail(contender: Contender, number: int, reply: bool = False) -> EmailMessage:
    """A customer's mail to the contender's address, text and HTML, or the answer to it."""
    message = EmailMessage()
    message["From"] = f"Contact {number} <me@c{number}.example.com>"
    message["To"] = contender.address
    message["Subject"] = f"{'Re: ' * reply}No dial tone at site {number}"
    message["Date"] = "Mon, 03 Mar 2025 09:00:00 +0100"
    first = f"<new-{contender.key}-{number}@c{number}.example.com>"
    message["Message-ID"] = f"<reply-{contender.key}-{number}@c.example.com>" if reply else first
    if reply:
        message["In-Reply-To"] = message["References"] = first
    message.set_content("\n\n".join([LINE] * 20))
    paragraphs = "".join(f'<p style="margin:0"><span>{LINE}</span></p>' for _ in range(20))
    message.add_alternative(f"<html><body>{paragraphs}</body></html>", subtype="html")
    return message


def list_arch(model):
    views = model.get_views([(False, "list")])
    return etree.fromstring(views["views"]["list"]["arch"])


def count_limit(model) -> int:
    """How far the web client counts the records of `model`'s list: what it says, or 10,000."""
    return int(list_arch(model).get("count_limit", 10_000))


def list_specification(model) -> dict:
    """The fields that the web client reads for `model`'s list, hidden columns included."""
    specification = {}
    for node in list_arch(model).iterfind("field"):
        names = [node.get("name"), *WIDGET_FIELDS.get(node.get("widget"), ())]
        for name in names:
            specification[name] = _field_specification(model._fields[name], node)
    return specification


def _field_specification(field, node) -> dict:
    options = ast.literal_eval(node.get("options", "{}"))
    if field.type == "many2one":
        return {"fields": {"display_name": {}}}
    if field.type in ("one2many", "many2many") and "many2many" in node.get("widget", ""):
        shown = ["display_name", *filter(None, [options.get("color_field")])]
        return {"fields": {name: {} for name in shown}}
    return {}
