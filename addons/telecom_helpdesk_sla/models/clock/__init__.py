from . import (
    sla_event,
    sla_clock,
    sla_clock_store,
    sla_clock_waiver,
    sla_clock_reading,
)
