from . import test_countdown
from . import test_dashboard
from . import test_figures
from . import test_report
