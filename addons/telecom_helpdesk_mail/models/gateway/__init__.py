from . import (
    gateway_errors,
    mail_attempt,
    mail_bounce,
    mail_copy,
    mail_fetch,
    mail_intake,
    mail_reading,
    mail_receipt,
    mail_way,
)
