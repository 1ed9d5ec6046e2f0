from . import (
    mail_gateway,
    mail_fetch,
    mail_intake,
    mail_attempt,
    mail_receipt,
    mail_copy,
    mail_reading,
    mail_content,
    mail_bounce,
    mail_way,
    gateway_errors,
)
