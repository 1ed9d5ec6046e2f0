from datetime import timedelta

from odoo import api, fields, models

# Fields of the ticket itself, besides those that rules read, that decide when a time rule is due.
PLANNING_FIELDS = frozenset({"active", "company_id", "merged_into_id", "stage_id", "team_id"})


class TelecomTicket(models.Model):
    """Triggers of rules: a new ticket, a customer's message, elapsed time."""

    _inherit = "telecom.ticket"

    unassigned_since = fields.Datetime(
        compute="_compute_unassigned_since",
        store=True,
        precompute=True,
        copy=False,
        help="Since when nobody is in charge.",
    )
    rule_step_ids = fields.One2many(
        "telecom.ticket.rule.log",
        "ticket_id",
        string="Time Rules That Fired",
        domain=[("trigger", "=", "on_time")],
        readonly=True,
        copy=False,
        groups="telecom_helpdesk.group_manager",
    )

    @api.depends("user_id")
    def _compute_unassigned_since(self):
        now = self._due_now()
        for ticket in self:
            ticket.unassigned_since = not ticket.user_id and (ticket.unassigned_since or now)

    # Rules that look at what is written

    def _apply_creation_rules(self):
        """Hook: apply the rules that look at new tickets."""
        if rules := self.env["telecom.ticket.rule"]._get_rules("on_create"):
            self._apply_rules(rules, self._read_opening())

    def _apply_message_rules(self, message):
        """Apply the rules that look at what customers write."""
        if self.env.context.get("telecom_opening"):
            return  # the ticket was looked at as it came in
        if rules := self.env["telecom.ticket.rule"]._get_rules("on_customer_message"):
            self._apply_rules(rules, {self.id: self._read_message(message)})

    def _apply_rules(self, rules, words, reasons=None):
        """Go through ``rules`` in their order and fire those that are for these tickets.

        Where they are for none of them, no query is made.

        :param rules: ``CompiledRule``, all with one trigger
        :param words: ``{ticket id: CustomerText}`` to look for keywords in
        :param reasons: ``{ticket id: dict}`` of what else ``_explain`` takes
        """
        model = self.env["telecom.ticket.rule"]
        now = self._due_now()
        routed = set()
        tickets = self.filtered(lambda ticket: not ticket.merged_into_id)
        for rule in rules:
            caught = {}
            with model._guard(rule.id, savepoint=not rule.is_local):
                caught = tickets._find_matching_tickets(rule, words)
            if not caught:
                continue
            whys = {
                id_: {"found": hits, **(reasons or {}).get(id_, {})} for id_, hits in caught.items()
            }
            groups = self.browse(caught).grouped(lambda t: (t.company_id, t.id not in routed))
            for (_company, may_route), group in groups.items():
                with model._guard(rule.id):
                    fired = model.browse(rule.id)._fire(group, whys, now, may_route)
                    routed.update(fired.ids)

    def _find_matching_tickets(self, rule, words):
        """Tickets that ``rule`` matches: ``{id: pairs as from CustomerText.find}``."""
        caught = {}
        for ticket in self:
            if rule.is_for_company(ticket):
                found = words[ticket.id].find(rule) if rule.keywords else []
                if found or not rule.keywords:
                    caught[ticket.id] = found
        if not caught:
            return caught
        return {id_: caught[id_] for id_ in rule.filter(self.browse(caught))._ids}

    # Time rules, by the scheduler

    @api.model
    def _due_fields(self):
        """Hook: names of the fields whose change may change when a ticket is next due."""
        return PLANNING_FIELDS | self.env["telecom.ticket.rule"]._get_planning_fields()

    def _plan_anew(self, change):
        self._plan_due()

    def _get_rules_due(self):
        if not (rules := self.env["telecom.ticket.rule"]._get_rules("on_time")):
            return False
        ticket, now = self.sudo(), self._due_now()
        steps = (
            at
            for at, rule in ticket._get_steps(rules)
            # Values outside the ticket may change unnoticed: they are checked when the time has
            # elapsed.
            if (at > now and not rule.is_local) or ticket._holds(rule)
        )
        return min(steps, default=False)

    def _on_rules_due(self, now):
        """Fire every time rule that is due at ``now``, oldest first, each once.

        One may make another due at once: a ticket on level 2 is one for the rule about level 2.
        """
        model = self.env["telecom.ticket.rule"]
        tried, routed_at = set(), None
        while rules := [rule for rule in model._get_rules("on_time") if rule.id not in tried]:
            due = [step for step in self._get_steps(rules) if step[0] <= now]
            # Sorted by instant alone: rules of one instant stay in their order.
            at, rule = next(
                (step for step in sorted(due, key=lambda step: step[0]) if self._holds(step[1])),
                (None, None),
            )
            if not rule:
                return
            tried.add(rule.id)
            reasons = {self.id: {"since": self[rule.starts_from]}}
            with model._guard(rule.id):
                if model.browse(rule.id)._fire(self, reasons, now, routed_at != at):
                    routed_at = at

    def _get_steps(self, rules):
        """Pairs (instant, rule) for those of ``rules`` that have not fired on this ticket yet and
        whose time runs.
        """
        if self.is_done or self.merged_into_id or not self.active:
            return []
        taken = set(self.rule_step_ids.rule_id.ids)
        steps = []
        for rule in rules:
            if rule.id not in taken and rule.is_for_company(self):
                start = self[rule.starts_from]
                if start and (at := self._get_step_instant(rule, start.replace(microsecond=0))):
                    steps.append((at, rule))
        return steps

    def _get_step_instant(self, rule, start):
        """When the time of ``rule``, counted from ``start``, is up; None: not within years."""
        company = self.company_id
        calendar = (
            self.team_id.resource_calendar_id if self.team_id else company.resource_calendar_id
        )
        if rule.in_working_time and calendar:
            return calendar._work_until(company, start, rule.seconds)
        return start + timedelta(seconds=rule.seconds)

    def _holds(self, rule):
        """Whether the condition of ``rule`` holds for this ticket now."""
        with self.env["telecom.ticket.rule"]._guard(rule.id, savepoint=not rule.is_local):
            return bool(rule.filter(self))
        return False
