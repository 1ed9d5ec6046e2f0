from . import (
    fetchmail_server,
    ir_mail_server,
    mail_alias,
    mail_alias_domain,
    mail_mail,
    mail_thread,
    res_config_settings,
    res_partner,
)
