from odoo import api, models

from ..filters import find_hints


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        threads = self
        tickets = [route for route in routes or () if route[0] == "telecom.ticket"]
        if tickets:
            threads = self.with_context(telecom_mail_hints=find_hints(message))
            kept = self.env["telecom.ticket"]._one_ticket_per_company(message, tickets)
            routes = [route for route in routes if route in kept or route not in tickets]
        return super(MailThread, threads)._message_route_process(message, message_dict, routes)
