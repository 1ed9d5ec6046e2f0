# Odoo looks for tests among the names of this package.
from .alert import *
from .clock import *
from .policy import *
from .ticket import *
from . import (
    test_access,
    test_demo,
    test_multi_company,
    test_queries,
    test_screen_queries,
    test_tour,
)
