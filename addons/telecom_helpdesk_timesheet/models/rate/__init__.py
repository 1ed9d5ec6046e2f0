from . import (
    support_rate,
    support_rate_matching,
)
