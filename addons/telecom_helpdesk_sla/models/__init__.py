from . import (
    # A model is made before it is extended or inherited: these first, in this order. It
    # matters nowhere else; `make lint` and `make test` see to that.
    clock,
    # alphabetical, as in each folder
    alert,
    odoo_models,
    policy,
    ticket,
)
