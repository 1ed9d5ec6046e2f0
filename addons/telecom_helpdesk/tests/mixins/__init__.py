from . import test_attacks
from . import test_bad_input
from . import test_bounds_everywhere
from . import test_configuration
from . import test_due_mixin
from . import test_public_methods
