from odoo import api, models

# What accountants know of a ticket: what it was for, whose, and how long it took.
TICKET_FIELDS = frozenset(
    {
        "active",
        "agreed_hours",
        "approved_hours",
        "billable_hours",
        "budget_level",
        "budget_notice",
        "category_id",
        "closed_at",
        "commercial_partner_id",
        "company_id",
        "contract_id",
        "create_date",
        "invoice_count",
        "is_done",
        "name",
        "number",
        "partner_id",
        "priority",  # tickets are sorted by it
        "resolved_at",
        "service_id",
        "stage_id",
        "state",
        "team_id",
        "tier_id",
        "timesheet_ids",
        "total_hours",
    }
)
TEAM_FIELDS = frozenset({"active", "company_id", "name", "sequence"})
CONTRACT_FIELDS = frozenset(
    {
        "commercial_partner_id",
        "company_id",
        "current_left_hours",
        "current_period_id",
        "date_end",
        "date_start",
        "ended_on",
        "included_carry_over",
        "included_hours",
        "included_out_of_hours",
        "included_short_periods",
        "included_since",
        "included_unit",
        "name",
        "partner_id",
        "period_ids",
        "state",
        "type_id",
    }
)
AGENT = "telecom_helpdesk.group_agent"
ACCOUNTANT = "account.group_account_invoice"


class TelecomTicket(models.Model):
    """What accountants see of a ticket: what its time was for, and nothing of its conversation."""

    _inherit = "telecom.ticket"

    @api.model
    def _get_visible_fields(self):
        return {**super()._get_visible_fields(), ACCOUNTANT: TICKET_FIELDS}

    @api.model
    def get_view(self, view_id=None, view_type="form", **options):
        """Odoo reads any view here: agents' show more than accountants know of, who have others."""
        if view_type in ("form", "list", "kanban", "search") and not self._is_helpdesk_user():
            view_id = self.env.ref(
                f"telecom_helpdesk_timesheet.telecom_ticket_view_{view_type}_billing"
            ).id
        return super().get_view(view_id, view_type, **options)

    def _get_billing_action(self):
        """Action that opens this ticket as those see it who bill its time."""
        self.ensure_one()
        self.check_access("read")
        view = self.env.ref("telecom_helpdesk_timesheet.telecom_ticket_view_form_billing")
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(view.id, "form")],
            "name": self.sudo().number,
        }

    def get_formview_id(self, access_uid=None):
        """Odoo opens a record from a link by the form that this names."""
        if not self._is_helpdesk_user():
            view = self.env.ref("telecom_helpdesk_timesheet.telecom_ticket_view_form_billing")
            return view.id
        return super().get_formview_id(access_uid=access_uid)

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Odoo asks here what right on a ticket its messages take: to see what is billed is not to
        read, or join in, what is said."""
        if not self._is_helpdesk_user():
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    def _is_helpdesk_user(self):
        """False for an accountant who sees tickets for billing only."""
        user = self.env.user
        return not user._is_internal() or user.has_group("telecom_helpdesk.group_agent")


class TelecomTicketTeam(models.Model):
    """Of teams, accountants know the names; the messages are for the helpdesk only."""

    _inherit = "telecom.ticket.team"

    _is_limited = True

    @api.model
    def _get_visible_fields(self):
        return {**super()._get_visible_fields(), AGENT: None, ACCOUNTANT: TEAM_FIELDS}


class TelecomContract(models.Model):
    """Of contracts, accountants know for whom they are and what they include."""

    _inherit = "telecom.contract"

    _is_limited = True

    @api.model
    def _get_visible_fields(self):
        return {**super()._get_visible_fields(), AGENT: None, ACCOUNTANT: CONTRACT_FIELDS}
