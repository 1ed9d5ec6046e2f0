from odoo import fields, models


class MailComposeMessage(models.TransientModel):
    """Odoo's dialog for a full answer: the time that it took is entered with it."""

    _inherit = "mail.compose.message"

    telecom_minutes = fields.Char(
        string="Minutes", help="Time that the answer took. Only colleagues see it."
    )
    telecom_timer = fields.Boolean(help="Whether it is what the agent's timer has measured.")

    def _action_send_mail_comment(self, res_ids):
        """Odoo sends here what is written on records, one by one, and returns the messages: what is
        sent and the time that it took are saved together, or neither is."""
        tickets, minutes = self._read_telecom_time(res_ids)
        messages = super()._action_send_mail_comment(res_ids)
        for ticket, message in zip(tickets, messages, strict=bool(tickets)):
            ticket._log_reply(minutes, self.telecom_timer, message)
        return messages

    def _action_schedule_message(self):
        """Odoo plans a message here that is to be sent later: the time was spent by now."""
        scheduled = super()._action_schedule_message()
        for wizard in self:
            tickets, minutes = wizard._read_telecom_time(wizard._evaluate_res_ids())
            for ticket in tickets:
                ticket._log_reply(minutes, wizard.telecom_timer, None)
        return scheduled

    def _read_telecom_time(self, res_ids):
        """Tickets that the time is logged on, and how many minutes; none if it is not entered."""
        tickets = self.env["telecom.ticket"]
        if self.model != tickets._name or len(res_ids) != 1 or not self.telecom_minutes:
            return tickets, 0
        return tickets.browse(res_ids), tickets._read_minutes(self.telecom_minutes)
