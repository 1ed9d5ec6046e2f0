from dataclasses import dataclass

from odoo import api, models

from odoo.addons.telecom_helpdesk.models.registry.tier import PRIORITIES
from odoo.addons.telecom_helpdesk.tools.first_match import Candidate, first_match, read_path

# What is promised where no policy applies, as values of ``telecom.sla.term``.
NO_TERMS = {
    "policy_id": False,
    "priority": False,
    "calendar_id": False,
    "company_id": False,
    "first_response_seconds": 0,
    "next_response_seconds": 0,
    "resolution_seconds": 0,
    "pause_on_third_party": False,
    "warn_percent": 0,
    "imminent_seconds": 0,
}
# What policies choose tickets by.
CRITERIA = ("tier_ids", "team_ids", "category_ids", "service_type_ids", "contract_type_ids")
# Fields of the ticket that decide which policy applies and what it promises.
MATCHED_FIELDS = frozenset(
    {"tier_id", "team_id", "category_id", "service_id", "contract_id", "priority", "company_id"}
)


@dataclass(frozen=True)
class CompiledPolicy(Candidate):
    """What matching a policy takes, and what it promises."""

    terms: dict  # {priority: values of telecom.sla.term, without the company}


class TelecomSlaPolicy(models.Model):
    """Matching: which policy is for which ticket, without a query where all is at hand."""

    _inherit = "telecom.sla.policy"
    _criteria = CRITERIA
    _uncached_fields = frozenset(
        {"name", "notify_collaborators", "to_plan", "planned_to_id", "message_main_attachment_id"}
    )

    @api.model
    def _match(self, tickets):
        """What is promised for each of ``tickets``, by the first policy that matches.

        :return: ``{ticket.id: values of telecom.sla.term}`` without ``ticket_id``, ``at`` and
            ``reason``; ``NO_TERMS`` where no policy applies
        """
        policies = self._get_compiled()
        read_facts = self._make_facts_reader(policies)
        found, matched = {}, {}
        for ticket in tickets.sudo():
            key = (ticket.company_id.id, read_facts(ticket))
            if key not in found:
                found[key] = first_match(policies, *key)
            policy = found[key]
            matched[ticket.id] = (
                {**policy.terms[ticket.priority], "company_id": ticket.company_id.id}
                if policy
                else dict(NO_TERMS)
            )
        return matched

    def _compile(self):
        """``CompiledPolicy`` of this one policy."""
        self.ensure_one()
        targets = self.target_ids.grouped("priority")
        none = self.env["telecom.sla.target"]
        return CompiledPolicy(
            **self._prepare_candidate(),
            terms={
                priority: self._prepare_terms(priority, targets.get(priority, none))
                for priority, _label in PRIORITIES
            },
        )

    def _prepare_terms(self, priority, target):
        """Values of ``telecom.sla.term``; nothing is promised where there is no target."""
        calendar = target.calendar_id or self.calendar_id
        return {
            "policy_id": self._origin.id,
            "priority": priority,
            "calendar_id": not target.is_always and calendar._origin.id,
            "first_response_seconds": round(target.first_response_hours * 3600),
            "next_response_seconds": round(target.next_response_hours * 3600),
            "resolution_seconds": round(target.resolution_hours * 3600),
            "pause_on_third_party": self.pause_on_third_party,
            "warn_percent": self.warn_percent,
            "imminent_seconds": self.imminent_minutes * 60,
        }

    @api.model
    def _make_facts_reader(self, policies):
        """Function that gives a ticket's facts, as ``Candidate.find_mismatch`` takes them.

        What none of ``policies`` (``CompiledPolicy``) asks for is not read.
        """
        readers = [
            READERS[name] if any(policy.asks_for(name) for policy in policies) else _read_nothing
            for name in CRITERIA
        ]
        return lambda ticket: tuple(read(ticket) for read in readers)


def _read_nothing(_ticket):
    return ()


READERS = {
    "tier_ids": lambda ticket: ticket.tier_id._ids,
    "team_ids": lambda ticket: ticket.team_id._ids,
    "category_ids": lambda ticket: read_path(ticket.category_id),
    "service_type_ids": lambda ticket: ticket.service_id.type_id._ids,
    "contract_type_ids": lambda ticket: ticket.contract_id.type_id._ids,
}
