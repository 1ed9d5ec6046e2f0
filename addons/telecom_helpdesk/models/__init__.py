from . import (
    mixins,
    registry,
    team,
    ticket,
    odoo_models,
    incident,
    rule,
    macro,
)
