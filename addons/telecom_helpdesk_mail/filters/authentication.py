"""Whether the domain in From is what it says, in a mail server's judgement (RFC 8601).

A mail may hold such headers of several servers, and anybody may have written them. Which server is
ours, the database knows; here the verdict of each is read.
"""

import re

from .mailbox import as_utf8, ascii_domain, end_of_comment

MAX_HEADERS = 30
MAX_LENGTH = 8_000
WORDS = re.compile(r"""("(?:[^"\\]|\\.)*+")|([^\s"();\\]++)|(\s++)|([(;])""")
UPPER = re.compile("[A-Z]+")
# What needs no quotes may stand in them.
NEEDLESS = re.compile(r"[\w.@+=/-]*", re.ASCII)
METHOD = re.compile(r"(dmarc|dkim|spf|auth)(?:/\d+)?=([a-z]+)")
PROPERTY = re.compile(r"([a-z][\w.-]*)=(\S*)")
# No part of an address that needs quotes: whoever may choose it writes clauses of their own.
DOMAIN = re.compile(r"<?(?:[^@\s\"<>]*@)?([\w-]+(?:\.[\w-]+)+)\.?>?")
PASSED = {"pass", "bestguesspass"}
# Neither temperror nor permerror: that a record cannot be read says nothing of the sender.
FAILED = {"fail", "softfail", "hardfail"}


def find_authentication(parsed):
    """``authentication``: what mail servers say in Authentication-Results of the sender.

    ``address``: whom that is about, empty where From has more or less than one plain address.
    ``verdicts``: by the servers' names, in lower case. "pass" is certain. "fail": the mail is
    against what the domain's owner says (DMARC), or the server judged another sender than the one
    in From. "doubt": DKIM or SPF of the domain failed, and there is no more to it.
    """
    values = parsed.headers.get("authentication-results")
    senders = values and parsed.addresses("From")
    if not senders:
        return {}
    sender = _split_address(senders[0][1])
    said, flawed = {}, set()
    for place, value in enumerate(values[:MAX_HEADERS]):
        server, clauses, is_sound = parse_results(value)
        if place and not server:
            # It has no name, so only its place shows whose it is.
            continue
        said.setdefault(server, []).extend(clauses)
        if not is_sound:
            flawed.add(server)
    verdicts = {}
    for server, clauses in said.items():
        verdict = _judge(clauses, sender)
        if verdict == "pass" and (server in flawed or not parsed.sole_sender):
            continue
        if verdict:
            verdicts[server] = verdict
    if not verdicts:
        return {}
    return {"authentication": {"address": parsed.sole_sender, "verdicts": verdicts}}


def parse_results(value):
    """The server's name, clauses, and whether all of the header ``value`` could be read.

    A clause: method, verdict, and a list of pairs of property and value.
    """
    is_sound = len(value) <= MAX_LENGTH
    texts, is_complete = _split(as_utf8(value[:MAX_LENGTH]))
    first = texts[0].split()
    if any("=" in word for word in first):
        # Microsoft names no server.
        server = ""
    else:
        server, texts = (first or [""])[0], texts[1:]
    clauses = []
    for text in texts:
        words = re.sub(r" ?= ?", "=", " ".join(text.split())).split()
        method = words and METHOD.fullmatch(words[0])
        if method:
            found = [PROPERTY.fullmatch(word) for word in words[1:]]
            # A word that belongs nowhere: nothing beside it is relied on.
            pairs = [match.groups() for match in found] if all(found) else []
            clauses.append((method[1], method[2], pairs))
    return server, clauses, is_sound and is_complete


def _split(value):
    """Texts of the clauses, in lower case without comments, and whether all could be read."""
    # Of ASCII alone: some signs become letters by it.
    value = UPPER.sub(lambda found: found[0].lower(), value)
    texts, end = [""], 0
    while end < len(value):
        word = WORDS.match(value, end)
        if not word:
            return texts, False
        end = word.end()
        quoted, plain, _blank, sign = word.groups()
        if sign == "(":
            start, end = end, end_of_comment(value, end)
            if not end or value.count('"', start, end) % 2:
                # What a sender wrote between quotes may have ended the comment.
                return texts, False
            texts[-1] += " "
        elif sign:
            texts.append("")
        elif quoted:
            inner = quoted[1:-1]
            texts[-1] += inner if NEEDLESS.fullmatch(inner) else '"'
        else:
            texts[-1] += plain or " "
    return texts, True


def _judge(clauses, sender):
    """ "pass", "fail", "doubt" or None, for a ``sender`` (local part and domain).

    DMARC decides: its server knows which domains belong together, and what their owner allows.
    Without it DKIM or SPF prove the very same domain alone. A subdomain proves nothing of its
    parent, since customers have them, and a parent may be anybody's, such as "co.uk". Who signed
    in at the server to send the mail (``auth``) is proven as the very address of that account.
    """
    domain = sender[1]
    dmarc = [(verdict, pairs) for method, verdict, pairs in clauses if method == "dmarc"]
    if any(verdict in FAILED for verdict, _pairs in dmarc):
        return "fail"
    named = [_domains(pairs, "header.from") for verdict, pairs in dmarc if verdict in PASSED]
    if any(name and not _is_related(name, domain) for names in named for name in names):
        return "fail"
    if named and len(named) < len(dmarc):
        # The server does not contradict itself: one of them is not its own.
        return None
    if named and all(len(names) == 1 and _is_within(domain, names[0]) for names in named):
        # Some name the domain that the policy was found at.
        return "pass"
    related = set()
    for method, verdict, pairs in clauses:
        if method == "dkim":
            # Whoever owns d= may write any i= below it.
            names = _domains(pairs, "header.d") or _domains(pairs, "header.i")
        elif method == "spf":
            # Never smtp.helo: it has nothing to do with From.
            names = _domains(pairs, "smtp.mailfrom") or _domains(pairs, "smtp.mail")
        elif method == "auth":
            accounts = [_split_address(value) for key, value in pairs if key == "smtp.auth"]
            if verdict == "pass" and accounts == [sender]:
                return "pass"
            continue
        else:
            continue
        if verdict == "pass" and names == [domain]:
            return "pass"
        if any(_is_related(name, domain) for name in names):
            related.add("pass" if verdict == "pass" else "fail" if verdict in FAILED else "none")
    return "doubt" if "fail" in related and "pass" not in related else None


def _split_address(address):
    """Local part and domain (as DNS has it) of an address; empty texts where it has none."""
    local_part, _at, domain = address.strip("<>").rpartition("@")
    return local_part, ascii_domain(domain)


def _domains(pairs, name):
    """Domains in the properties of that name; an empty text for one that is none."""
    found = [DOMAIN.fullmatch(value) for key, value in pairs if key == name and value != "none"]
    return [ascii_domain(match[1]) if match else "" for match in found]


def _is_within(domain, name):
    return bool(domain and name) and (domain == name or domain.endswith(f".{name}"))


def _is_related(name, domain):
    return _is_within(domain, name) or _is_within(name, domain)
