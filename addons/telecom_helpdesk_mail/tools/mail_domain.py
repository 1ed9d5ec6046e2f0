"""Domains of mail addresses."""

# Anybody may have an address there: it says nothing about an employer.
PUBLIC_PROVIDERS = """
    aol.com bbox.fr bluewin.ch email.com fastmail.com free.fr freenet.de gmail.com gmx.at gmx.ch
    gmx.com gmx.de gmx.fr gmx.net googlemail.com hotmail.com hotmail.de hotmail.fr icloud.com
    laposte.net live.com live.de live.fr mac.com mail.com mail.ru mailbox.org me.com msn.com
    neuf.fr numericable.fr orange.fr outlook.com outlook.de outlook.fr posteo.de proton.me
    protonmail.com sfr.fr skynet.be t-online.de tutanota.com vodafone.de wanadoo.fr web.de
    yahoo.com yahoo.de yahoo.fr yandex.ru ymail.com zoho.com
"""


def get_company_domain(address):
    """Domain of a normalized address, or "" where it is that of a public provider.

    >>> get_company_domain("jane@globex.example")
    'globex.example'
    >>> get_company_domain("jane@gmail.com")
    ''
    """
    domain = (address or "").rpartition("@")[2].lower()
    return "" if domain in PUBLIC_PROVIDERS.split() else domain
