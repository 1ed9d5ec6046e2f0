from odoo import api, models
from odoo.exceptions import ValidationError

from ...tools.keywords import find_unusable
from .ticket_rule import ACTIONS, MAX_MINUTES, MAX_YEARS


class TelecomTicketRule(models.Model):
    """Checks: a rule that could never work is refused, with what to do about it."""

    _inherit = "telecom.ticket.rule"

    @api.constrains(*ACTIONS)
    def _check_actions(self):
        for rule in self:
            if not any(rule[name] for name in ACTIONS):
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s” does nothing yet. Choose what it should do under “Then”.",
                        rule=rule.name,
                    )
                )

    @api.constrains(
        "trigger", "after_value", "after_unit", "measure", "in_working_time", "keywords"
    )
    def _check_time(self):
        for rule in self.filtered(lambda rule: rule.trigger == "on_time"):
            if not rule.after_value or not rule.measure:
                raise ValidationError(
                    self.env._(
                        "Enter after how much time rule “%(rule)s” should act, and when that "
                        "time starts.",
                        rule=rule.name,
                    )
                )
            if rule.after_minutes > MAX_MINUTES:
                raise ValidationError(
                    self.env._(
                        "Rule “%(rule)s” waits too long: it can act after %(years)s years at most.",
                        rule=rule.name,
                        years=MAX_YEARS,
                    )
                )
            if rule.in_working_time and rule.after_unit == "days":
                raise ValidationError(
                    self.env._(
                        "A day has 24 hours here. Give working time in hours: rule “%(rule)s”.",
                        rule=rule.name,
                    )
                )
            if rule.keywords:
                raise ValidationError(
                    self.env._(
                        "Keywords are searched when a ticket comes in or the customer writes, "
                        "not when time has passed. Let another rule add a tag, and use that tag "
                        "in the condition of “%(rule)s”.",
                        rule=rule.name,
                    )
                )

    @api.constrains("keywords")
    def _check_keywords(self):
        for rule in self:
            for keyword, problem in find_unusable(rule.keywords):
                raise ValidationError(rule._explain_keyword(keyword, problem))

    @api.constrains("trigger", "domain")
    def _check_domain(self):
        for rule in self:
            compiled = rule._compile()
            if compiled.error:
                raise ValidationError(
                    self.env._(
                        "The condition of rule “%(rule)s” cannot be used: %(error)s",
                        rule=rule.name,
                        error=compiled.error,
                    )
                )
            rule._check_condition_records()
            if rule.trigger == "on_time" and compiled.is_relative:
                raise ValidationError(
                    self.env._(
                        "The time of a time rule is set under “After”: its condition cannot "
                        "compare with today's date (rule “%(rule)s”).",
                        rule=rule.name,
                    )
                )

    @api.constrains("company_id", "set_team_id", "set_user_id", "set_support_level")
    def _check_targets(self):
        for rule in self.sudo():
            company, team, user = rule.company_id, rule.set_team_id, rule.set_user_id
            if company and team and team.company_id != company:
                raise ValidationError(
                    self.env._(
                        "Team %(team)s works for %(other)s, but the rule is for %(company)s.",
                        team=team.name,
                        other=team.company_id.name,
                        company=company.name,
                    )
                )
            company = company or team.company_id
            if user and company and company not in user.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(agent)s has no access to %(company)s and cannot get its tickets.",
                        agent=user.name,
                        company=company.name,
                    )
                )
            if user and (user.telecom_support_level or "0") < (rule.set_support_level or "1"):
                raise ValidationError(
                    self.env._(
                        "%(agent)s does not work on that level, or is no agent of the helpdesk.",
                        agent=user.name,
                    )
                )
