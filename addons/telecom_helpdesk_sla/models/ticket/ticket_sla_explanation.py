from odoo import api, fields, models

from odoo.addons.telecom_helpdesk.tools.durations import describe_seconds

from ..policy.sla_policy_matching import CRITERIA

# Policies that are named where none applies.
MAX_NAMED = 5


class TelecomTicket(models.Model):
    """Which policy applies to a ticket and why, in the reader's words."""

    _inherit = "telecom.ticket"

    sla_explanation = fields.Text(
        string="Why This SLA", compute="_compute_sla_explanation", compute_sudo=True
    )

    @api.depends(
        "sla_term_id",
        "tier_id",
        "team_id",
        "category_id",
        "service_id",
        "contract_id",
        "priority",
    )
    @api.depends_context("lang")
    def _compute_sla_explanation(self):
        for ticket in self:
            policy = ticket.sla_term_id.policy_id
            if policy:
                reasons = ticket._explain_sla_match(policy)
                ticket.sla_explanation = self.env._(
                    "%(policy)s: %(reasons)s. %(promise)s.",
                    policy=policy.name,
                    reasons=", ".join(reasons) or self.env._("for every ticket"),
                    promise=ticket._explain_sla_promise(),
                )
            else:
                ticket.sla_explanation = ticket._explain_no_sla()

    def _explain_sla_match(self, policy):
        """What of this ticket ``policy`` is for: texts such as "tier Premium"."""
        return [
            self._name_sla_criterion(name, value)
            for name in CRITERIA
            if policy[name] and (value := self._read_sla_fact(name))
        ]

    def _read_sla_fact(self, name):
        """What this ticket has of one of ``CRITERIA``: a record, perhaps empty."""
        return {
            "tier_ids": self.tier_id,
            "team_ids": self.team_id,
            "category_ids": self.category_id,
            "service_type_ids": self.service_id.type_id,
            "contract_type_ids": self.contract_id.type_id,
        }[name]

    def _name_sla_criterion(self, name, values):
        names = self.env._(" or ").join(values.mapped("display_name"))
        return {
            "tier_ids": self.env._("tier %s", names),
            "team_ids": self.env._("team %s", names),
            "category_ids": self.env._("category %s", names),
            "service_type_ids": self.env._("service type %s", names),
            "contract_type_ids": self.env._("contract type %s", names),
        }[name]

    def _explain_sla_promise(self):
        """What is promised, such as "For High: first response 1 h, resolution 4 h, 24x7"."""
        term = self.sla_term_id
        labels = dict(term._fields["priority"]._description_selection(self.env))
        priority = labels.get(term.priority)
        figures = [
            (self.env._("first response %s"), term.first_response_seconds),
            (self.env._("next response %s"), term.next_response_seconds),
            (self.env._("resolution %s"), term.resolution_seconds),
        ]
        promises = [text % describe_seconds(self.env, count) for text, count in figures if count]
        if not promises:
            return self.env._("Nothing is promised for %s", priority)
        return self.env._(
            "For %(priority)s: %(promises)s, %(hours)s",
            priority=priority,
            promises=", ".join(promises),
            hours=self.env._("in “%s”", term.calendar_id.name)
            if term.calendar_id
            else self.env._("around the clock"),
        )

    def _explain_no_sla(self):
        """Why no policy applies to this ticket."""
        model = self.env["telecom.sla.policy"]
        policies = model._get_compiled()
        facts = model._make_facts_reader(policies)(self)
        wanted = []
        for compiled in policies:
            name = compiled.find_mismatch(self.company_id.id, facts)
            policy = model.browse(compiled.id)
            if not name:
                if self.is_done:
                    return self.env._("Nothing was promised while this ticket was open.")
                return self.env._("“%s” is about to apply.", policy.name)
            if name in CRITERIA:
                wanted.append(
                    self.env._(
                        "“%(policy)s” is for %(criterion)s",
                        policy=policy.name,
                        criterion=self._name_sla_criterion(name, policy[name]),
                    )
                )
        if not wanted:
            return self.env._("No SLA policy is set up for this company.")
        more = ["…"] if len(wanted) > MAX_NAMED else []
        return self.env._("No SLA policy applies: %s.", ", ".join(wanted[:MAX_NAMED] + more))
