from . import (
    mixins,
    odoo_models,
    rate,
    time,
    contract,
    pack,
    budget,
    billing,
    ticket,
)
