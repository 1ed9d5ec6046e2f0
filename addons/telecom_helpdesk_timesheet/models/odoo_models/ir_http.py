from odoo import models


class IrHttp(models.AbstractModel):
    """What the web client knows from the start."""

    _inherit = "ir.http"

    def session_info(self):
        """Odoo puts this dict into each page of the backend: agents' timers come with it, and no
        request of its own asks for them."""
        info = super().session_info()
        if self.env.user.has_group("telecom_helpdesk.group_agent"):
            info["telecom_timers"] = self.env["telecom.ticket.timer"].get_timers()
        return info
