from . import test_planning
from . import test_policy
