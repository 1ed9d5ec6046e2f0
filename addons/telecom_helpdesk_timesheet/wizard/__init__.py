from . import account_move_reversal, bill_time
