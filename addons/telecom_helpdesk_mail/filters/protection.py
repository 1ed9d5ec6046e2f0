"""Signed and encrypted mails: S/MIME (RFC 8551) and PGP (RFC 3156)."""

from .parsed_mail import set_filename
from .text import payload_bytes

# Object identifier 1.2.840.113549.1.7.2 (RFC 5652, section 5), in DER.
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
SMIME = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
SMIME_SIGNATURE = {"application/pkcs7-signature", "application/x-pkcs7-signature"}
NAMES = {
    **dict.fromkeys(SMIME, "smime.p7m"),
    **dict.fromkeys(SMIME_SIGNATURE, "smime.p7s"),
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "version.txt",
}


def find_protection(parsed):
    """``protected``: encrypted, and how; ``keep_original``: its bytes are evidence."""
    hints = {}
    encrypted_pgp = False
    for part in list(parsed.parts):
        if part.attached:
            continue
        kind = part.kind
        if kind in SMIME:
            hints["keep_original"] = True
            if not _is_signed_data(part):
                hints["protected"] = "S/MIME"
        elif kind == "multipart/encrypted":
            hints.update(keep_original=True, protected="PGP")
            encrypted_pgp = True
        elif kind == "multipart/signed":
            hints["keep_original"] = True
        if part.is_leaf and not part.filename:
            if kind in NAMES:
                set_filename(part.message, NAMES[kind])
                parsed.changed()
            elif encrypted_pgp and kind == "application/octet-stream":
                set_filename(part.message, "encrypted.asc")
                parsed.changed()
    return hints


def _is_signed_data(part):
    """Whether the text of a pkcs7-mime part can be read: only signed, or certificates."""
    declared = part.header("Content-Type").lower()
    if "smime-type" in declared:
        return "enveloped" not in declared
    return SIGNED_DATA in payload_bytes(part.message)[:64]
