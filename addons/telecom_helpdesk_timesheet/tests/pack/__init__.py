from . import test_packs
from . import test_packs_invoice
from . import test_packs_people
