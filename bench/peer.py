"""The peer: OCA's helpdesk with its SLA addon, from the Python index. Never a dependency."""

import subprocess
import sys
from pathlib import Path

from groundwork import Trouble
from groundwork.progress import Progress
from groundwork.settings import GROUND

MODULES = ("helpdesk_mgmt", "helpdesk_mgmt_sla")
PINNED = {"odoo-addon-helpdesk-mgmt": "19.0.1.3.2", "odoo-addon-helpdesk-mgmt-sla": "19.0.1.0.0.4"}
NAME = "OCA helpdesk_mgmt {} with helpdesk_mgmt_sla {}".format(*PINNED.values())


def folder() -> Path:
    """Where the peer is kept: in the project's ignored folder, by version."""
    return GROUND / "bench" / "-".join(PINNED.values())


def is_here() -> bool:
    return folder().is_dir()


def addons_path() -> Path:
    """The peer's folder for Odoo's addons path, fetched where missing; may raise `Trouble`."""
    if not is_here():
        aside = folder().with_suffix(".part")
        packages = [f"{name}=={version}" for name, version in PINNED.items()]
        with Progress(f"fetching {NAME}"):
            done = subprocess.run(
                [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade",
                 "--disable-pip-version-check", "--target", str(aside), *packages],
                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
            if done.returncode:
                raise Trouble(f"{NAME} cannot be fetched:\n{done.stdout}")
        aside.rename(folder())
    return folder() / "odoo" / "addons"
