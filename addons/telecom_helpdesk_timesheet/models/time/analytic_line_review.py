from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from odoo.addons.telecom_helpdesk.tools.durations import to_hours, to_minutes

from ...tools.hours import LONGEST_ENTRY

BILLING_STATES = [
    ("not_billable", "Not Billable"),
    ("to_approve", "To Approve"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("invoiced", "Invoiced"),
    ("included", "Covered"),
]
REVIEWABLE_STATES = ("to_approve", "rejected")
MANAGER = "telecom_helpdesk.group_manager"


class AccountAnalyticLine(models.Model):
    """A manager approves time on tickets, or rejects it with a reason."""

    _inherit = "account.analytic.line"

    billing_state = fields.Selection(
        BILLING_STATES,
        string="Billing",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Empty: not time on a ticket.",
    )
    approved_hours = fields.Float(
        string="Approved Time",
        copy=False,
        readonly=True,
        help="Time that the manager accepts. The time spent stays as the agent logged it.",
    )
    correction_note = fields.Text(
        readonly=True, copy=False, help="Why a different time from the one logged is accepted."
    )
    # The approver is part of what was approved.
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    approved_at = fields.Datetime(string="Approved on", readonly=True, copy=False)
    rejected_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    rejected_at = fields.Datetime(string="Rejected on", readonly=True, copy=False)
    rejection_reason = fields.Text(readonly=True, copy=False)
    approval_problem = fields.Char(
        string="Cannot Be Approved",
        compute="_compute_approval_problem",
        help="What has to be corrected first.",
    )

    @api.depends(
        "billing_state", "partner_id", "hours_period", "date", "billable", "user_id", "employee_id"
    )
    @api.depends_context("uid")
    def _compute_approval_problem(self):
        waiting = self.filtered(lambda line: line.billing_state in REVIEWABLE_STATES)
        problems = waiting._find_approval_problems()
        for line in self:
            line.approval_problem = problems.get(line.id, False)

    # Approval

    def action_approve(self):
        """Approve these entries; what cannot be approved is left, and the answer says why.

        :return: client action that tells what was done
        :raises UserError: none of them can be approved
        """
        self._check_reviewer()
        problems = self._find_review_problems()
        passed = self.filtered(lambda line: line.id not in problems)
        self._refuse_if_none(passed, problems)
        passed._approve()
        return self._notify_review_result(
            self.env._("Approved: %s", passed._describe_total()), problems
        )

    def _approve(self):
        """Approve these entries, which were checked: what is billed of them is settled now."""
        lines = self.sudo()
        rates = lines._find_rates()
        stamp = {
            "billing_state": "approved",
            "approved_by_id": self.env.uid,
            "approved_at": fields.Datetime.now(),
            "rejected_by_id": False,
            "rejected_at": False,
            "rejection_reason": False,
        }
        for (rate, hours), group in lines.grouped(
            lambda line: (rates[line.id], line.approved_hours or line.unit_amount)
        ).items():
            group._write_billing({**stamp, "support_rate_id": rate.id, "approved_hours": hours})
        lines._recount_billed()

    def _find_approval_problems(self):
        """Why entries cannot be approved by the present user: ``{line.id: text}``."""
        rates = self._find_rates()
        problems = {}
        for line in self.sudo():
            problem = (
                line._get_state_problem(REVIEWABLE_STATES)
                or line._get_owner_problem()
                or line._get_order_problem()
            )
            if not problem and not line.partner_id:
                problem = self.env._("the ticket has no customer")
            if not problem and not rates[line.id]:
                problem = self.env._("no rate applies to it")
            if problem:
                problems[line.id] = problem
        return problems

    def _get_state_problem(self, states):
        """Why this entry is not in one of ``states``, in words; None if it is."""
        state = self.billing_state
        if state in states:
            return None
        return {
            False: self.env._("it is not on a ticket"),
            "not_billable": self.env._("it is not billable"),
            "to_approve": self.env._("it is not approved yet"),
            "approved": self.env._("it is approved already"),
            "rejected": self.env._("it is rejected already"),
            "invoiced": self.env._("it is billed"),
            "included": self.env._("it is billed, as covered"),
        }[state]

    # Rejection

    def action_reject(self):
        return self._open_review_wizard("telecom_helpdesk_timesheet.telecom_time_reject_action")

    def _reject(self, reason):
        """Send these entries back to their agents, with a reason (text) in words.

        :return: client action that tells what was done
        :raises UserError: none of them can be rejected
        """
        self._check_reviewer()
        if not (reason or "").strip():
            raise UserError(self.env._("Enter a reason, so that the agent knows what to correct."))
        problems = self._find_state_problems(("to_approve",))
        rejected = self.filtered(lambda line: line.id not in problems)
        self._refuse_if_none(rejected, problems)
        rejected._write_billing(
            {
                "billing_state": "rejected",
                "rejected_by_id": self.env.uid,
                "rejected_at": fields.Datetime.now(),
                "rejection_reason": reason.strip(),
            }
        )
        rejected._notify_rejection(reason.strip())
        return self._notify_review_result(
            self.env._("Rejected: %s", rejected._describe_total()), problems
        )

    def action_resubmit(self):
        """Have rejected entries wait for approval again, as they are."""
        self.check_access("write")
        for line in self.filtered(lambda line: line.billing_state == "rejected"):
            if not line._may_change():
                raise AccessError(
                    self.env._("%(entry)s: you may not submit it.", entry=line._get_label())
                )
        self.filtered(lambda line: line.billing_state == "rejected")._follow_billable()

    # Correction

    def action_correct_hours(self):
        return self._open_review_wizard("telecom_helpdesk_timesheet.telecom_time_correct_action")

    def _correct_hours(self, hours, note, percent=None):
        """Correct the time that is approved; the logged time is kept beside it.

        :param hours: float
        :param note: why, in words
        :param percent: share of it that is billable, 0 to 100 (int); None: as it is
        :raises UserError: why it cannot be corrected
        """
        self._check_reviewer()
        minutes = to_minutes(hours)
        if not 1 <= minutes <= LONGEST_ENTRY:
            raise UserError(
                self.env._(
                    "The approved time of an entry is between a minute and 24 hours. If none of it "
                    "is to be billed, set its billable share to 0 %."
                )
            )
        if not (note or "").strip():
            raise UserError(self.env._("Enter a reason for the correction."))
        problems = self._find_state_problems(REVIEWABLE_STATES)
        for line in self:
            if problem := problems.get(line.id) or line._get_owner_problem():
                self._refuse_if_none(self.browse(), {line.id: problem})
        if percent is not None:
            self.filtered(lambda line: line.billable_percent != percent).write(
                {"billable_percent": percent}
            )
        self._write_billing({"approved_hours": to_hours(minutes), "correction_note": note.strip()})

    # Unlocking

    def action_unlock(self):
        return self._open_review_wizard("telecom_helpdesk_timesheet.telecom_time_unlock_action")

    def _unlock(self, note):
        """Have approved entries wait for approval again, with a note (text) that says why.

        So do those that contract or packs cover, unless an invoice tells of them: their hours are
        free again.

        :return: client action that tells what was done
        :raises UserError: none of them can be unlocked
        """
        self._check_reviewer()
        if not (note or "").strip():
            raise UserError(self.env._("Enter a reason for unlocking."))
        problems = self._find_state_problems(("approved", "included"))
        for line in self.sudo():
            manager = line.approved_by_id
            if line.id not in problems and line.invoice_line_id:
                problems[line.id] = self.env._(
                    "%s says that it is covered. Take it off there first",
                    line.invoice_id.display_name,
                )
            if line.id not in problems and not line._may_unlock():
                problems[line.id] = self.env._("%s approved it and can unlock it", manager.name)
        unlocked = self.filtered(lambda line: line.id not in problems)
        self._refuse_if_none(unlocked, problems)
        unlocked._reopen()
        unlocked._note_unlock(note.strip())
        return self._notify_review_result(
            self.env._("Unlocked: %s", unlocked._describe_total()), problems
        )

    def _reopen(self):
        """Take the approval of these entries back; what was corrected stays corrected."""
        lines = self.sudo()
        before = lines.contract_id, lines.partner_id
        vals = {
            "billing_state": "to_approve",
            "waiting_since": fields.Datetime.now(),
            "approved_by_id": False,
            "approved_at": False,
            "support_rate_id": False,
            "billed_hours": 0.0,
            "included_hours": 0.0,
            "included_periods": False,
            "reckoning": False,
        }
        lines._lock_billed_time()
        lines._write_billing(vals)
        lines.filtered(lambda line: not line.correction_note)._write_billing(
            {"approved_hours": 0.0}
        )
        # What a ticket's customer or contract has become since counts from now on.
        for name in ("contract_id", "partner_id"):
            self.env.add_to_compute(self._fields[name], lines)
        lines._recount_billed(before)

    def _may_unlock(self):
        """Whether the present user may take back this entry's approval.

        Whoever gave it may; another manager once that one is none any more.
        """
        manager = self.sudo().approved_by_id
        return (
            not manager
            or manager == self.env.user
            or not manager.active
            or not manager.has_group(MANAGER)
            or self.company_id not in manager.company_ids
        )

    # What all of them need

    def _check_reviewer(self):
        """:raises AccessError: the present user reviews no time, or none of a company of these"""
        if not self.env.user.has_group(MANAGER):
            raise AccessError(self.env._("Managers of the helpdesk review time on tickets."))
        self.check_access("write")

    def _find_state_problems(self, states):
        """Why entries are not in one of ``states``: ``{line.id: text}``."""
        problems = {line.id: line._get_state_problem(states) for line in self.sudo()}
        return {id_: problem for id_, problem in problems.items() if problem}

    def _open_review_wizard(self, action_xmlid):
        self._check_reviewer()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(action_xmlid),
            "context": {"default_line_ids": [Command.set(self.ids)]},
        }
