from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from odoo.addons.telecom_helpdesk.models.rule.ticket_rule_matching import CustomerText

from ..clock.sla_clock import METRICS

SLA_TRIGGERS = [
    ("on_sla_warning", "An SLA is at risk"),
    ("on_sla_imminent", "An SLA is nearly due"),
    ("on_sla_breach", "An SLA is breached"),
]


class TelecomTicketRule(models.Model):
    """Rules that react to a deadline, with every action that other rules have."""

    _inherit = "telecom.ticket.rule"

    trigger = fields.Selection(
        selection_add=SLA_TRIGGERS,
        ondelete={key: "cascade" for key, _label in SLA_TRIGGERS},
    )
    sla_metric = fields.Selection(
        METRICS, string="Which Promise", tracking=True, help="Empty: any of them."
    )

    @api.onchange("trigger")
    def _onchange_trigger(self):
        super()._onchange_trigger()
        if self._is_about_sla():
            self.keywords = False
        else:
            self.sla_metric = False

    @api.constrains("trigger", "keywords")
    def _check_sla_keywords(self):
        for rule in self:
            if rule.keywords and rule._is_about_sla():
                raise ValidationError(
                    self.env._(
                        "Keywords are searched when a ticket comes in or the customer writes, "
                        "not when its SLA runs out. Let another rule add a tag, and use that tag "
                        "in the condition of “%(rule)s”.",
                        rule=rule.name,
                    )
                )

    def _dry_run_chunk(self, compiled, tickets):
        if not self._is_about_sla():
            return super()._dry_run_chunk(compiled, tickets)
        kind = self.trigger.removeprefix("on_sla_")
        caught = []
        for clock in tickets._get_sla_clocks():
            at = dict(clock._get_pending_alerts()).get(kind)
            if at and self.sla_metric in (False, clock.metric):
                caught.append((clock.ticket_id.with_env(self.env), at, []))
        return caught

    def _is_about_sla(self):
        return (self.trigger or "").startswith("on_sla_")

    @api.model
    @ormcache()
    def _get_sla_metrics(self):
        """``{rule id: metric}`` of the rules that are about one promise alone."""
        rules = self.sudo().search_fetch([("sla_metric", "!=", False)], ["sla_metric"])
        return {rule.id: rule.sla_metric for rule in rules}

    @api.model
    def _get_sla_rules(self, kind, metric):
        """Active rules (``CompiledRule``) for an alert of ``kind`` about ``metric``."""
        metrics = self._get_sla_metrics()
        return [
            rule
            for rule in self._get_rules(f"on_sla_{kind}")
            if metrics.get(rule.id, metric) == metric
        ]


class TelecomTicketRuleLog(models.Model):
    _inherit = "telecom.ticket.rule.log"

    trigger = fields.Selection(
        selection_add=SLA_TRIGGERS,
        ondelete={key: "cascade" for key, _label in SLA_TRIGGERS},
    )


class TelecomSlaAlert(models.Model):
    _inherit = "telecom.sla.alert"

    def _fire_rules(self):
        """Let rules react to these alerts. A failing rule is reported, and stops no alert."""
        model = self.env["telecom.ticket.rule"]
        for (kind, metric), alerts in self.grouped(lambda a: (a.kind, a.metric)).items():
            rules = model._get_sla_rules(kind, metric)
            if not rules:
                continue
            # Rules look at a ticket once for each of its clocks.
            while alerts:
                once = alerts.browse(
                    {a.ticket_id: a.id for a in alerts.sorted(reverse=True)}.values()
                )
                once.ticket_id.sudo()._apply_rules(
                    rules,
                    {ticket.id: CustomerText("") for ticket in once.ticket_id},
                    {a.ticket_id.id: {"event": a._explain_to_rule} for a in once},
                )
                alerts -= once

    def _explain_to_rule(self, rule, calendar):
        """Why ``rule`` looked at the ticket, such as "Resolution breached on ..."."""
        alert = self.with_context(lang=rule.env.lang, tz=calendar.tz if calendar else None)
        metric = dict(alert._fields["metric"]._description_selection(alert.env))[alert.metric]
        instant = alert._describe_instant(alert.deadline)
        if alert.kind == "breach":
            return alert.env._("%(metric)s breached on %(instant)s", metric=metric, instant=instant)
        return alert.env._("%(metric)s due on %(instant)s", metric=metric, instant=instant)
