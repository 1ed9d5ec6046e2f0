from . import test_account
from . import test_contract
from . import test_phone
