from . import (
    mail_alias,
    ir_mail_server,
    res_config_settings,
    mail_mail,
    fetchmail_server,
)
