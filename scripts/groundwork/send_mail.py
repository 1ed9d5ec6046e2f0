"""`scripts/send-mail`: one mail over SMTP, as a customer's mail program would send it."""

import argparse
import email.message
import email.utils
import smtplib
from pathlib import Path

from . import Trouble
from .run import MAIL_IN_PORT

TEXT = "Hello,\n\nsince this morning none of our phones has a dial tone.\n\nKind regards\n"


def main(arguments: list[str]) -> int:
    """Sends a mail; `Trouble` with the server's own words when it is refused."""
    parser = argparse.ArgumentParser(prog="scripts/send-mail", description=main.__doc__)
    parser.add_argument("to")
    parser.add_argument("subject")
    parser.add_argument("text", nargs="?", default=TEXT)
    parser.add_argument("--from", dest="sender", default="Jane Customer <jane@customer.example>")
    parser.add_argument("--in-reply-to", help="Message-ID of the mail that this one answers")
    parser.add_argument("--attach", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--port", type=int, default=MAIL_IN_PORT)
    options = parser.parse_args(arguments)
    mail = email.message.EmailMessage()
    mail["From"] = options.sender
    mail["To"] = options.to
    mail["Subject"] = options.subject
    mail["Date"] = email.utils.localtime()
    mail["Message-ID"] = email.utils.make_msgid(domain="customer.example")
    if options.in_reply_to:
        mail["In-Reply-To"] = mail["References"] = options.in_reply_to
    mail.set_content(options.text)
    for path in options.attach:
        mail.add_attachment(
            path.read_bytes(), maintype="application", subtype="octet-stream", filename=path.name
        )
    try:
        with smtplib.SMTP("127.0.0.1", options.port, timeout=330) as server:
            server.send_message(mail)
    except OSError as error:
        raise Trouble(f"not sent, the mail stays with you: {error}") from error
    print(f"accepted: {mail['Message-ID']}")
    return 0
