from . import test_acknowledgement
from . import test_delivery
from . import test_incident
from . import test_merge
from . import test_outgoing
from . import test_sender
from . import test_subject
from . import test_thread
