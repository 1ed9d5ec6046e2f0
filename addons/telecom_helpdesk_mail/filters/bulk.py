"""Newsletters and mailing lists."""

import re

from .automatic import MASS

# Headers that only senders of campaigns set.
CAMPAIGN = (
    *("feedback-id", "x-campaign", "x-campaignid", "x-campaign-id", "x-mc-user", "x-mailgun-tag"),
    *(
        "x-csa-complaints",
        "x-sg-eid",
        "x-job",
        "x-mailer-recptid",
        "x-sendgrid-eid",
        "x-rpcampaign",
    ),
    *("x-mandrill-user", "x-hubspot-correlation-id", "x-ccm-campaign", "x-mailjet-campaign"),
)
MAILTO = re.compile(r"<\s*mailto:([^?>\s]+@[^?>\s]+)", re.IGNORECASE)


def find_bulk(parsed):
    """``automatic`` "bulk" for what is sent to thousands; ``list_address`` of a discussion list.

    People write to a list (List-Post, RFC 2369; List-Id, RFC 2919), whose members want no answers
    from robots. A newsletter can be left with a click (List-Unsubscribe-Post, RFC 8058) and is
    counted by whoever sends it. ``Precedence: bulk`` is one sign among others: alone it is often
    what a supplier's ticket system sets in what people write.
    """
    headers = parsed.headers
    precedence = parsed.keyword("Precedence")
    hints = {}
    posting = MAILTO.search(parsed.header("List-Post"))
    if posting:
        hints["list_address"] = posting[1].lower()
    is_mass = precedence in MASS
    is_list = precedence == "list" or "list-post" in headers or "list-id" in headers
    can_be_left = "list-unsubscribe" in headers
    is_campaign = "list-unsubscribe-post" in headers or any(name in headers for name in CAMPAIGN)
    if is_list or can_be_left or is_mass:
        hints["no_acknowledgement"] = True
    if not posting and (
        (can_be_left and is_campaign) or (is_mass and (is_list or can_be_left or is_campaign))
    ):
        hints["automatic"] = "bulk"
    return hints
