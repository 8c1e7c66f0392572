"""Parses one cell by the registry of spellings: missing value, number, boolean, date.

Standard library only, because endpoints import it. `tables.parse_polars` parses whole columns by the same patterns,
which therefore keep to the syntax that Python's and Rust's regular expressions share.
"""

import re
from collections.abc import Callable
from functools import cache

from tables.date_spellings import (
    AFTERNOON,
    BUDDHIST,
    ERA,
    ERAS,
    FIRST_YEAR,
    MAX_WRITTEN,
    MONTHS,
    NUMERIC,
    PIVOT,
    REORDERED,
    WRITTEN,
    YEAR_FIRST,
    YEAR_LAST,
    ZONES,
)  # fmt: skip
from tables.month_names import ROMAN, SPACED, THAI
from tables.number_spellings import BEFORE_COMMON, CLOSING, COMMON, FAULTS, PADDED, STYLES, TRANSLATED
from tables.spellings import BLANK, MARKER_PATTERN, MARKERS, MISSING

TRUE, FALSE = ("true", "t", "yes", "y"), ("false", "f", "no", "n")
NUMBER_PATTERN = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
NUMBER = re.compile(NUMBER_PATTERN)
WHOLE = re.compile(r"[+-]?[0-9]+(\.0*)?")
MAX_DIGITS = 40  # of a whole number that is a label
EXACT = 1e15  # float64 holds whole numbers up to here

MARKER = "marker"  # the fault of a cell that `is_marker`
STYLED = ("currency", "percent", "thousands", "comma", "scale", "bound", "accounting", "notation", "change", "infinite")

BEFORE, DATED = "before ", "dated"
_RULES = {"": COMMON, DATED: REORDERED, **STYLES, **{BEFORE + style: rules for style, rules in BEFORE_COMMON.items()}}
PARTS = ("days", "year", "month", "weekday", "hour")  # what a date becomes; days since 1970, Monday is 0
_TRANSLATED = str.maketrans(TRANSLATED)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_missing(text: str) -> bool:
    """True if the cell means "no value"."""
    return text.strip(BLANK).lower() in MISSING


def is_marker(text: str) -> bool:
    """True if the cell means "no value" in a column of numbers or dates; in one of words it is a word."""
    text = text.strip(BLANK)
    return text.lower() in MARKERS or re.search(MARKER_PATTERN, text) is not None


def classify_fault(text: str) -> str:
    """What keeps a stripped cell from being a plain number: MARKER, one of FAULTS, "accounting", "notation" or "text".

    Those of STYLED are numbers.
    """
    if is_marker(text):
        return MARKER
    plain = _common(text)
    if NUMBER.fullmatch(plain):
        return "text" if re.search(PADDED, plain) else "accounting" if re.search(CLOSING, text) else "notation"
    return next((name for name, pattern in FAULTS if re.search(pattern, plain)), "text")


def is_number(text: str) -> bool:
    """True for a plain number."""
    return NUMBER.fullmatch(text.strip(BLANK)) is not None


def normalize_number(text: str, style: str = "") -> str:
    """`text` in the format `style` (recipe.NUMBERS) as a plain number; other text is returned changed or unchanged."""
    text = text.strip(BLANK)
    if not style:
        return text
    if style in BEFORE_COMMON:
        text = _rewrite(text, BEFORE + style)
    return _rewrite(_common(text), style)


def _common(text: str) -> str:
    return _rewrite(text if text.isascii() else text.translate(_TRANSLATED).strip(BLANK), "")


def _rewrite(text: str, style: str) -> str:
    """`text` after the rules of `style`, after those of COMMON for "", of BEFORE_COMMON with BEFORE in front."""
    for is_needed, substitutions in _compiled(style):
        if is_needed(text):
            for substitute, replacement in substitutions:
                text = substitute(replacement, text)
    return text


@cache
def _compiled(style: str) -> list[tuple[Callable, list[tuple[Callable, str]]]]:
    """The rules of a style as functions, for a look at Python's own cache of patterns costs more than most matches."""
    return [
        (
            re.compile(needed).search,
            [(re.compile(p).sub, r.replace("${", r"\g<").replace("}", ">")) for p, r in substitutions],
        )
        for needed, substitutions in _RULES[style]
    ]


def parse_number(text: str, style: str = "") -> float | None:
    """The finite number in `text` in the format `style`, or None."""
    text = normalize_number(text, style)
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) != float("inf") else None


def number_label(text: str) -> str:
    """A plain number as a label: whole ones to the last digit, others in 12 significant digits; "" for no number.

    So 1 and 1.0 are one label, and two numbers of 13 digits are two.
    """
    if len(text) <= MAX_DIGITS and WHOLE.fullmatch(text):
        return str(int(text.partition(".")[0]))
    value = parse_number(text)
    if value is None:
        return ""
    return str(int(value)) if value == int(value) and abs(value) < EXACT else f"{value:.12g}"


def parse_boolean(text: str) -> bool | None:
    """True or False for words that mean so and for 1 and 0, else None."""
    text = text.strip(BLANK).lower()
    return True if text in (*TRUE, "1", "1.0") else False if text in (*FALSE, "0", "0.0") else None


def is_date(text: str) -> bool:
    """True for a stripped cell in one of the date patterns; one in digits need not be a valid date."""
    text = _dated(text)
    if any(re.search(pattern, text) for pattern in NUMERIC):
        return True
    return parse_written_date(text, 0, BUDDHIST) is not None


def parse_timestamp(text: str, form: str) -> int | None:
    """Seconds since 1970 in UTC of a date, or None; `form` (DATE_FORMS) is the order of parts that are open."""
    text, order = _dated(text.strip(BLANK)), form.removesuffix(ERA)
    ahead = BUDDHIST if form != order else 0
    match = re.search(YEAR_FIRST, text)
    if match:
        year, month, day = int(match[1]) - ahead, int(match[2]), int(match[3])
    else:
        match = re.search(YEAR_LAST, text)
        if not match:
            return parse_written_date(text, ahead)
        one, two, three = int(match[1]), int(match[2]), int(match[3])
        if order == "iso" or (order == "ymd" and len(match[3]) == 4):
            return None
        year, month, day = {"dmy": (three, two, one), "mdy": (three, one, two), "ymd": (one, two, three)}[order]
        year += -ahead if len(match[3]) == 4 else 1900 if year >= PIVOT else 2000
    if ahead and year < FIRST_YEAR:
        return None
    clock = int(match[5] or 0), int(match[6] or match[8] or 0), int(match[7] or match[9] or 0)
    return _timestamp(year, month, day, match[4] or match[10] or "", *clock, zone=match[11] or "")


def _dated(text: str) -> str:
    """`text` with the digits, blanks and dashes of a date in ASCII, and its parts in the order of the patterns."""
    return _rewrite(text if text.isascii() else text.translate(_TRANSLATED), DATED)


def parse_written_date(text: str, *ahead: int) -> int | None:
    """Seconds since 1970 in UTC of a date with the name of a month, a quarter or the like, or None.

    Years of four digits are ahead of ours by the first of `ahead` that makes a date of the first pattern that can.
    """
    return parse_candidate(text.lower(), *ahead) if len(text) <= MAX_WRITTEN else None


def parse_candidate(text: str, *ahead: int) -> int | None:
    """`parse_written_date` of a short text in lower case."""
    for name, joined in SPACED.items():
        text = text.replace(name, joined)
    for pattern in WRITTEN:
        if match := pattern.search(text):
            parts = match.groupdict()
            for years in ahead:
                if (when := _written(parts, years)) is not None:
                    return when
    return None


def _written(part: dict[str, str | None], ahead: int) -> int | None:
    if seconds := part.get("s"):
        return int(seconds)
    text = part.get("y") or part.get("t") or ""
    if era := part.get("e"):
        year = ERAS[era] + (1 if text == "元" else int(text))
    elif part.get("t"):
        year = int(text) + ERAS["民國"]
    elif len(text) == 2 and part.get("n") in THAI:
        year = int(text) + 2500 - BUDDHIST
    else:
        year = int(text) + (-ahead if len(text) == 4 else 1900 if int(text) >= PIVOT else 2000)
    if ahead and year < FIRST_YEAR:
        return None
    if week := part.get("w"):
        first = days_from_civil(year, 1, 4)
        monday = first - (first + 3) % 7 + 7 * (int(week) - 1)
        return (monday + int(part.get("k") or 1) - 1) * 86400 if 1 <= int(week) <= 53 else None
    if quarter := part.get("q"):
        month = 3 * (ROMAN.get(quarter) or int(quarter)) - 2
    elif half := part.get("f"):
        month = 6 * int(half) - 5
    else:
        month = MONTHS.get(part.get("n") or "", 0) or ROMAN.get(part.get("r") or "", 0) or int(part.get("m") or 0)
    clock = [int(part.get(name) or 0) for name in ("h", "i", "sec")]
    noon = part.get("a") or part.get("b") or ""
    return _timestamp(year, month, int(part.get("d") or 1), noon, *clock, zone=part.get("z") or "")


def _timestamp(
    year: int, month: int, day: int, noon: str, hour: int = 0, minute: int = 0, second: int = 0, *, zone: str = ""
) -> int | None:
    """Seconds since 1970 in UTC, None for a day or a time that does not exist. `noon` says before or after noon.

    24:00 is the midnight at the end of the day.
    """
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1] + (month == 2 and _leap(year)):
        return None
    if noon and hour <= 12:
        hour = hour % 12 + 12 * (noon.lower() in AFTERNOON)
    if (hour > 23 and (hour, minute, second) != (24, 0, 0)) or minute > 59 or second > 59:
        return None
    return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - zone_offset(zone)


def zone_offset(zone: str) -> int:
    """Seconds east of UTC of +09:00, +0900, +09 or one of ZONES."""
    zone = zone.lower()
    if zone[3:] and zone[:3] in ("gmt", "utc"):
        zone = zone[3:]
    if not zone or zone[0] not in "+-":
        return 60 * ZONES.get(zone, 0)
    digits = zone[1:].replace(":", "")
    return (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60)


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


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
