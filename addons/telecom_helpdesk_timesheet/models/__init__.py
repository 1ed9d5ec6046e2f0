from . import (
    # A model is made before it is extended or inherited: these first, in this order. It
    # matters nowhere else; `make lint` and `make test` see to that.
    mixins,
    # alphabetical, as in each folder
    billing,
    budget,
    contract,
    odoo_models,
    pack,
    rate,
    ticket,
    time,
)
