"""Contacts that a company knows, where record rules do not tell.

The mail gateway works as superuser. Who shares an address with several contacts is matched by
Odoo's order: followers of the record, then internal users, then portal users, then contacts of
the record's company, then contacts of no company, and among equals the one entered first.
"""


def is_known_to(company, partner):
    """Whether ``partner`` is a contact of ``company`` or of every company."""
    return not partner.company_id or partner.company_id in company.parent_ids


def known_to(companies, filter_found=None):
    """Filter for ``_partner_find_from_emails``: contacts that all of ``companies`` know.

    :param filter_found: another filter that a contact has to pass
    """

    def is_found(partner):
        return all(is_known_to(company, partner) for company in companies) and (
            not filter_found or filter_found(partner)
        )

    return is_found
