#!/usr/bin/env python3
"""Hands the mail on standard input to Odoo, for a mail server that can pipe mails to a program.

    telecom-mailgate.py [--config /etc/telecom-mailgate.conf]

The configuration file is an INI file; it holds a key, so only the user that the mail server runs
this as should be able to read it::

    [odoo]
    url = https://odoo.example.com
    database = production
    key = an API key of a user in the group "Mail Gateway"
    timeout = 300

TELECOM_MAILGATE_URL, TELECOM_MAILGATE_DATABASE, TELECOM_MAILGATE_KEY and TELECOM_MAILGATE_TIMEOUT
in the environment come before what the file says.

The exit code is 0 when Odoo has committed the mail, and 75 (EX_TEMPFAIL) otherwise, whatever the
reason: the mail server keeps the mail and tries again. Odoo knows a mail that it has taken before.
"""

import argparse
import base64
import configparser
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress

EX_TEMPFAIL = 75
CONFIG = "/etc/telecom-mailgate.conf"
ROUTE = "/json/2/mail.thread/telecom_receive_mail"


class NotTakenError(Exception):
    """Odoo did not take the mail; the text may be read by the sender and tells no secrets."""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would be sent on as a GET, without the mail, and succeed."""

    def redirect_request(self, *args):
        return None


def read_settings(path):
    parser = configparser.ConfigParser(interpolation=None)
    try:
        # Where there is none, the environment may say it all.
        with suppress(FileNotFoundError), open(path, encoding="utf-8") as file:  # noqa: PTH123
            parser.read_file(file)
    except (OSError, UnicodeDecodeError) as error:
        raise NotTakenError(f"the configuration cannot be read: {type(error).__name__}") from None
    except configparser.Error:
        raise NotTakenError("the configuration is no INI file") from None
    settings = {"timeout": "300", **(parser["odoo"] if parser.has_section("odoo") else {})}
    for name in ("url", "database", "key", "timeout"):
        settings[name] = os.environ.get(f"TELECOM_MAILGATE_{name.upper()}") or settings.get(name)
        if not settings[name]:
            raise NotTakenError(f"the configuration does not say: {name}")
    return settings


def hand_over(mail, settings):
    """Give ``mail`` (bytes) to Odoo; `NotTakenError` unless Odoo says that it is kept."""
    if urllib.parse.urlsplit(settings["url"]).scheme not in ("http", "https"):
        raise NotTakenError("the configured url does not begin with http:// or https://")
    request = urllib.request.Request(  # noqa: S310
        settings["url"].rstrip("/") + ROUTE,
        json.dumps({"mail": base64.b64encode(mail).decode()}).encode(),
        {
            "Authorization": f"Bearer {settings['key']}",
            "Content-Type": "application/json",
            "X-Odoo-Database": settings["database"],
        },
    )
    try:
        opener = urllib.request.build_opener(NoRedirect)
        with opener.open(request, timeout=float(settings["timeout"])) as answer:
            taken = json.load(answer)
    except urllib.error.HTTPError as error:
        raise NotTakenError(f"Odoo answered {error.code}") from None
    if taken is not True:
        raise NotTakenError("what answered is not Odoo with Telecom Helpdesk: Mail")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--config", default=CONFIG, help="default: %(default)s")
    try:
        options = parser.parse_args()
        hand_over(sys.stdin.buffer.read(), read_settings(options.config))
    except NotTakenError as error:
        reason = str(error)
    except SystemExit as error:
        if not error.code:
            raise  # --help
        reason = "wrong arguments"
    except Exception as error:  # noqa: BLE001
        # No text of it: who knows what it tells.
        reason = getattr(error, "reason", error)
        reason = f"no answer from Odoo: {type(reason).__name__}"
    else:
        return 0
    sys.stderr.write(f"telecom-mailgate: {reason}\n")
    return EX_TEMPFAIL


if __name__ == "__main__":
    sys.exit(main())
