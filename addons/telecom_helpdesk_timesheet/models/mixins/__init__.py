from . import (
    allotment_mixin,
    cost_mixin,
)
