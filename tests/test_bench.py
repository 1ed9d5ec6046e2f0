"""`make bench` still runs: a few tickets, few repeats, every piece of work."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from groundwork import Trouble, cluster, databases
from groundwork.settings import PROJECT
from groundwork.tests import scratch


class TestBench(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sys.path.insert(0, str(PROJECT))
        cls.addClassCleanup(sys.path.remove, str(PROJECT))
        from bench import peer

        try:
            peer.addons_path()
        except Trouble as trouble:
            raise unittest.SkipTest(str(trouble)) from None

    def test_every_work_is_measured_for_us_and_the_peer(self):
        name = scratch("bench")
        cluster.connect_environment()
        self.addCleanup(databases.drop, name)
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-m", "bench", "--quick", "--sizes", "300", "--open", "100", "200",
                 "--customers", "4", "--database", name, "--output", folder],
                cwd=PROJECT, text=True, capture_output=True, check=False,
            )  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)
            result = json.loads(Path(folder, "bench.json").read_text())
            page = Path(folder, "bench.md").read_text()
        from bench.works import WORKS

        self.assertEqual([row["work"] for row in result["rows"]], [work.title for work in WORKS])
        for row in result["rows"]:
            with self.subTest(row["work"]):
                self.assertIn(row["work"], page)
                for contender in ("ours", "peer"):
                    self.assertGreater(row["results"][contender]["median"], 0)
                    self.assertGreater(row["results"][contender]["queries"], 0)
                self.assertEqual(row["tickets"], 300)
                self.assertGreater(row["ratios"]["peer"]["ratio"], 0)
        self.assertEqual([row["entries"] for row in result["billing"]], [80, 80, 80])
        for row in result["billing"]:
            self.assertIn(row["work"], page)
            self.assertGreater(row["ratios"]["bare"]["ratio"], 0)
        self.assertGreater(result["billing"][0]["ratios"]["odoo"]["ratio"], 0)
        self.assertEqual([row["tickets"] for row in result["sla"]], [100, 200, 0])
        for row in result["sla"]:
            with self.subTest(row["work"], tickets=row["tickets"]):
                self.assertIn(row["work"], page)
                self.assertGreater(row["results"]["ours"]["median"], 0)
                self.assertGreater(row["ratio"], 0)
