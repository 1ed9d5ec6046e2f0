from . import (
    gateway,
    quarantine,
    team,
    ticket,
    odoo_models,
)
