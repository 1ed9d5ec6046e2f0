"""Whether the domain in From is what it says, in our own mail server's judgement (RFC 8601)."""

import re

CLAUSE = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*(\w+)([^;]*)", re.IGNORECASE)
COMMENT = re.compile(r"\([^()]*\)")
DOMAIN = re.compile(
    r"\b(?:header\.(?:d|i|from)|smtp\.(?:mailfrom|mail|helo))\s*=\s*\"?[^@\s\";]*?@?([\w.-]+)\"?"
    r"(?=[\s;]|\Z)",
    re.IGNORECASE,
)
FAILED = {"fail", "softfail", "hardfail", "permerror"}


def find_authentication(incoming):
    """``authentication``: what the topmost Authentication-Results says of From's domain.

    DMARC decides; else DKIM or SPF of that domain, its parent or child ("relaxed" alignment,
    RFC 7489, section 3.1). Lower headers were there before the mail came: anybody may write them.
    """
    values = incoming.headers.get("authentication-results")
    senders = values and incoming.addresses("From")
    if not senders:
        return {}
    domain = senders[0][1].rpartition("@")[2]
    server, _, rest = COMMENT.sub(" ", " ".join(values[0][:8000].split())).partition(";")
    if "=" in server:
        # Old Exchange names no server.
        server, rest = "", f"{server};{rest}"
    result = _judge(rest, domain)
    if not result:
        return {}
    return {"authentication": {"server": (server.split() or [""])[0].lower(), "result": result}}


def _judge(text, domain):
    found = {"dkim": [], "spf": []}
    for method, verdict, properties in CLAUSE.findall(text):
        method, verdict = method.lower(), verdict.lower()
        if method == "dmarc":
            if verdict in {"pass", "bestguesspass"}:
                return "pass"
            if verdict in FAILED:
                return "fail"
            continue
        aligned = any(_is_aligned(name, domain) for name in DOMAIN.findall(properties))
        if aligned and (verdict == "pass" or verdict in FAILED):
            found[method].append(verdict == "pass")
    for method in ("dkim", "spf"):
        if any(found[method]):
            return "pass"
    return "fail" if found["dkim"] or found["spf"] else None


def _is_aligned(name, domain):
    name = name.lower().strip(".")
    return "." in name and (
        name == domain or domain.endswith(f".{name}") or name.endswith(f".{domain}")
    )
