from odoo import models
from odoo.exceptions import AccessError


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def message_notify(self, **kwargs):
        """Odoo lets whoever reads a record notify anybody of it: for a customer, that would be a
        mail from the operator's server to whom they like."""
        if self.env.user.share and not self.env.su:
            raise AccessError(self.env._("You can write on what is yours, and notify nobody."))
        return super().message_notify(**kwargs)
