"""`make lock`: pins the Python packages that pyproject.toml names, each with all that it needs."""

import subprocess
import sys
from pathlib import Path

from . import Trouble
from .settings import PROJECT

FILES = {"run": "requirements.txt", "test": "requirements-test.txt"}


def main(arguments: list[str]) -> int:
    """Rewrites requirements.txt and requirements-test.txt with the newest versions that agree."""
    uv = Path(sys.executable).with_name("uv")
    for group, name in FILES.items():
        constraints = [] if group == "run" else ["--constraints", FILES["run"]]
        done = subprocess.run(
            [str(uv), "pip", "compile", "--universal", "--python-version", "3.10", "--no-header",
             "--no-annotate", "--no-emit-index-url", "--quiet", "--upgrade",
             "--group", f"pyproject.toml:{group}", *constraints],
            cwd=PROJECT, text=True, capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Trouble(done.stderr)
        head = f"# Locked by `make lock` from the group `{group}` in pyproject.toml.\n"
        (PROJECT / name).write_text(head + done.stdout)
    return 0
