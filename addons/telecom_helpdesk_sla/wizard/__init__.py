from . import sla_waive
