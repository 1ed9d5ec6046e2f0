from . import account_move_reversal, bill_time, time_correct, time_reject, time_unlock
