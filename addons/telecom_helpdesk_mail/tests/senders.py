"""Spellings of From, and what our own mail server says beside them: whose mail is it?

Some are what colleagues' mail programs write, most are what an outsider tries, to whose own domain
the server gave a genuine pass. Bytes that are no UTF-8 stand as surrogates.
"""

import base64
from typing import NamedTuple

SERVER = "mx.operator.example.com"
AGENT = "agent_voice@operator.example.com"
EVE = "eve@evil.example.org"

# What becomes of the mail:
PROVEN = "proven"  # it is the colleague's, and speaks for us
UNPROVEN = "unproven"  # it bears the colleague's address: a note without author, with a remark
STRANGER = "stranger"  # it is somebody else's, who says so

OURS = (
    f"{SERVER}; dkim=pass (2048-bit key) header.d=operator.example.com header.s=s1; "
    f"spf=pass smtp.mailfrom={AGENT}; dmarc=pass (p=REJECT) header.from=operator.example.com"
)
THEIRS = (
    f"{SERVER}; dkim=pass header.d=evil.example.org; spf=pass smtp.mailfrom={EVE}; "
    "dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=evil.example.org"
)


class Spelling(NamedTuple):
    name: str
    sender: str  # the whole header, or all of them
    expected: str
    said: str = THEIRS


def word(text, charset="utf-8"):
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def word_and(*texts, to=EVE):
    """From whose name is an encoded word."""
    return f"From: {word(''.join(texts))} <{to}>"


SPELLINGS = [
    # What colleagues write
    Spelling("bare address", f"From: {AGENT}", PROVEN, OURS),
    Spelling("address in brackets", f"From: <{AGENT}>", PROVEN, OURS),
    Spelling("plain name", f"From: Vera Voice <{AGENT}>", PROVEN, OURS),
    Spelling("quoted name with comma", f'From: "Voice, Vera" <{AGENT}>', PROVEN, OURS),
    Spelling("quotes in the name", f'From: "Vera \\"V\\" Voice" <{AGENT}>', PROVEN, OURS),
    Spelling("initial", f"From: Vera V. Voice <{AGENT}>", PROVEN, OURS),
    Spelling("no blank", f"From: Vera<{AGENT}>", PROVEN, OURS),
    Spelling("words in Q", f"From: =?iso-8859-1?Q?V=E9ra?= Voice <{AGENT}>", PROVEN, OURS),
    Spelling("words in B", f"From: {word('Véra')} {word('Voice')} <{AGENT}>", PROVEN, OURS),
    Spelling("quoted word", f'From: "{word("Véra Voice")}" <{AGENT}>', PROVEN, OURS),
    Spelling("name in bare UTF-8", f"From: Véra Voice <{AGENT}>", PROVEN, OURS),
    Spelling("comment behind", f"From: {AGENT} (Vera Voice)", PROVEN, OURS),
    Spelling("comment in the name", f"From: Vera (phone (home)) Voice <{AGENT}>", PROVEN, OURS),
    Spelling("upper case", f"FROM: VERA <{AGENT.upper()}>", PROVEN, OURS),
    Spelling("folded", f"From: Vera\r\n Voice\r\n\t<{AGENT}>", PROVEN, OURS),
    Spelling("address as name", f'From: "{AGENT}" <{AGENT}>', PROVEN, OURS),
    # The server's words
    Spelling(
        "DKIM alone",
        f"From: {AGENT}",
        PROVEN,
        f"{SERVER}; dkim=pass header.i=@operator.example.com header.b=abc; dmarc=none",
    ),
    Spelling("SPF alone", f"From: {AGENT}", PROVEN, f"{SERVER} 1; spf=pass smtp.mailfrom={AGENT}"),
    Spelling(
        "server in upper case, version, folds, blanks",
        f"From: {AGENT}",
        PROVEN,
        f"{SERVER.upper()} 1;\r\n  dmarc = pass\r\n (p=none; dis=none)\r\n"
        "  header.from = Operator.Example.COM",
    ),
    Spelling(
        "two headers of the server",
        f"From: {AGENT}",
        PROVEN,
        f"{SERVER}; dmarc=pass header.from=operator.example.com\r\n"
        f"Authentication-Results: {SERVER}; dkim=pass header.d=operator.example.com",
    ),
    Spelling(
        "header of another server before",
        f"From: {AGENT}",
        PROVEN,
        f"scanner.example.net; dmarc=fail header.from=operator.example.com\r\n"
        f"Authentication-Results: {OURS}",
    ),
    Spelling(
        "pass of another server",
        f"From: {AGENT}",
        UNPROVEN,
        OURS.replace(SERVER, "mx.evil.example.org"),
    ),
    Spelling(
        "server with a longer name",
        f"From: {AGENT}",
        UNPROVEN,
        OURS.replace(SERVER, f"{SERVER}.evil.example.org"),
    ),
    Spelling("no server named", f"From: {AGENT}", UNPROVEN, OURS.partition("; ")[2]),
    Spelling("pass of the outsider's domain", f"From: {AGENT}", UNPROVEN),
    Spelling(
        "pass of no domain at all", f"From: {AGENT}", UNPROVEN, f"{SERVER}; dmarc=pass (p=none)"
    ),
    Spelling(
        "pass and fail",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; dmarc=fail header.from=operator.example.com\r\nAuthentication-Results: {OURS}",
    ),
    Spelling(
        "none above a pass that came from outside",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; dmarc=none header.from=operator.example.com\r\nAuthentication-Results: {OURS}",
    ),
    Spelling(
        "SPF of the name in HELO",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; spf=pass smtp.helo=operator.example.com; dkim=none",
    ),
    Spelling(
        "SPF of HELO beside the outsider's MAIL FROM",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; spf=pass smtp.mailfrom={EVE} smtp.helo=operator.example.com",
    ),
    Spelling(
        "clause in a quoted local part",
        f"From: {AGENT}",
        UNPROVEN,
        f'{SERVER}; spf=pass smtp.mailfrom="x smtp.mailfrom=a@operator.example.com '
        'dmarc=pass header.from=operator.example.com "@evil.example.org',
    ),
    Spelling(
        "clauses in a quoted local part",
        f"From: {AGENT}",
        UNPROVEN,
        f'{SERVER}; spf=pass smtp.mailfrom="; dmarc=pass header.from=operator.example.com; '
        'x="@evil.example.org',
    ),
    Spelling(
        "address within a quoted local part",
        f"From: {AGENT}",
        UNPROVEN,
        f'{SERVER}; spf=pass smtp.mailfrom="{AGENT}"@evil.example.org',
    ),
    Spelling(
        "two addresses in MAIL FROM",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; spf=pass smtp.mailfrom={AGENT}@evil.example.org",
    ),
    Spelling(
        "clause in a comment",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; spf=pass (\\) (; dmarc=pass header.from=operator.example.com;)) "
        f"smtp.mailfrom={EVE}",
    ),
    Spelling(
        "comment that ends too early",
        f"From: {AGENT}",
        UNPROVEN,
        f'{SERVER}; spf=pass (domain of "x); dmarc=pass header.from=operator.example.com; '
        f'y=("@evil.example.org) smtp.mailfrom={EVE}',
    ),
    Spelling(
        "DKIM of a customer's subdomain",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; dkim=pass header.d=customer7.operator.example.com",
    ),
    Spelling(
        "DKIM of a domain above",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; dkim=pass header.d=example.com",
    ),
    Spelling(
        "SPF of a customer's subdomain",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; spf=pass smtp.mailfrom=x@customer7.operator.example.com",
    ),
    Spelling(
        "DMARC of a customer's subdomain",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; dmarc=pass header.from=customer7.operator.example.com",
    ),
    Spelling(
        "domain that ends the same",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; dkim=pass header.d=evil-operator.example.com",
    ),
    Spelling(
        "owner of d= writes any i=",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; dkim=pass header.i=@operator.example.com header.d=example.org",
    ),
    Spelling(
        "Kelvin sign of the server's DKIM",
        f"From: {AGENT}",
        UNPROVEN,
        f"{SERVER}; dkim=pass header.d=\u212aoperator.example.com",
    ),
    Spelling("nothing said", f"From: {AGENT}", UNPROVEN, f"{SERVER}; none"),
    # Two senders in one header
    Spelling("line break and second address in a word", word_and("Eve\r\n,", AGENT), STRANGER),
    Spelling("second address before a line in a word", word_and(AGENT, "\n"), STRANGER),
    Spelling("carriage return in a word", word_and("x\r<", AGENT, ">,"), STRANGER),
    Spelling("tab in a word", word_and("x\t<", AGENT, ">,"), STRANGER),
    Spelling("quote and address in a word", word_and('x" <', AGENT, '>, "'), STRANGER),
    Spelling("backslash in a word", word_and('x\\" <', AGENT, ">,"), STRANGER),
    Spelling("line in the colleague's name", word_and("V\r\nV", to=AGENT), UNPROVEN, OURS),
    Spelling("all in one word", f"From: {word(f'Vera <{AGENT}>')}", UNPROVEN, OURS),
    Spelling(
        "all in one Q word",
        "From: =?utf-8?Q?agent=5Fvoice=40operator=2Eexample=2Ecom?=",
        UNPROVEN,
    ),
    Spelling("colleague first", f"From: {AGENT}, {EVE}", UNPROVEN),
    Spelling("colleague first, ours", f"From: {AGENT}, {EVE}", UNPROVEN, OURS),
    Spelling("colleague second", f"From: {EVE}, {AGENT}", STRANGER),
    Spelling("separated by a semicolon", f"From: {AGENT}; {EVE}", UNPROVEN),
    Spelling("twice the same", f"From: {AGENT}, {AGENT}", UNPROVEN, OURS),
    Spelling("group", f"From: Friends: {AGENT}, {EVE};", UNPROVEN),
    Spelling("group of the colleague alone", f"From: Friends: {AGENT};", UNPROVEN, OURS),
    Spelling("two in brackets", f"From: Vera <{AGENT}> <{EVE}>", UNPROVEN),
    Spelling("two in brackets, turned", f"From: <{EVE}> Vera <{AGENT}>", STRANGER),
    Spelling("empty brackets before", f"From: <> <{AGENT}>", UNPROVEN, OURS),
    Spelling("two headers", f"From: {AGENT}\r\nFrom: {EVE}", UNPROVEN),
    Spelling("two headers, ours", f"From: {AGENT}\r\nfrom: {EVE}", UNPROVEN, OURS),
    Spelling("two headers, turned", f"From: {EVE}\r\nFrom: {AGENT}", STRANGER),
    Spelling("first header without address", f"From: Eve\r\nFrom: {AGENT}", UNPROVEN, OURS),
    # One address that looks like another
    Spelling("colleague as name", f'From: "Vera <{AGENT}>" <{EVE}>', STRANGER),
    Spelling("colleague as bare name", f"From: {AGENT} <{EVE}>", STRANGER),
    Spelling("outsider as name", f'From: "{EVE}" <{AGENT}>', UNPROVEN),
    Spelling("quoted local part", f'From: "{AGENT}"@evil.example.org', STRANGER),
    Spelling("quoted local part with blanks", f'From: "x {AGENT} "@evil.example.org', STRANGER),
    Spelling(
        "quoted local part of ours",
        'From: "agent_voice"@operator.example.com',
        STRANGER,
        OURS,
    ),
    Spelling("comment within the address", f"From: Vera <agent_voice(x)@{SERVER[3:]}>", UNPROVEN),
    Spelling("colleague as comment", f"From: {EVE} ({AGENT})", STRANGER),
    Spelling("colleague as comment before", f"From: ({AGENT}) {EVE}", STRANGER),
    Spelling("comment without end", f"From: {AGENT} (Vera", UNPROVEN, OURS),
    Spelling("quote without end", f'From: "Vera <{AGENT}>', UNPROVEN, OURS),
    Spelling("route", f"From: <@evil.example.org,@x.example:{AGENT}>", UNPROVEN, OURS),
    Spelling("word within the address", f"From: Vera <{word(AGENT)}>", UNPROVEN, OURS),
    Spelling(
        "word as local part",
        "From: Vera <=?utf-8?q?agent=5Fvoice?=@operator.example.com>",
        STRANGER,
        OURS,
    ),
    Spelling("trailing dot", f"From: Vera <{AGENT}.>", STRANGER, OURS),
    Spelling(
        "blank within the address", "From: Vera <agent_voice @operator.example.com>", UNPROVEN
    ),
    Spelling("NUL", f"From: Ve\0ra <{AGENT}>", UNPROVEN, OURS),
    Spelling("NUL in the address", "From: Vera <agent_voice\0@operator.example.com>", UNPROVEN),
    Spelling("bytes of no charset", f"From: V\udce9ra <{AGENT}>", UNPROVEN, OURS),
    Spelling(
        "look-alike letter", "From: Vera <\u0430gent_voice@operator.example.com>", STRANGER, OURS
    ),
    Spelling("wide letters", "From: Vera <agent_voice@\uff4fperator.example.com>", STRANGER, OURS),
    Spelling("punycode", "From: Vera <agent_voice@xn--pertor-7ve6i.example.com>", STRANGER),
    Spelling("similar domain", f"From: Vera <{AGENT}.evil.example.org>", STRANGER),
    # No address in From
    Spelling("Sender instead", f"From: Vera Voice\r\nSender: {AGENT}", UNPROVEN, OURS),
    Spelling("no From, but Sender", f"Sender: {AGENT}", UNPROVEN, OURS),
    Spelling("two Senders", f"From: {EVE}\r\nSender: {AGENT}\r\nSender: {EVE}", STRANGER),
    Spelling("Resent-From", f"From: {EVE}\r\nResent-From: {AGENT}", STRANGER),
    Spelling("Resent-From of the outsider", f"From: {AGENT}\r\nResent-From: {EVE}", UNPROVEN),
    Spelling("empty From", f"From: <>\r\nReply-To: {AGENT}", UNPROVEN, OURS),
    Spelling(
        "our own address, answers to the colleague",
        f"From: support@operator.example.com\r\nReply-To: {AGENT}",
        UNPROVEN,
        OURS,
    ),
]
