# Odoo looks for tests among the names of this package.
from .billing import *
from .budget import *
from .contract import *
from .pack import *
from .rate import *
from .time import *
from .tools import *
from . import (
    test_access,
    test_account,
    test_demo,
    test_multi_company,
    test_portal,
    test_queries,
    test_tour,
)
