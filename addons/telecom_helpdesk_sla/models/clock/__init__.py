from . import (
    sla_clock,
    sla_clock_reading,
    sla_clock_store,
    sla_clock_waiver,
    sla_event,
)
