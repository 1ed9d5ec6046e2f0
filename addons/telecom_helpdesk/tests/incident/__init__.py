from . import test_incident
from . import test_incident_access
from . import test_incident_public
from . import test_incident_update
