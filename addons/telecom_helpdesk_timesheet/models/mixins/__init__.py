from . import (
    cost_mixin,
)
