from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_round
from odoo.tools.sql import column_exists, create_column

from odoo.addons.telecom_helpdesk.tools.durations import to_hours

from ..time.analytic_line_guard import LOCKED_STATES


class TelecomTicket(models.Model):
    """Time spent on a ticket."""

    _inherit = "telecom.ticket"

    timesheet_ids = fields.One2many("account.analytic.line", "ticket_id", string="Time")
    total_hours = fields.Float(
        string="Time Spent",
        compute="_compute_total_hours",
        compute_sudo=True,
        store=True,
        precompute=True,
    )
    billable_hours = fields.Float(
        string="Billable", compute="_compute_billable_hours", compute_sudo=True
    )
    approved_hours = fields.Float(
        string="Approved", compute="_compute_billable_hours", compute_sudo=True
    )

    @api.depends("timesheet_ids.unit_amount")
    def _compute_total_hours(self):
        groups = self.env["account.analytic.line"]._read_group(
            [("ticket_id", "in", self.ids)], ["ticket_id"], ["unit_amount:sum"]
        )
        hours = {ticket.id: total for ticket, total in groups}
        for ticket in self:
            ticket.total_hours = hours.get(ticket.id, 0.0)

    @api.depends("timesheet_ids.unit_amount", "timesheet_ids.billing_state")
    def _compute_billable_hours(self):
        groups = self.env["account.analytic.line"]._read_group(
            [("ticket_id", "in", self.ids), ("billing_state", "!=", "not_billable")],
            ["ticket_id", "billing_state"],
            ["unit_amount:sum", "approved_hours:sum"],
        )
        billable = dict.fromkeys(self.ids, 0.0)
        approved = dict.fromkeys(self.ids, 0.0)
        for ticket, state, spent, passed in groups:
            billable[ticket.id] += spent
            approved[ticket.id] += passed if state in LOCKED_STATES else 0.0
        for ticket in self:
            ticket.billable_hours = billable.get(ticket.id, 0.0)
            ticket.approved_hours = approved.get(ticket.id, 0.0)

    @api.constrains("company_id")
    def _check_time_company(self):
        for ticket in self.sudo():
            if any(line.company_id != ticket.company_id for line in ticket.timesheet_ids):
                raise ValidationError(
                    self.env._(
                        "Time was logged on %(ticket)s for %(company)s: the ticket cannot move to "
                        "another company any more. Split off what belongs there.",
                        ticket=ticket.number,
                        company=ticket.timesheet_ids.company_id[:1].name,
                    )
                )

    def _auto_init(self):
        # No ticket has time yet: without the column, Odoo would go through all of them to say so.
        if not column_exists(self.env.cr, self._table, "total_hours"):
            create_column(self.env.cr, self._table, "total_hours", "float8 DEFAULT 0")
            self.env.cr.execute("ALTER TABLE telecom_ticket ALTER COLUMN total_hours DROP DEFAULT")
        return super()._auto_init()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_time(self):
        with_time = self.sudo().filtered("timesheet_ids")[:1]
        if with_time:
            raise UserError(
                self.env._(
                    "Time was logged on %(ticket)s. Archive the ticket instead of deleting it.",
                    ticket=with_time.number,
                )
            )

    def action_open_time(self):
        """Open the time on these tickets."""
        self.check_access("read")
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "telecom_helpdesk_timesheet.account_analytic_line_action"
            ),
            "domain": [("ticket_id", "in", self.ids)],
            "context": {"default_ticket_id": self.id if len(self) == 1 else False},
        }

    def _check_can_log(self):
        """:raises UserError: why no time can be logged on these tickets"""
        self.check_access("read")
        self.sudo().filtered("merged_into_id")[:1].with_env(self.env)._redirect_if_merged()

    def _log_time(
        self, minutes, name="", started_at=None, segments=None, message=None, billable=None
    ):
        """Log time of the present user on this ticket, or on the one that it was merged into.

        :param minutes: how long it took (int, or float)
        :param name: what was done; empty: the ticket's subject
        :param started_at: when the work began (naive UTC)
        :param segments: pairs (from, to) of naive UTC datetimes in which the work was done, the
            pauses left out; they decide what was done out of hours
        :param message: ``mail.message`` that the time was logged with
        :param billable: None: as category, contract type and rate have it
        :return: the entries (account.analytic.line): several where it crosses the border of
            working hours
        :raises UserError: why it cannot be logged
        """
        self.ensure_one()
        ticket = self.sudo()._get_merge_target().with_env(self.env)
        vals = {
            "ticket_id": ticket.id,
            "name": name,
            "unit_amount": to_hours(float_round(minutes, precision_digits=0)),
        }
        if billable is not None:
            vals["billable"] = billable
        line = self.env["account.analytic.line"].create(vals)
        # Only now: what is logged with its start is split at once, as if there were no pauses, and
        # which answer it came with is not the agent's to say.
        line._write_billing(
            {
                "started_at": segments[0][0] if segments else started_at,
                "message_id": message.id if message else False,
            }
        )
        lines = line._split_by_hours(segments)
        if billable is not None:
            # Said outright, it counts for each part.
            lines.filtered(lambda line: line.billable != billable).write({"billable": billable})
        return lines
