from . import (
    ticket_macro,
    ticket_macro_apply,
    ticket_macro_list,
)
