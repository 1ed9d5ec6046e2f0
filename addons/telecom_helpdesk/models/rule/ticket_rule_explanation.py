from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_datetime

from ...tools.keywords import MAX_KEYWORD, MAX_KEYWORDS, MIN_STEM

OPERATORS = {
    "in": "=",
    "not in": "≠",
    "!=": "≠",
    "any": "",
    "=ilike": "=",
    "ilike": "~",
    "like": "~",
}


class TelecomTicketRule(models.Model):
    """Explanation of why a rule fired, in the language of the context."""

    _inherit = "telecom.ticket.rule"

    def _explain(self, found=(), since=None, calendar=None, with_condition=True, event=None):
        """Why this rule fired: a list of short texts, without a full stop.

        :param found: pairs (``Found``, "subject" or "body"), see ``CustomerText``
        :param since: for time rules, instant (naive UTC) from which time ran
        :param calendar: ``resource.calendar`` in whose time zone to show it, else the user's
        :param with_condition: False: only where there is no other reason
        :param event: function of (rule, calendar) that puts into words what made an addon's rule
            look at the ticket
        """
        self.ensure_one()
        reasons = [event(self, calendar)] if event else []
        if since:
            reasons.append(
                self.env._(
                    "%(time_passed)s (since %(instant)s)",
                    time_passed=self._describe_time(),
                    instant=format_datetime(
                        self.env, since, tz=calendar.tz if calendar else None, dt_format="short"
                    ),
                )
            )
        for place, text in (
            ("subject", self.env._("found in the subject: %s")),
            ("body", self.env._("found in the text: %s")),
        ):
            words = dict.fromkeys(hit.words for hit, where in found if where == place)
            if words:
                reasons.append(text % ", ".join(f"“{word}”" for word in list(words)[:5]))
        if (with_condition or not reasons) and (condition := self._describe_condition()):
            reasons.append(condition)
        return reasons

    def _explain_keyword(self, keyword, problem):
        if problem == "many":
            return self.env._(
                "A rule can search for %(count)s words or phrases at most. Split it into two "
                "rules, or use a wildcard (*) to cover related words.",
                count=MAX_KEYWORDS,
            )
        if problem == "long":
            return self.env._(
                "“%(keyword)s…” is too long: a word or phrase has at most %(count)s characters, "
                "and each stands on a line of its own.",
                keyword=keyword[:40],
                count=MAX_KEYWORD,
            )
        if problem == "empty":
            return self.env._("“%(keyword)s” has no letter or digit to look for.", keyword=keyword)
        if problem == "short":
            return self.env._(
                "“%(keyword)s” would be found nearly everywhere: write at least %(count)s "
                "letters next to the wildcard (*).",
                keyword=keyword,
                count=MIN_STEM,
            )
        return self.env._(
            "A wildcard (*) goes at the beginning or the end of a word, as in “coup*” or "
            "“*ausfall”: please correct “%(keyword)s”.",
            keyword=keyword,
        )

    def _describe_time(self):
        """The time of a time rule, such as "no answer for 2 working hours"."""
        count, unit = self.after_value, self.after_unit
        if self.in_working_time:
            amount = {
                "minutes": self.env._("%s working minute(s)", count),
                "hours": self.env._("%s working hour(s)", count),
            }.get(unit)
        else:
            amount = {
                "minutes": self.env._("%s minute(s)", count),
                "hours": self.env._("%s hour(s)", count),
                "days": self.env._("%s day(s)", count),
            }.get(unit)
        return {
            "since_created": self.env._("open for %s", amount),
            "since_customer_message": self.env._("no answer for %s", amount),
            "unassigned": self.env._("without an agent for %s", amount),
        }[self.measure]

    def _describe_condition(self):
        """The condition in words where it is a plain list; empty where there is none."""
        if (self.domain or "[]") == "[]":
            return ""
        domain = self._compile().get_domain()
        if domain.is_true():
            return ""
        conditions = list(domain.iter_conditions())
        if domain != Domain.AND(conditions):
            return self.env._("its condition holds")
        return ", ".join(map(self._describe_comparison, conditions))

    @api.model
    def _describe_comparison(self, condition):
        field = self._find_condition_field(condition.field_expr)
        values = condition.value
        if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
            values = [values]
        texts = [self._describe_value(field, value) for value in values]
        operator = OPERATORS.get(condition.operator, condition.operator)
        joined = self.env._(" or ").join(texts)
        return " ".join(filter(None, (self._describe_path(condition.field_expr), operator, joined)))

    @api.model
    def _describe_value(self, field, value):
        if field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if value is False or value is None:
            return self.env._("not set")
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, str(value))
        if field.relational and isinstance(value, int):
            record = self.env[field.comodel_name].browse(value).exists()
            # A rule that fires reads everything; in a dry run, only what the user may read.
            return (record.has_access("read") and record.display_name) or "?"
        return str(value)
