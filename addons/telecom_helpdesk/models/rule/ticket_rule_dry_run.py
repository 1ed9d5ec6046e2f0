import time

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from .ticket_rule_matching import MEASURED_FROM, CustomerText

# Time limit of a dry run, as somebody is waiting for it: it shows what it has found by then.
MAX_SECONDS = 8
CHUNK = 500


class TelecomTicketRule(models.Model):
    """Dry run: which open tickets a rule would match, before it is saved."""

    _inherit = "telecom.ticket.rule"

    def dry_run(self, changes):
        """Which of the open tickets that the user may see this rule would match.

        Called by the form with what was typed and is not saved yet; nothing is changed.

        :param changes: values as ``write`` takes them; ``self`` is empty for a new rule
        :return: dict with ``groups`` (list of dicts with ``title``, ``count``, ``ids`` and
            ``lines``: dicts with ``id``, ``name``, ``customer``, ``at``, ``reason``), and
            ``looked_at`` and ``open_count`` (tickets), which differ where time was up, and
            ``remark`` (text) on what a server action would do to them
        :raises ValidationError: the rule could not be saved as it is
        """
        rule = self._prepare_trial(changes)
        # What is not saved passes no other check.
        for name in ("company_id", "set_team_id", "set_user_id", "add_tag_ids"):
            rule[name]._origin.check_access("read")
        rule._check_time()
        rule._check_keywords()
        rule._check_domain()
        rule._check_targets()
        compiled = rule._compile()
        tickets = self.env["telecom.ticket"]
        domain = Domain("is_done", "=", False) & Domain("merged_into_id", "=", False)
        if compiled.company_ids:
            domain &= Domain("company_id", "in", compiled.company_ids)
        found = tickets.search(domain & compiled.get_domain(), order="id desc")
        until = time.monotonic() + MAX_SECONDS
        looked_at, caught = 0, []
        for start in range(0, len(found), CHUNK):
            if time.monotonic() > until:
                break
            chunk = found[start : start + CHUNK]
            caught += rule._dry_run_chunk(compiled, chunk)
            looked_at += len(chunk)
        return {
            "looked_at": looked_at,
            "open_count": len(found),
            "groups": rule._group_dry_run(compiled, caught),
            "remark": rule._describe_server_action(),
        }

    def _dry_run_chunk(self, compiled, tickets):
        """Those of ``tickets`` that are caught: triples (ticket, instant or None, keywords)."""
        if compiled.starts_from:
            model = tickets.with_prefetch(tickets.ids)
            return [
                (ticket, at, [])
                for ticket in model
                for at, _rule in ticket.sudo()._get_steps([compiled])
            ]
        if not compiled.keywords:
            return [(ticket, None, []) for ticket in tickets]
        messages = tickets._read_messages(compiled.in_body, self.trigger == "on_create")
        caught = []
        for ticket in tickets:
            if self.trigger == "on_create":
                words = CustomerText(
                    ticket.name, [(ticket.description, True), (messages.get(ticket.id), True)]
                )
            else:
                words = CustomerText("", [(messages.get(ticket.id), False)])
            if hits := words.find(compiled):
                caught.append((ticket, None, hits))
        return caught

    def _group_dry_run(self, compiled, caught):
        now = self.env["telecom.ticket"]._due_now()
        if not compiled.starts_from:
            return self._prepare_trial_groups((self.env._("Matching"), caught))
        caught = sorted(caught, key=lambda step: step[1])
        due = [step for step in caught if step[1] <= now]
        return self._prepare_trial_groups(
            (self.env._("Time elapsed: fires as soon as the rule is switched on"), due),
            (self.env._("Later, if nothing happens"), caught[len(due) :]),
        )

    def _describe_found(self, ticket, at, hits):
        since = MEASURED_FROM[self.measure] if self.trigger == "on_time" else None
        return at, ", ".join(self._explain(hits, since and ticket[since], with_condition=False))


class TelecomTicket(models.Model):
    _inherit = "telecom.ticket"

    def _read_messages(self, wanted, is_opening):
        """Bodies (HTML) by ticket id: the mail that opened it, or the customer's last message.

        :param wanted: False: no rule looks at them
        """
        if not wanted or not self:
            return {}
        condition = (
            SQL("message.message_type = 'email'")
            if is_opening
            else SQL(
                """message.message_type IN ('email', 'comment')
                   AND NOT coalesce(message.is_internal, false)
                   AND (coalesce(author.partner_share, true)
                        OR author.id = ticket.partner_id)"""
            )
        )
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (message.res_id) message.res_id, message.body
                   FROM mail_message message
                   LEFT JOIN res_partner author ON author.id = message.author_id
                   JOIN telecom_ticket ticket ON ticket.id = message.res_id
                   WHERE message.model = %s AND message.res_id IN %s AND %s
                   ORDER BY message.res_id, message.id %s""",
                self._name,
                tuple(self.ids),
                condition,
                SQL("ASC") if is_opening else SQL("DESC"),
            )
        )
        return dict(rows)
