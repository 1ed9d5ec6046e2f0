from . import (
    hour_pack,
    hour_pack_allotment,
    hour_pack_invoice,
    hour_pack_partner,
    hour_pack_portal,
    hour_pack_sale,
    hour_pack_warning,
)
