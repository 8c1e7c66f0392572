"""The key to the live stream: signed with the console's secret, so the stream needs no database and no session."""

from django.core import signing

HOURS = 12
_signer = signing.TimestampSigner(salt="sagewright.live")


def issue(user_id: int) -> str:
    return _signer.sign(str(user_id))


def verify(token: str) -> int | None:
    """The user the token was issued to; None when it is forged or older than 12 hours."""
    try:
        return int(_signer.unsign(token, max_age=HOURS * 3600))
    except (signing.BadSignature, ValueError):
        return None
