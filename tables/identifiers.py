"""Which texts name rows by their nature, whatever their column is called: addresses, numbers of accounts, codes."""

from __future__ import annotations

import polars as pl

MIN_CELLS = 10  # fewer show no form
SHARE = 0.9  # of the cells have the one form
CELLS = 2000  # that are looked at
FEW = 3  # prefixes, such as C-10021 and S-10022
MIXED = 0.75  # of codes such as B07XJ8C8F5 have letters and digits; some have only one of them by chance
TURNS = 2.0  # between letters and digits in a code without a prefix, on average
DENSE = 10  # numbers behind a prefix that count rows leave out nine of ten at most

EMAIL = r"^[^\s@]+@[^\s@]+\.[^\s@]+$"
URI = r"^[A-Za-z][A-Za-z0-9+.-]*://\S+$"
ACCOUNT = r"^[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?$"  # IBAN
DIGEST = r"^\{?[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}\}?$|^(?:0x)?[0-9A-Fa-f]{16,}$"  # UUID, SHA-1
_FORMS = {"email": EMAIL, "uri": URI, "account": ACCOUNT, "code": DIGEST}
_DIGITS = r"^[0-9]{4,}$"
_DATES = r"^(?:[0-3][0-9][01][0-9]|[01][0-9][0-3][0-9])(?:19|20)[0-9]{2}$"  # 31122024
_GROUPED = r"^\+?\(?[0-9][0-9 ()/-]{7,}$"  # telephone numbers, numbers of persons
_DATE_LIKE = r"^(?:19|20)[0-9]{2}[ /-]?[01][0-9]"
_RANGE = r"^([0-9]+) ?[-/] ?([0-9]+)$"
_PREFIXED = r"^(?:#|\p{L}+)[-_/#\p{L}0 ]*0$"  # with 0 for digits that follow each other
_MIXED = r"^[\p{L}\p{N}_=+/-]{6,}$"


def identifier_form(cells: pl.Series) -> str:
    """What the texts of a column that are all different identify rows by: email, uri, account or code; "" for nothing.

    A code is a text of one form in nearly all rows that is no measurement: digits behind one of few prefixes, digits
    of one length, or letters and digits mixed without a blank. Names, sentences and streets with a number are none.
    """
    texts = cells.drop_nulls().str.strip_chars().head(CELLS)
    if len(texts) < MIN_CELLS:
        return ""
    for form, pattern in _FORMS.items():
        if texts.str.contains(pattern).mean() >= SHARE:  # type: ignore[operator]
            return form
    return "code" if _are_digits(texts) or _are_prefixed(texts) or _are_mixed(texts) else ""


def _are_digits(texts: pl.Series) -> bool:
    """True for digits alone, in groups or not, that all have one form and do not look like dates."""
    are_digits = texts.str.contains(_DIGITS) & ~texts.str.contains(_DATES)
    are_groups = texts.str.contains(_GROUPED) & ~texts.str.contains(_DATE_LIKE)
    are_digits = are_digits | are_groups
    if _share(are_digits) < SHARE or _commonest(texts.str.replace_all("[0-9]", "0")) < SHARE:
        return False
    low, high = (texts.str.extract(_RANGE, group).drop_nulls() for group in (1, 2))
    return not len(low) or bool(((low > high) | (low.str.len_chars() != high.str.len_chars())).any())


def _are_prefixed(texts: pl.Series) -> bool:
    """True for digits behind few different words or letters: of one length, or those that count rows."""
    shapes = texts.str.replace_all("[0-9]+", "0")
    is_prefixed = shapes.str.contains(_PREFIXED)
    if _share(is_prefixed) < SHARE or _commonest(shapes, FEW) < SHARE:
        return False
    if _commonest(texts.str.replace_all("[0-9]", "0"), FEW) >= SHARE:
        return True
    last = texts.filter(is_prefixed).str.extract("([0-9]{1,15})$").cast(pl.Int64)
    return int(last.max()) - int(last.min()) < DENSE * len(last)  # type: ignore[arg-type]


def _are_mixed(texts: pl.Series) -> bool:
    """True for codes of one length in which letters and digits take turns, unless digits with units such as 12h30m."""
    letters, digits = texts.str.contains(r"\p{L}"), texts.str.contains("[0-9]")
    if _share(texts.str.contains(_MIXED)) < SHARE or _share(letters & digits) < MIXED:
        return False
    if _commonest(texts.str.len_chars()) < SHARE:
        return False
    shapes = texts.str.replace_all("[0-9]+", "0")
    if shapes.str.starts_with("0").all() and _commonest(shapes, FEW) >= SHARE:
        return False
    bare = shapes.str.replace_all("[-_=+/]", "")
    turns = bare.str.count_matches(r"0\p{L}") + bare.str.count_matches(r"\p{L}0")
    return float(turns.mean()) >= TURNS  # type: ignore[arg-type]


def _share(matches: pl.Series) -> float:
    return float(matches.mean())  # type: ignore[arg-type]


def _commonest(texts: pl.Series, count: int = 1) -> float:
    """The share of the `count` commonest of `texts`."""
    return float(texts.value_counts(name="n")["n"].top_k(count).sum()) / len(texts)
