from . import (
    mail_fetch,
    mail_intake,
    mail_attempt,
    mail_receipt,
    mail_copy,
    mail_reading,
    mail_bounce,
    mail_way,
    gateway_errors,
)
