from odoo import models

from odoo.addons.telecom_helpdesk.tools.first_match import first_match

from ...tools.clock import fold

# Size limit of a dry run, as somebody is waiting for it: only the latest tickets are checked.
MAX_TICKETS = 20_000


class TelecomSlaPolicy(models.Model):
    """Dry run: which open tickets a policy would apply to, before it is saved."""

    _inherit = "telecom.sla.policy"

    def dry_run(self, changes):
        """Which of the open tickets that the user may see this policy would apply to.

        Called by the form with what was typed and is not saved yet; nothing is changed.

        :param changes: values as ``write`` takes them; ``self`` is empty for a new policy
        :return: dict with ``title``, ``groups`` (list of dicts with ``title``, ``count``, ``ids``
            and ``lines``: dicts with ``id``, ``name``, ``customer``, ``at`` and ``reason``), and
            ``looked_at`` and ``open_count`` (tickets), which differ where there are too many
        :raises ValidationError: the policy could not be saved as it is
        """
        policy = self._prepare_trial(changes)
        policy._check_companies()
        compiled = policy._compile()
        earlier = [other for other in self._get_compiled() if self._comes_first(other, policy)]
        domain = [("is_done", "=", False), ("merged_into_id", "=", False)]
        tickets = self.env["telecom.ticket"].search(domain, order="id desc", limit=MAX_TICKETS)
        caught, others = [], []
        read_facts = self._make_facts_reader([compiled, *earlier])
        for ticket in tickets.sudo():
            facts = (ticket.company_id.id, read_facts(ticket))
            if compiled.find_mismatch(*facts):
                continue
            if first := first_match(earlier, *facts):
                others.append((ticket, self.env._("“%s” comes first", self.browse(first.id).name)))
            else:
                caught.append((ticket, self._describe_so_far(ticket.sla_policy_id)))
        missed = policy._find_missed_at_once(tickets.browse(t.id for t, _reason in caught))
        groups = self._prepare_trial_groups(
            (
                self.env._("Breached at once, because the time is already over"),
                [(ticket, reason) for ticket, reason in caught if ticket.id in missed],
            ),
            (self.env._("It applies to"), caught),
            (self.env._("It would match as well"), others),
        )
        is_all = len(tickets) < MAX_TICKETS
        return {
            "title": self.env._("Open tickets that this policy is for"),
            "looked_at": len(tickets),
            "open_count": len(tickets) if is_all else tickets.search_count(domain),
            "groups": groups,
        }

    def _find_missed_at_once(self, tickets):
        """Ids of those of ``tickets`` whose SLA would be missed the moment this policy applies,
        though nothing that is promised there so far is missed."""
        compiled, now = self._compile(), tickets._due_now()
        tickets = tickets.sudo()
        rows_of = tickets._get_sla_clocks().grouped("ticket_id")
        known, missed = {}, set()
        for ticket in tickets:
            key = (ticket.company_id, ticket.priority)
            values = {**compiled.terms[ticket.priority], "company_id": ticket.company_id.id}
            if not ticket.sla_term_id._differs_from(values):
                continue
            if key not in known:
                known[key] = self.env["telecom.sla.term"].sudo().new(values)._get_terms()
            if ticket._is_missed_by(known[key], rows_of.get(ticket, ()), now):
                missed.add(ticket.id)
        return missed

    def _describe_so_far(self, policy):
        return self.env._("so far: %s", policy.name or self.env._("none")) if policy != self else ""

    def _comes_first(self, other, policy):
        """Whether ``other`` (``CompiledPolicy``) stands before ``policy`` in the list."""
        if other.id == policy._origin.id:
            return False
        place = (policy.sequence, policy._origin.id or float("inf"))
        return (other.sequence, other.id) < place

    def _describe_found(self, ticket, reason):
        return None, reason


class TelecomTicket(models.Model):
    _inherit = "telecom.ticket"

    def _is_missed_by(self, terms, rows, now):
        """Whether ``terms`` ({metric: Terms}) make something missed at ``now`` that is open so far.

        :param rows: the ticket's clocks (telecom.sla.clock)
        """
        if self.sla_term_id:
            clocks = [row._get_clock(self.state).advance(now) for row in rows if row._is_open()]
            return any(
                clock.on_terms(now, terms[clock.metric]).breached_at
                for clock in clocks
                if not clock.breached_at
            )
        # First terms count from the beginning.
        answered_at, asked_at = self.first_response_at, self.unanswered_since
        events = [(answered_at, "answered")] if answered_at else []
        if answered_at and asked_at:
            events.append((asked_at, "asked"))
        story = [(row.at, row.state_to) for row in self.transition_ids.sorted("at")]
        created_at = self.create_date.replace(microsecond=0)
        return any(
            clock.breached_at and not (clock.reached_at or clock.ended_at or clock.is_void)
            for clock in fold(created_at, [(created_at, terms)], story, events, now)
        )
