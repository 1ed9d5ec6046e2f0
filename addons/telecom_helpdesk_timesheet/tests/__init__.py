from . import (
    test_included,
    test_rate,
    test_split_hours,
)
