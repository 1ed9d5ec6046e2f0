from odoo import models

# A trial answers while somebody waits: the latest tickets are looked at.
MAX_TICKETS = 20_000
MAX_LINES = 80


class TelecomSlaPolicy(models.Model):
    """The trial: which open tickets a policy would apply to, before it is saved."""

    _inherit = "telecom.sla.policy"

    def try_out(self, changes):
        """Which of the open tickets that the user may see this policy would apply to.

        Called by the form with what was typed and is not saved yet; nothing is changed.

        :param changes: values as ``write`` takes them; ``self`` is empty for a new policy
        :return: dict with ``title``, ``groups`` (list of dicts with ``title``, ``count``, ``ids``
            and ``lines``: dicts with ``id``, ``name``, ``customer``, ``at`` and ``reason``), and
            ``looked_at`` and ``open_count`` (tickets), which differ where there are too many
        :raises ValidationError: the policy could not be saved as it is
        """
        self.check_access("write" if self else "create")
        self._check_handed_in([changes])
        policy = self.new(changes, origin=self[:1])
        policy._check_companies()
        compiled = policy._compile()
        earlier = [other for other in self._get_policies() if self._comes_first(other, policy)]
        domain = [("is_done", "=", False), ("merged_into_id", "=", False)]
        tickets = self.env["telecom.ticket"].search(domain, order="id desc", limit=MAX_TICKETS)
        caught, others = [], []
        read_facts = self._make_facts_reader([compiled, *earlier])
        for ticket in tickets.sudo():
            facts = (ticket.company_id.id, read_facts(ticket))
            if compiled.find_mismatch(*facts):
                continue
            first = next((other for other in earlier if not other.find_mismatch(*facts)), None)
            if first:
                others.append((ticket, self.env._("“%s” comes first", self.browse(first.id).name)))
            else:
                caught.append((ticket, self._describe_so_far(ticket.sla_policy_id)))
        groups = [
            self._prepare_trial_group(self.env._("It applies to"), caught),
            self._prepare_trial_group(self.env._("It would match as well"), others),
        ]
        is_all = len(tickets) < MAX_TICKETS
        return {
            "title": self.env._("Open tickets that this policy is for"),
            "looked_at": len(tickets),
            "open_count": len(tickets) if is_all else tickets.search_count(domain),
            "groups": [group for group in groups if group["ids"]],
        }

    def _describe_so_far(self, policy):
        return self.env._("so far: %s", policy.name or self.env._("none")) if policy != self else ""

    def _comes_first(self, other, policy):
        """Whether ``other`` (``CompiledPolicy``) stands before ``policy`` in the list."""
        if other.id == policy._origin.id:
            return False
        place = (policy.sequence, policy._origin.id or float("inf"))
        return (other.sequence, other.id) < place

    def _prepare_trial_group(self, title, found):
        """:param found: pairs (ticket, reason)"""
        lines = [
            {
                "id": ticket.id,
                "name": ticket.display_name,
                "customer": ticket.commercial_partner_id.name or ticket.partner_email or "",
                "at": "",
                "reason": reason,
            }
            for ticket, reason in found[:MAX_LINES]
        ]
        ids = [ticket.id for ticket, _reason in found]
        return {"title": title, "count": len(found), "ids": ids, "lines": lines}
