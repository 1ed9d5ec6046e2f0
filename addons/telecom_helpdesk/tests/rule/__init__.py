from . import test_rule_condition
from . import test_rule_server_action
from . import test_rules
from . import test_rules_dry_run
from . import test_rules_time
