from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    # The domain of a sender leads to the account (``ticket_sender.py``).
    _telecom_email_domain = models.Index("(split_part(email_normalized, '@', 2))")
