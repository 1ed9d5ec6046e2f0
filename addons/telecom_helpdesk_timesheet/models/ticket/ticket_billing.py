from odoo import models


class TelecomTicket(models.Model):
    """What accountants see of a ticket: what its time was for, and nothing of its conversation."""

    _inherit = "telecom.ticket"

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
        if not self._is_desk_user():
            view = self.env.ref("telecom_helpdesk_timesheet.telecom_ticket_view_form_billing")
            return view.id
        return super().get_formview_id(access_uid=access_uid)

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        if not self._is_desk_user():
            # To see what is billed is not to read, or join in, what is said.
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)

    def _is_desk_user(self):
        """False for a colleague who sees tickets for their bills alone."""
        user = self.env.user
        return not user._is_internal() or user.has_group("telecom_helpdesk.group_agent")
