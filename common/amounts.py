"""Formats amounts for a person: US dollars and lengths of time."""

from common.messages import Message, _, gettext_noop

_DAYS, _HOURS = gettext_noop("%(n)d d"), gettext_noop("%(n)d h")
_MINUTES, _SECONDS = gettext_noop("%(n)d min"), gettext_noop("%(n)d s")


def money(amount: float | None) -> str:
    """US dollars with two decimals; an amount that would round to nothing says so."""
    if amount is None:
        return "-"
    if 0 < amount < 0.01:
        return _("under $0.01")
    return f"${amount:,.2f}"


def rate(amount: float | None) -> str:
    """US dollars as price lists write them: two decimals at least, four at most."""
    if amount is None:
        return "-"
    return f"${amount:,.2f}" if round(amount, 2) == amount else f"${amount:,.4f}".rstrip("0")


def duration(seconds: float | None) -> str:
    """Seconds in the two largest units: "41 s", "6 min 12 s", "2 h 5 min", "3 d 4 h"."""
    if seconds is None:
        return "-"
    seconds = max(0, round(seconds))
    minutes, s = divmod(seconds, 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24)
    parts = [(days, _DAYS), (h, _HOURS), (m, _MINUTES), (s, _SECONDS)]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    texts = [_(words, n=value) for value, words in parts[:2] if value or len(parts) == 1]
    return (
        texts[0]
        if len(texts) == 1
        else Message.render("%(larger)s %(smaller)s", {"larger": texts[0], "smaller": texts[1]})
    )
