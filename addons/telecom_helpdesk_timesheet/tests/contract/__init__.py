from . import test_covered
from . import test_included
from . import test_renewal
from . import test_short_period
