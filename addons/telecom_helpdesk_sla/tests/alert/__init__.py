from . import test_alert
from . import test_alert_cost
from . import test_alert_downtime
from . import test_alert_rules
from . import test_alert_tour
