"""Parses one cell: missing value, number, boolean, date.

Standard library only, because endpoints import it. `tables.parse_polars` parses whole columns by the same patterns,
which therefore keep to the syntax that Python's and Rust's regular expressions share.
"""

import re
import zlib

# Cells that mean "no value".
MISSING = ("", "na", "n/a", "nan", "null", "none", "?", "-", "nat", "<na>", "#n/a")
TRUE, FALSE = ("true", "t", "yes", "y"), ("false", "f", "no", "n")
BLANK = " \t\n\r\x0b\x0c\xa0"  # stripped from both ends of a cell
NUMBER_PATTERN = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
NUMBER = re.compile(NUMBER_PATTERN)

MONEY = r"[ \t\xa0$€£¥₩₹]|USD|EUR|GBP|KRW|JPY|CHF"
GROUPS = r"[, \xa0'’_]"
DOTS = r"[. \xa0'’]"
CENTS = r"^[+-]?[0-9]{1,3}(\.[0-9]{3})*,[0-9]{1,2}$"
DOTTED = r"^[+-]?[0-9]{1,3}(\.[0-9]{3})+$"
UNIT = r"^([+-]?[0-9]+(?:\.[0-9]+)?)[^0-9.,]"

_SIGN = "(?:[$€£¥₩₹]|USD|EUR|GBP|KRW|JPY|CHF)"
# Patterns of cells that are not plain numbers; the first match names the fault.
FAULTS = (
    ("infinite", r"^[+-]?(?i:inf|infinity)$"),
    ("currency", rf"^[+-]?{_SIGN} ?[+-]?[0-9][0-9.,' ]*$|^[+-]?[0-9][0-9.,' ]* ?{_SIGN}$"),
    ("percent", r"^[+-]?[0-9][0-9.,]* ?%$"),
    ("thousands", r"^[+-]?[0-9]{1,3}([, '’_\xa0][0-9]{3})+(\.[0-9]+)?$"),
    ("comma", r"^[+-]?[0-9]+,[0-9]+$|^[+-]?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+$"),
    ("date", r"^[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([T ].*)?$|^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}([T ].*)?$"),
    ("alphanumeric", r"^[+-]?[0-9][0-9.]* ?[A-Za-z].*$"),
)  # fmt: skip
STYLED = ("currency", "percent", "thousands", "comma", "infinite")  # faults that are numbers in another format

_TIME = r"(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)? ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?$"
ISO = r"^([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})" + _TIME
DAY = r"^([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})" + _TIME  # day or month first, decided for a whole column
PARTS = ("days", "year", "month", "weekday", "hour")  # what a date becomes; days since 1970, Monday is 0
BITS = 16  # columns a hashed text becomes
BUCKETS = 1024  # codes a hashed category may have
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_missing(text: str) -> bool:
    """True if the cell means "no value"."""
    return text.strip(BLANK).lower() in MISSING


def is_number(text: str) -> bool:
    """True for a plain number."""
    return NUMBER.fullmatch(text.strip(BLANK)) is not None


def normalize_number(text: str, style: str = "") -> str:
    """`text` in the format `style` (recipe.NUMBERS) as a plain number; other text is returned unchanged."""
    text = text.strip(BLANK)
    if style == "currency":
        text = re.sub(MONEY, "", text)
        return _decimal(text) if re.search(CENTS, text) else text.replace(",", "").replace("'", "")
    if style == "percent":
        text = text.removesuffix("%").strip(BLANK)
        return text.replace(",", "") if "." in text else text.replace(",", ".")
    if style == "thousands":
        return re.sub(GROUPS, "", text)
    if style == "comma":
        return _decimal(text) if "," in text or re.search(DOTTED, text) else text
    if style == "unit":
        match = re.search(UNIT, text)
        return match[1] if match else text
    return text


def parse_number(text: str, style: str = "") -> float | None:
    """The finite number in `text` in the format `style`, or None."""
    text = normalize_number(text, style)
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) != float("inf") else None


def parse_boolean(text: str) -> bool | None:
    """True or False for words that mean so and for 1 and 0, else None."""
    text = text.strip(BLANK).lower()
    return True if text in (*TRUE, "1", "1.0") else False if text in (*FALSE, "0", "0.0") else None


def parse_timestamp(text: str, form: str) -> int | None:
    """Seconds since 1970 in UTC of a date in the format `form` (iso, dmy, mdy), or None."""
    match = re.search(ISO if form == "iso" else DAY, text.strip(BLANK))
    if not match:
        return None
    one, two, three = int(match[1]), int(match[2]), int(match[3])
    year, month, day = {"iso": (one, two, three), "dmy": (three, two, one), "mdy": (three, one, two)}[form]
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1] + (month == 2 and _leap(year)):
        return None
    hour, minute, second = int(match[4] or 0), int(match[5] or 0), int(match[6] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - _offset(match[7] or "")


def date_parts(when: int) -> tuple[int, int, int, int, int]:
    """PARTS of a timestamp in seconds since 1970, UTC."""
    day, rest = divmod(when, 86400)
    year, month = civil_from_days(day)
    return day, year, month, (day + 3) % 7, rest // 3600


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days since 1970 of a date (Howard Hinnant's days_from_civil)."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def civil_from_days(day: int) -> tuple[int, int]:
    """(year, month) of a day since 1970 (Howard Hinnant's civil_from_days)."""
    day += 719468
    era = day // 146097
    of_era = day - era * 146097
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted_month = (5 * of_year + 2) // 153
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    return year + era * 400 + (month <= 2), month


def hash32(text: str) -> int:
    """A 32-bit hash, stable across machines and versions: CRC-32 with MurmurHash3's finalizer."""
    h = zlib.crc32(text.encode())
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return h ^ (h >> 16)


def hash_bits(text: str) -> list[int]:
    """BITS values of -1 or 1; the vectors of different texts are nearly orthogonal."""
    h = hash32(text)
    return [1 if h >> i & 1 else -1 for i in range(BITS)]


def hash_bucket(text: str) -> int:
    """A category code from 0 to BUCKETS - 1."""
    return hash32(text) % BUCKETS


def _decimal(text: str) -> str:
    return re.sub(DOTS, "", text).replace(",", ".")


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _offset(zone: str) -> int:
    if not zone or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "")
    return (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 3600 + int(digits[2:]) * 60)
