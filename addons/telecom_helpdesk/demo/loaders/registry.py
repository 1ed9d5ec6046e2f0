"""Contracts, services and deployments, dated in days from the day of installation."""

import re
from datetime import timedelta

from odoo import fields
from odoo.tools.convert import convert_csv_import
from odoo.tools.misc import file_open

MODULE = "telecom_helpdesk"
MODELS = ("telecom.contract", "telecom.service", "project.project", "project.task")


def load(env):
    """Create what the files of ``../registry`` tell; cells such as ``-30d`` become dates."""
    today = fields.Date.today()

    def date(match):
        return fields.Date.to_string(today + timedelta(days=int(match[0][:-1])))

    quiet = env(
        context={**env.context, "tracking_disable": True, "mail_auto_subscribe_no_notify": True}
    )
    for model in MODELS:
        with file_open(f"{MODULE}/demo/registry/{model}.csv") as source:
            content = re.sub(r"(?<=,)[+-]\d+d(?=[,\n])", date, source.read())
        convert_csv_import(quiet, MODULE, f"{model}.csv", content.encode(), noupdate=True)
