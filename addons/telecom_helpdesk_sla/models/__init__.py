from . import (
    policy,
    clock,
    alert,
    ticket,
    odoo_models,
)
