"""Delivery reports: mails that came back."""

import email.message
import logging
import re

from flufl.bounce import all_failures

from odoo.addons.telecom_helpdesk.tools.message_text import CONTROL

from .parsed_mail import Text, raw_header
from .text import decode_header, payload_bytes

# It tells of each of its detectors, and shows a traceback for each odd header.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

# Who sends them (in lower case, before the @).
DAEMONS = re.compile(
    r"(?:mailer[-_.]?daemon|postmaster|microsoftexchange[0-9a-f]{20,}|mail[-_.]?daemon|mdaemon)\Z"
)
DAEMON = re.compile("daemon|postmaster|microsoftexchange", re.IGNORECASE)
NO_NAME = re.compile(r"[\s<>\"()]+")
SUBJECT = re.compile(
    r"undeliver|deliver[yi]|failure notice|returned mail|return(?:ed)? to sender|mail system error"
    r"|unzustellbar|nicht zugestellt|zustellung|non remis|non distribu|échec|no se puede entregar"
    r"|no entregado|onbestelbaar|mancata consegna|mail failed|could not send",
    re.IGNORECASE,
)
DELAYED = re.compile(
    r"delay|warning|still (?:being )?re?trie?d|not yet been delivered|temporar"
    r"|verzögert|retard|en attente|vertraagd|retrasad",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"[\w.+=-]{1,64}@[\w-]+(?:\.[\w-]+)+")
MESSAGE_ID = re.compile(
    r"^[> \t]*(?:Message-ID|X-Microsoft-Original-Message-ID)\s*:\s*(<[^<>\s]+>)", re.I | re.M
)
IDS = re.compile(r"<[^<>\s]+>")
DIAGNOSTIC = re.compile(r"(?:^|[\s:\"'(])([45]\d\d[ -](?:[45]\.\d+\.\d+\s)?.*|[45]\.\d+\.\d+ .*)")
MAX_TEXT = 200_000
MAX_REPORT = 50_000
MAX_LINE = 1_000
MAX_LINES = 2_000


def find_bounce(parsed):
    """``bounce``: addresses that did not get a mail of ours, why, and which mail it was.

    flufl.bounce, which Mailman uses, knows the shapes of a score of mail servers. It is asked only
    about what looks like a report, for it would judge people who quote one.
    """
    if not _looks_like_report(parsed):
        return {}
    blocks = _status_blocks(parsed)
    actions = {block["action"] for block in blocks if block["action"]}
    if actions and not actions & {"failed", "delayed", "error"}:
        # Delivered, relayed, expanded: good news.
        return {}
    temporary, permanent = _named_addresses(blocks)
    if not temporary and not permanent:
        temporary, permanent = _ask_flufl(parsed)
    text = parsed.body[:MAX_TEXT]
    if not temporary and not permanent:
        if not actions and not SUBJECT.search(parsed.header("Subject")):
            return {}
        permanent = _guess_addresses(parsed, text)
    if not actions and permanent and DELAYED.search(parsed.header("Subject")):
        temporary, permanent = permanent, []
    return {
        "bounce": {
            "addresses": permanent or temporary,
            "temporary": bool(temporary and not permanent) or actions == {"delayed"},
            "reason": _reason(blocks, text),
            "message_ids": _message_ids(parsed, text),
        }
    }


def _looks_like_report(parsed):
    headers = parsed.headers
    if parsed.parts[0].kind == "multipart/report":
        declared = headers.get("content-type", [""])[0].lower()
        # Read receipts and complaints about spam are reports, too.
        return "disposition-notification" not in declared and "feedback-report" not in declared
    if "x-failed-recipients" in headers:
        return True
    sender = headers.get("from", [""])[0]
    if DAEMON.search(sender):
        # Some write no address: "MAILER-DAEMON <>".
        names = [address.rpartition("@")[0] for _n, address in parsed.addresses("From")[:1]]
        if any(DAEMONS.match(name) for name in names or NO_NAME.split(sender.lower())):
            return True
    return parsed.has_null_sender and bool(SUBJECT.search(parsed.header("Subject")))


def _named_addresses(blocks):
    """Addresses that a report names as late, and as failed: final ones before what they were."""
    temporary, permanent = {}, {}
    for name in ("address", "original"):
        for block in blocks:
            if block[name]:
                (temporary if block["action"] == "delayed" else permanent)[block[name]] = True
    return list(temporary), list(permanent)


def _ask_flufl(parsed):
    try:
        temporary, permanent = all_failures(_short_copy(parsed))
    except Exception:  # noqa: BLE001 - it trusts the mail's structure
        return [], []
    return tuple(
        sorted(
            address.decode("ascii", "replace").strip(" <>").lower()
            for address in found
            if b"@" in address
        )
        for found in (temporary, permanent)
    )


def _short_copy(parsed):
    """The mail, or a copy in which nothing is long: flufl.bounce reads all of what came back.

    A line of 200,000 commas would take it more than a minute.
    """
    payloads = [str(part.payload) for part in parsed.parts]
    if sum(map(len, payloads)) < MAX_REPORT and not any(
        len(line) > MAX_LINE for payload in payloads for line in payload.split("\n")
    ):
        return parsed.mail
    copy = email.message.EmailMessage(policy=parsed.mail.policy)
    for name in ("From", "Subject", "X-Failed-Recipients"):
        if name in parsed.mail:
            copy[name] = Text(name, parsed.header(name)[:MAX_LINE])
    lines = parsed.body[:MAX_REPORT].split("\n")[:MAX_LINES]
    copy.set_content("\n".join(line[:MAX_LINE] for line in lines))
    return copy


def _status_blocks(parsed):
    """What message/delivery-status says of each recipient (RFC 3464)."""
    blocks = []
    for part in parsed.parts:
        if part.kind != "message/delivery-status" or part.is_leaf:
            continue
        for block in part.message.get_payload():
            action = raw_header(block, "Action").split()
            final, original = (
                found[0].lower() if (found := ADDRESS.search(raw_header(block, name))) else ""
                for name in ("Final-Recipient", "Original-Recipient")
            )
            if not action and not final and not original:
                continue
            blocks.append(
                {
                    "action": action[0].lower().strip(";") if action else "",
                    "address": final,
                    "original": original,
                    "reason": raw_header(block, "Diagnostic-Code"),
                    "status": raw_header(block, "Status"),
                }
            )
    return blocks


def _guess_addresses(parsed, text):
    """The first address in the text that is not the sender's or ours."""
    own = {
        address for name in ("From", "To", "Delivered-To") for _n, address in parsed.addresses(name)
    }
    for address in ADDRESS.findall(text):
        if address.lower() not in own:
            return [address.lower()]
    return []


def _reason(blocks, text):
    """Why, in one line of at most 200 characters."""
    failed = [block for block in blocks if block["action"] in {"failed", "error"}] or blocks
    for block in failed:
        if block["reason"]:
            reason = decode_header(block["reason"])
            return _line(re.sub(r"^\s*[\w-]+\s*;\s*", "", reason))
    for line in text.splitlines():
        found = DIAGNOSTIC.search(line)
        if found:
            return _line(found[1])
    for block in failed:
        if block["status"]:
            return _line(block["status"])
    return _line(next((line for line in text.splitlines() if line.strip()), ""))


def _line(text):
    text = CONTROL.sub("", " ".join(text.split()))
    return text if len(text) <= 200 else f"{text[:199]}…"


def _message_ids(parsed, text):
    found = []
    for part in parsed.parts:
        if part.kind.startswith("message/rfc822") and not part.is_leaf:
            inner = part.message.get_payload()[0]
        elif part.kind == "text/rfc822-headers":
            data = payload_bytes(part.message).decode("utf-8", "replace")
            inner = email.message_from_string(data)
        else:
            continue
        for name in ("Message-ID", "X-Microsoft-Original-Message-ID"):
            found += IDS.findall(raw_header(inner, name))
    if not found:
        found = MESSAGE_ID.findall(text)
    if not found:
        # Google threads the report with the mail that came back.
        for name in ("in-reply-to", "references"):
            for value in parsed.headers.get(name, ()):
                found += IDS.findall(value)
    return list(dict.fromkeys(found))
