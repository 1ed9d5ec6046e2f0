from . import (
    tier,
    service_type,
    contract_type,
    contract,
    contract_due,
    service,
)
