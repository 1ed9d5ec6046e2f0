from . import (
    contract,
    contract_included,
    contract_period,
    contract_type,
    support_hours_portal,
)
