import re
from functools import cached_property
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import ormcache

from ...tools.condition import ConditionError
from ...tools.condition import read as read_condition
from ...tools.keywords import Keywords, Text, find_unusable
from ...tools.message_text import read_text
from ...tools.subject import strip_answer

# "today -7d", "now", "+2d": see odoo.tools.date_utils.parse_date.
RELATIVE_DATE = re.compile(r"(?:today|now)\b|[=+-]\d+[dwmyHMS]|[=+-](?:\w+day|week_start)\b")
# Fields from which each measure of time rules runs.
MEASURED_FROM = {
    "since_created": "create_date",
    "since_customer_message": "unanswered_since",
    "unassigned": "unassigned_since",
}


class CompiledRule(NamedTuple):
    """What matching a rule takes, without a query. Kept for all transactions: no records."""

    id: int
    trigger: str
    company_ids: tuple  # of tickets that it is for; empty: all
    keywords: Keywords
    in_body: bool
    expression: str  # of the condition
    domain: Domain | None  # None: depends on the date, worked out each time
    seconds: int
    starts_from: str | None  # field of the ticket
    in_working_time: bool
    is_local: bool  # the condition reads the ticket's own columns and nothing else
    is_relative: bool  # the condition compares with today's date
    reads: frozenset  # fields of the ticket that decide when it fires
    error: str | None

    def is_for_company(self, ticket):
        return not self.company_ids or ticket.company_id.id in self.company_ids

    def filter(self, tickets):
        """Those of ``tickets`` that the condition holds for now."""
        if self.error:
            raise ValueError(self.error)
        return tickets.filtered_domain(self.get_domain())

    def get_domain(self):
        if self.domain is not None:
            return self.domain
        # What it compares was looked at when the rule was compiled; the dates are new.
        return Domain(read_condition(self.expression)[0])


class CustomerText:
    """What the customer wrote, as far as rules look at it; read when the first one does.

    :param bodies: pairs (HTML, whether what is quoted in it counts)
    """

    def __init__(self, subject, bodies=()):
        self.subject = Text(subject)
        self.bodies = bodies

    @cached_property
    def body(self):
        return Text("\n\n".join(read_text(*body) for body in self.bodies if body[0]))

    def find(self, rule):
        """Keywords of ``rule`` (``CompiledRule``) that are in there.

        :return: list of pairs (``Found``, "subject" or "body")
        """
        found = [(hit, "subject") for hit in rule.keywords.find(self.subject)]
        if rule.in_body and self.bodies:
            found += [(hit, "body") for hit in rule.keywords.find(self.body)]
        return found


class TelecomTicketRule(models.Model):
    """Matching: which tickets a rule applies to, without a query if there are none."""

    _inherit = "telecom.ticket.rule"
    _uncached_fields = frozenset({"name", "error", "to_plan", "planned_to_id"})

    @api.model
    @ormcache("trigger")
    def _get_rules(self, trigger):
        """Active rules (``CompiledRule``) with ``trigger``, in their order."""
        return tuple(rule for rule in self._get_compiled() if rule.trigger == trigger)

    @api.model
    @ormcache()
    def _get_planning_fields(self):
        """Names of the ticket's fields whose change may change when a time rule fires."""
        return frozenset().union(*(rule.reads for rule in self._get_rules("on_time")))

    def _compile(self):
        """``CompiledRule`` of this one rule; ``error`` says if it cannot be used."""
        self.ensure_one()
        expression = (self.domain or "[]").strip()
        domain, is_expression, error = Domain.TRUE, False, None
        try:
            domain, is_constant = self._read_condition(expression)
            domain.validate(self.env["telecom.ticket"].sudo())
            is_expression = not is_constant
        except ConditionError as problem:
            domain, error = Domain.FALSE, self._explain_condition_error(problem)
        except Exception as problem:  # noqa: BLE001 (whatever it is, it is told)
            domain, error = Domain.FALSE, str(problem) or type(problem).__name__
        keywords = self.keywords
        # From before there were limits: what is too much for every ticket is not looked for.
        for keyword, problem in find_unusable(keywords):
            if problem in ("many", "long"):
                keywords, domain, error = "", Domain.FALSE, self._explain_keyword(keyword, problem)
                break
        conditions = list(domain.iter_conditions())
        starts_from = MEASURED_FROM[self.measure] if self.trigger == "on_time" else None
        names = {condition.field_expr.split(".")[0] for condition in conditions}
        companies = self.company_id or self.set_team_id.sudo().company_id
        if self.set_user_id:
            own = self.set_user_id.sudo().company_ids
            companies = (companies & own) if companies else own
        return CompiledRule(
            id=self._origin.id,
            trigger=self.trigger,
            company_ids=tuple(companies._origin.ids),
            keywords=Keywords(keywords),
            in_body=self.keywords_in_body or self.trigger == "on_customer_message",
            expression=expression,
            domain=None if is_expression else domain,
            seconds=self.after_minutes * 60,
            starts_from=starts_from,
            in_working_time=self.in_working_time,
            is_local=not is_expression and all(map(self._is_local, conditions)),
            is_relative=is_expression or any(map(self._is_relative, conditions)),
            reads=self._find_sources(names | {starts_from}),
            error=error,
        )

    @api.model
    def _is_local(self, condition):
        """Whether ``condition`` reads a column of the ticket, which is at hand."""
        field = self.env["telecom.ticket"]._fields.get(condition.field_expr)
        by_tree = condition.operator in ("child_of", "parent_of", "any", "not any")
        by_name = field and field.relational and "like" in condition.operator
        return (
            bool(field and (field.store or field.name == "is_done")) and not by_tree and not by_name
        )

    @api.model
    def _is_relative(self, condition):
        """Whether ``condition`` compares a date with today's."""
        field, model = None, self.env["telecom.ticket"]
        for name in condition.field_expr.split("."):
            field = model._fields.get(name)
            model = self.env.get(field.comodel_name) if field and field.relational else model
        if not field or field.type not in ("date", "datetime"):
            return False
        values = condition.value
        values = [values] if isinstance(values, str) or not hasattr(values, "__iter__") else values
        return any(isinstance(value, str) and RELATIVE_DATE.match(value) for value in values)

    @api.model
    def _find_sources(self, names):
        """``names`` of fields of the ticket and of those that they are computed from."""
        fields = self.env["telecom.ticket"]._fields
        found, todo = set(), set(names)
        while todo:
            name = todo.pop()
            if name in found or name not in fields:
                continue
            found.add(name)
            todo.update(
                path.split(".")[0] for path in self.env.registry.field_depends[fields[name]]
            )
        return frozenset(found)


class TelecomTicket(models.Model):
    """What a ticket gives the rules to read."""

    _inherit = "telecom.ticket"

    def _read_opening(self):
        """``{ticket id: CustomerText}`` of new tickets: subject, description, opening mail."""
        opening = self.env.context.get("telecom_opening")
        return {
            ticket.id: CustomerText(
                ticket.name, [(ticket.description, True), *([opening] if opening else [])]
            )
            for ticket in self
        }

    def _read_message(self, message):
        """``CustomerText`` of ``message`` (mail.message); a subject counts if it is a new one."""
        subject = strip_answer(message.subject)
        is_old = (self.name or "").casefold() in subject.casefold()
        return CustomerText("" if is_old else subject, [(message.body, False)])
