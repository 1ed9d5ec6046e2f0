from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    telecom_authentication_server = fields.Char(
        string="Server That Checks Senders",
        config_parameter="telecom_helpdesk_mail.authentication_server",
        help="Name of your mail server: the first word of the Authentication-Results header of "
        "mails that you get. Headers of other servers prove nothing.",
    )
