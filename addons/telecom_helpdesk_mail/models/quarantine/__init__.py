from . import (
    mail_block,
    mail_quarantine,
    mail_quarantine_actions,
)
