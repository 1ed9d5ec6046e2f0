from . import (
    gateway,
    odoo_models,
    quarantine,
    team,
    ticket,
)
