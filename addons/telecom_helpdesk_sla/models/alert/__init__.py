from . import (
    sla_alert,
    sla_alert_mail,
    sla_alert_send,
    sla_clock_due,
)
