from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Agents' timers come with the page: no request of its own asks for them."""
        info = super().session_info()
        if self.env.user.has_group("telecom_helpdesk.group_agent"):
            info["telecom_timers"] = self.env["telecom.ticket.timer"].get_timers()
        return info
