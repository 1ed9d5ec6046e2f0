from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    telecom_authentication_server = fields.Char(
        string="Verifying Server",
        config_parameter="telecom_helpdesk_mail.authentication_server",
        help="Your own mail server, as named by the first word of the header "
        "Authentication-Results in mails that you get. What other servers say there is ignored. "
        "A hyphen (-) stands for a server that writes no name, such as Microsoft 365.",
    )
