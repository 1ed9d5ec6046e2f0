from datetime import date

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import frozendict


class AccountAnalyticLine(models.Model):
    """What of Odoo's timesheets is otherwise for time on tickets; most steps are in ``time/``.

    The context's ``telecom_describe_time`` has names say who worked how long. The dialog that
    splits a ticket sets it for its check boxes: the web client asks for their names, and hands over
    nothing but the context of the field.
    """

    _name = "account.analytic.line"
    _inherit = ["account.analytic.line", "telecom.cost.mixin", "telecom.guard.mixin"]
    _cost_fields = frozenset({"amount"})
    _bounds = frozendict(
        {
            # Odoo's own, that much is worked out from. Other apps count pieces in them.
            "date": (date(1970, 1, 1), None),
            "unit_amount": (-1e9, 1e9),
            "billable_percent": (0, 100),
        }
    )

    def _auto_init(self):
        """Odoo computes new columns here, row by row: ours are filled in one statement."""
        self._create_share_column()
        return super()._auto_init()

    # Saved and deleted

    @api.model_create_multi
    def create(self, vals_list):
        """Time on tickets is completed, checked and split here: every way of logging ends here.

        ``hr_timesheet`` takes employee, project and company from these values, and drops from the
        list what it does not make.
        """
        default = self.env.context.get("default_ticket_id")
        vals_list = [
            self._complete_share(self._take_off_order({"ticket_id": default, **vals}))
            for vals in vals_list
        ]
        # Before anything is said of tickets, agents or employees.
        self.check_access("create")
        of_tickets = [vals for vals in vals_list if vals["ticket_id"]]
        if not of_tickets:
            return super().create(vals_list)
        self._check_timing(of_tickets)
        self._fill_log_values(of_tickets)
        lines = super().create(vals_list)
        lines._follow_creation(vals_list)
        return lines

    def write(self, vals):
        """What is locked refuses here, whoever asks; what else changes is followed up.

        ``hr_timesheet`` writes a cost after each change here too, and other apps write theirs:
        of time on tickets, that is looked at only where something was logged anew.
        """
        groups = self._split_by_order(vals)
        if len(groups) > 1:
            for group in groups:
                group.write(vals)
            return True
        rest = self._refuse_order(vals)
        if vals and not rest:
            return True
        vals = self._complete_share(rest)
        # Before the rest, which is not to tell what nobody may change.
        if vals:
            self.check_access("write")
            self._note_change_of_agent(vals)
            self._refuse_locked()
        if not self._is_logged_anew(vals):
            return super().write(vals)
        if "date" in vals and self._have_own_times():
            # On another day, each keeps its own time of day.
            for line in self:
                line.write(dict(vals))
            return True
        vals = dict(vals)
        self._check_timing([vals])
        self._fill_changed_values(vals)
        by_default = self._find_billable_by_default(vals)
        result = super().write(vals)
        self._follow_change(vals, by_default)
        return result

    def unlink(self):
        """What is locked stays. Odoo asks for the right to delete only after that."""
        self.check_access("unlink")
        self._refuse_locked()
        return super().unlink()

    # Computed by Odoo from what may change afterwards: an entry stays as it was approved

    def _compute_user_id(self):
        """``hr_timesheet`` takes the employee's user: another one makes it another's time."""
        self.sudo()._note_agents(lambda line: line.user_id)
        super(AccountAnalyticLine, self._get_unlocked())._compute_user_id()

    def _compute_project_id(self):
        """``hr_timesheet`` takes the task's project."""
        super(AccountAnalyticLine, self._get_unlocked())._compute_project_id()

    def _compute_task_id(self):
        """``hr_timesheet`` drops the task where there is no project any more."""
        super(AccountAnalyticLine, self._get_unlocked())._compute_task_id()

    @api.depends("ticket_id.commercial_partner_id")
    def _compute_partner_id(self):
        """``hr_timesheet`` takes the customer of task or project; here it is the ticket's."""
        of_tickets = self.filtered("ticket_id")
        super(AccountAnalyticLine, self - of_tickets)._compute_partner_id()
        for line in of_tickets._get_unlocked():
            line.partner_id = line.ticket_id.commercial_partner_id

    def _compute_field_value(self, field):
        """Odoo calls the method of any computed field here. ``sale_timesheet`` may be loaded before
        or after this addon, so that it is open whose ``_compute_so_line`` is asked first."""
        super()._compute_field_value(field)
        if field.name == "so_line":
            self.filtered("ticket_id").so_line = False

    @api.depends("ticket_id")
    @api.depends_context("telecom_describe_time")
    def _compute_display_name(self):
        """``hr_timesheet`` names entries by project and task, which is the same for all support."""
        of_tickets = self.filtered("ticket_id")
        super(AccountAnalyticLine, self - of_tickets)._compute_display_name()
        is_described = self.env.context.get("telecom_describe_time")
        for line in of_tickets:
            line.display_name = line._describe_time() if is_described else line._get_label()

    # Who changes and sees what

    @api.depends("billing_state", "user_id")
    @api.depends_context("uid")
    def _compute_readonly_timesheet(self):
        """Odoo's forms and lists go by this field; it depends on nothing there."""
        super()._compute_readonly_timesheet()

    def _is_readonly(self):
        """``hr_timesheet``'s hook behind ``readonly_timesheet``."""
        return super()._is_readonly() or bool(self.ticket_id and not self._may_change())

    def _check_can_write(self, values):
        """``hr_timesheet`` lets its approvers alone change other people's time. Managers of the
        helpdesk answer for time on tickets without approving other projects'."""
        others = self
        if self.env.user.has_group("telecom_helpdesk.group_manager"):
            others = self.filtered(lambda line: not line.ticket_id)
        return super(AccountAnalyticLine, others)._check_can_write(values)

    def _timesheet_get_portal_domain(self):
        """``hr_timesheet``'s pages in the portal search by it: they would show work before it is
        approved, and as long as it took."""
        domain = Domain(super()._timesheet_get_portal_domain())
        return domain & Domain("ticket_id", "=", False) if self.env.user.share else domain
