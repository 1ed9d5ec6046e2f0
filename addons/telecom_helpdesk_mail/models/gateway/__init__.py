from . import (
    mail_thread,
    mail_bounce,
    mail_content,
    mail_attempt,
    mail_receipt,
    mail_copy,
    mail_gateway,
    gateway_errors,
)
