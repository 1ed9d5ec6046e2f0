from odoo.tests import TransactionCase, tagged
from access_scenario import Scenario
@tagged("standard","post_install","-at_install")
class TestTry(Scenario, TransactionCase):
    def test_it(self):
        for m, r in sorted(self.samples.items()):
            print(m, [x.ids for x in r])
