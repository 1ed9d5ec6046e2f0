from . import (
    contract,
    contract_due,
    contract_type,
    res_partner_account,
    service,
    service_type,
    tier,
)
