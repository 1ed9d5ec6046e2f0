from datetime import timedelta

from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models

from .due_mixin import MAX_CONFLICTS

BATCH_SIZE = 500
# Tickets that others are just saving do not know what changed yet: they finish first.
SETTLE_TIME = timedelta(seconds=15)

# Fields whose change affects no ticket.
UNPLANNED_FIELDS = frozenset({"name", "to_plan", "planned_to_id", "message_main_attachment_id"})


class TelecomPlanningMixin(models.AbstractModel):
    """Configuration that open tickets depend on: a change is applied to them in the background.

    Each row remembers how far its tickets are planned, so that a server may stop at any time
    and any other goes on from there. A model that inherits this sets ``_planning_cron`` to the
    external id of its scheduled action, whose code is ``model._run_planning()``, implements
    ``_plan_tickets``, and calls ``_plan_open_tickets`` when something changed.
    """

    _name = "telecom.planning.mixin"
    _description = "Planning Mixin"

    _planning_cron = None

    to_plan = fields.Boolean(string="Being Planned", readonly=True, copy=False)
    planned_to_id = fields.Integer(string="Planned up to Ticket", readonly=True, copy=False)

    _to_plan = models.Index("(to_plan) WHERE to_plan")

    def _plan_tickets(self, tickets):
        """Hook: apply these rows as they are now to a batch of open ``tickets``."""

    def _plan_open_tickets(self):
        """Have the open tickets planned anew for these rows, soon."""
        if self:
            models.BaseModel.write(self.sudo(), {"to_plan": True, "planned_to_id": 0})
            cron = self.env.ref(self._planning_cron, raise_if_not_found=False)
            if cron:
                cron.sudo()._trigger(self.env["telecom.ticket"]._due_now() + SETTLE_TIME)

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
        rows = self.with_context(active_test=False).search([("to_plan", "=", True)])
        rows = rows.try_lock_for_update(allow_referencing=True)
        if not rows:
            return 0, True
        first = min(rows.mapped("planned_to_id"))
        tickets = self.env["telecom.ticket"].search(
            [("id", ">", first), ("is_done", "=", False)], order="id", limit=BATCH_SIZE
        )
        rows._plan_tickets(tickets)
        is_over = len(tickets) < BATCH_SIZE
        if is_over:
            models.BaseModel.write(rows, {"to_plan": False, "planned_to_id": 0})
        else:
            last = tickets[-1].id
            behind = rows.filtered(lambda row: row.planned_to_id < last)
            models.BaseModel.write(behind, {"planned_to_id": last})
        return len(tickets), is_over
