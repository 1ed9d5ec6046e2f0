# Odoo looks for tests among the names of this package.
from .incident import *
from .macro import *
from .mixins import *
from .registry import *
from .rule import *
from .team import *
from .ticket import *
from .tools import *
from . import test_access
from . import test_demo
from . import test_multi_company
from . import test_queries
from . import test_tour
