# Mixins come first, as others inherit them. Beyond that, a model comes before what extends it, and
# nothing hangs on the order: no method is defined twice here.
from . import (
    mixins,
    rate,
    time,
    contract,
    pack,
    budget,
    billing,
    ticket,
    odoo_models,
)
