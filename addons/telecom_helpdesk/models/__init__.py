from . import (
    # A model is made before it is extended or inherited: these first, in this order. It
    # matters nowhere else; `make lint` and `make test` see to that.
    mixins,
    registry,
    team,
    ticket,
    # alphabetical, as in each folder
    incident,
    macro,
    odoo_models,
    rule,
)
