from datetime import timedelta

from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models

from .due_mixin import MAX_CONFLICTS

BATCH_SIZE = 500
# Tickets that others are just saving do not know the new rule yet: they finish first.
SETTLE_TIME = timedelta(seconds=15)

# What a change of does not change when a rule fires.
UNPLANNED_FIELDS = frozenset(
    {"name", "sequence", "error", "to_plan", "planned_to_id", "message_main_attachment_id"}
)


class TelecomTicketRule(models.Model):
    """Planning: a time rule that changes plans the open tickets anew, in the background.

    Each rule remembers how far its tickets are planned, so that a server may stop at any time
    and any other goes on from there.
    """

    _inherit = "telecom.ticket.rule"

    to_plan = fields.Boolean(string="Being Planned", readonly=True, copy=False)
    planned_to_id = fields.Integer(string="Planned up to Ticket", readonly=True, copy=False)

    _to_plan = models.Index("(to_plan) WHERE to_plan")

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.filtered(lambda rule: rule.active and rule.trigger == "on_time")._plan_open_tickets()
        return rules

    def write(self, vals):
        timed = self.filtered(lambda rule: rule.trigger == "on_time")
        result = super().write(vals)
        if vals.keys() - UNPLANNED_FIELDS:
            (timed | self.filtered(lambda rule: rule.trigger == "on_time"))._plan_open_tickets()
        return result

    def _plan_open_tickets(self):
        """Have the open tickets planned anew for these rules, soon."""
        if self:
            models.BaseModel.write(self.sudo(), {"to_plan": True, "planned_to_id": 0})
            cron = self.env.ref("telecom_helpdesk.ir_cron_rule_planning", raise_if_not_found=False)
            if cron:
                cron.sudo()._trigger(self.env["telecom.ticket"]._due_now() + SETTLE_TIME)

    @api.model
    def _plan_for_working_time(self):
        """Working hours or holidays changed: plan for the rules that go by them."""
        self.sudo().search(
            [("trigger", "=", "on_time"), ("in_working_time", "=", True)]
        )._plan_open_tickets()

    @api.model
    def _run_planning(self):
        """Entry point of the scheduled action: plan open tickets in batches that commit."""
        cron = self.env["ir.cron"]
        conflicts = 0
        while True:
            try:
                done, is_over = self._plan_batch()
                remaining_time = cron._commit_progress(done, remaining=int(not is_over))
            except TransactionRollbackError:
                # A ticket was changed after this transaction's snapshot.
                self.env.cr.rollback()
                conflicts += 1
                if conflicts > MAX_CONFLICTS:
                    cron._commit_progress(remaining=1)
                    return
                continue
            conflicts = 0
            if is_over or not remaining_time:
                return
            self.env.invalidate_all()

    @api.model
    def _plan_batch(self):
        """Plan up to a batch of open tickets; how many, and whether nothing is left to do."""
        rules = self.with_context(active_test=False).search([("to_plan", "=", True)])
        rules = rules.try_lock_for_update(allow_referencing=True)
        if not rules:
            return 0, True
        first = min(rules.mapped("planned_to_id"))
        tickets = self.env["telecom.ticket"].search(
            [("id", ">", first), ("is_done", "=", False)], order="id", limit=BATCH_SIZE
        )
        tickets._plan_due()
        is_over = len(tickets) < BATCH_SIZE
        if is_over:
            models.BaseModel.write(rules, {"to_plan": False, "planned_to_id": 0})
        else:
            last = tickets[-1].id
            behind = rules.filtered(lambda rule: rule.planned_to_id < last)
            models.BaseModel.write(behind, {"planned_to_id": last})
        return len(tickets), is_over


class TelecomTicketTeam(models.Model):
    _inherit = "telecom.ticket.team"

    def write(self, vals):
        result = super().write(vals)
        if "resource_calendar_id" in vals:
            self.env["telecom.ticket.rule"]._plan_for_working_time()
        return result


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _hours_changed(self):
        super()._hours_changed()
        self.env["telecom.ticket.rule"]._plan_for_working_time()
