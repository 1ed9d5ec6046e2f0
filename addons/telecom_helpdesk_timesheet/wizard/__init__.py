from . import (
    account_move_reversal,
    bill_time,
    mail_compose_message,
    res_config_settings,
    ticket_split,
    time_correct,
    time_credit,
    time_reject,
    time_unlock,
    timer_stop,
    validate_account_move,
)
