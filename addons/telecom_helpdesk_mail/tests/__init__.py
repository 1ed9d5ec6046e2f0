from . import test_filters
from . import test_subject
from . import test_team
from . import test_gateway
from . import test_thread
from . import test_outgoing
from . import test_fetch
from . import test_mail_gateway
