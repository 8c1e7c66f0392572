"""The registry of date spellings: patterns, month names, time zones, and what a column of them leaves open.

`tables.parse_scalar` reads single cells by it and `tables.parse_polars` whole columns. Standard library only, because
endpoints import it. Patterns keep to the syntax that Python's and Rust's regular expressions share.

A date is NUMERIC, with its parts in digits, or WRITTEN, with the name of a month, a quarter or the like. Only the order
of day, month and two-digit year is open, and whose calendar the years are of (DATE_FORMS); one column has one form.
"""

import re
from collections.abc import Iterable

from tables.month_names import MONTHS, ROMAN
from tables.spellings import SPACES

ORDERS = ("iso", "dmy", "mdy", "ymd")  # year first in four digits; day, month or two-digit year first
BUDDHIST = 543  # years that Thailand's calendar is ahead
ERA = "-be"  # behind an order: years of four digits are of the Buddhist era
DATE_FORMS = (*ORDERS, f"iso{ERA}", f"dmy{ERA}")
FIRST_YEAR = 1897  # of ours that such a date may have: a year that is not ahead is none of the calendar's
BUDDHIST_YEAR = r"(?:^|[^0-9])(?:24[4-9]|25[0-9]|26[0-3])[0-9](?:[^0-9]|$)"  # of 1897 to 2096
PIVOT = 69  # two-digit years from here on are of the 20th century, as POSIX has it

# Minutes east of UTC.
ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "cet": 60, "bst": 60, "west": 60, "cest": 120, "eet": 120, "sast": 120,
    "eest": 180, "msk": 180, "ist": 330, "ict": 420, "wib": 420, "hkt": 480, "sgt": 480, "jst": 540, "kst": 540,
    "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780, "brt": -180, "art": -180, "edt": -240, "est": -300,
    "cdt": -300, "cst": -360, "mdt": -360, "mst": -420, "pdt": -420, "pst": -480,
}  # fmt: skip
FORENOON = (
    "오전", "上午", "午前", "am", "a.m.", "a. m.", "a", "πμ", "π.μ.", "sa", "ص", "öö", "fm", "f.m.", "de.", "dop.",
    "дп", "до полудня", "ق.ظ", "ق.ظ.", "पूर्वाह्न", "ก่อนเที่ยง", "לפנה״צ", 'לפנה"צ',
)  # fmt: skip
AFTERNOON = (
    "오후", "下午", "午後", "pm", "p.m.", "p. m.", "p", "μμ", "μ.μ.", "ch", "م", "ös", "em", "e.m.", "du.", "odp.",
    "пп", "после полудня", "ب.ظ", "ب.ظ.", "अपराह्न", "หลังเที่ยง", "אחה״צ", 'אחה"צ',
)  # fmt: skip


def _either(words: Iterable[str]) -> str:
    """A pattern of any of `words`, small or all capitals or with a capital first."""
    spelled = {spelling for word in words for spelling in (word, word.upper(), word.capitalize())}
    return "|".join(sorted(map(re.escape, spelled), key=len, reverse=True))


_BEFORE = "오전|오후|上午|下午|午前|午後"
_BEHIND = _either(word for word in (*FORENOON, *AFTERNOON) if word not in (*_BEFORE.split("|"), "a", "p"))
_ZONE = "|".join(sorted({name.upper() for name in ZONES}, key=len, reverse=True))
# What people write between a day and its time.
_AT = r"at|um|kl\.?|klo|à|às|a las|alle(?: ore)?|om|в|о|u|lúc|saat|ώρα|בשעה|-|–"
_AFTER = r"Uhr|uur|óra|ч\.?|год\.?|hr?s?\.?"  # and behind it
_POINT = r"(?:[:.]| ?h ?)"  # between hour and minute
# Groups: forenoon or afternoon, hour, minute, second, forenoon or afternoon again, zone.
TIME = (
    rf"(?:(?:T| +|, *| (?:{_AT}) )(?:({_BEFORE}) ?)?([0-9]{{1,2}})(?:(?:{_POINT}([0-9]{{2}})"
    rf"(?:[:.]([0-9]{{1,2}})(?:[.,][0-9]+)?)?)|[시時时点點](?: ?([0-9]{{1,2}})[분分](?: ?([0-9]{{1,2}})[초秒])?)?)"
    rf"(?: ?({_BEHIND}))?(?: ?(?:{_AFTER}))?"
    rf" ?((?:GMT|UTC)?[+-][0-9]{{2}}(?::?[0-9]{{2}})?|{_ZONE}|z)?(?: \([^()]*\))?)?$"
)
# Before a date in digits; before one with a month's name any word may stand.
_WEEKDAYS = (
    "mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday tues thur thurs mo di mi "
    "do fr "
    "sa so montag dienstag mittwoch donnerstag freitag samstag sonntag lun mar mer jeu ven sam dim lundi mardi "
    "mercredi "
    "jeudi vendredi samedi dimanche mié mie jue vie sáb sab dom lunes martes miércoles jueves viernes sábado domingo "
    "seg ter qua qui sex segunda terça quarta quinta sexta gio lunedì martedì mercoledì giovedì venerdì sabato "
    "domenica "
    "ma wo vr za zo må ti on to lö sö пн вт ср чт пт сб вс pn wt śr czw pt nd pzt sal çar per cum cmt paz"
)
_DAYS = _either(_WEEKDAYS.split())
_BEGIN = rf"^(?:(?:{_DAYS}|[월화수목금토일月火水木金土日])\.?,? ?|[(（][^)）]{{1,3}}[)）] ?)?"
_WEEKDAY = r"(?: ?[(（][^)）]{1,3}[)）])?"
_DATE = r"([0-9]{4})(?:[-/._]|[년年]) ?([0-9]{1,2})(?:[-/._]|[월月]) ?([0-9]{1,2})(?:\.|[일日号])?"
YEAR_FIRST = _BEGIN + _DATE + _WEEKDAY + TIME
YEAR_LAST = _BEGIN + r"([0-9]{1,2})[-/.] ?([0-9]{1,2})[-/.] ?([0-9]{4}|[0-9]{2})\.?" + _WEEKDAY + TIME
NUMERIC = (YEAR_FIRST, YEAR_LAST)
# What puts the parts of a date into the order of the patterns, as rules of `tables.number_spellings`.
REORDERED = (
    (
        r"^\[|^[0-9]{1,2}:|\]$|UTC$|[期週周][一二三四五六日天]|日[0-9]|[0-9]{4} [+-][0-9]{4}$"
        r"|[0-9][-_][0-9]{2}:[0-9]{2}:",
        (
            (r"^\[([0-9][^\[\]]*)\]$", "${1}"),  # of a log
            (r"((?:Z|[+-][0-9]{2}:?[0-9]{2}))\[[A-Za-z_/]+\]$", "${1}"),  # Java's name of a zone behind its offset
            (r" Etc/UTC$", " UTC"),
            (r"([0-9])[-_]([0-9]{2}:[0-9]{2}:[0-9]{2})", "${1} ${2}"),  # with seconds: -05:00 is a zone
            (r"^([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?),? +([0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4})$", "${2} ${1}"),
            (r"([0-9日号]) ?[(（]?(?:星期|週|周)[一二三四五六日天][)）]?", "${1}"),
            (r"日([0-9])", "日 ${1}"),
            (r"([0-9:]{8}) ([0-9]{4}) ([+-][0-9]{4})$", "${1} ${3} ${2}"),  # Git's year before the zone
        ),
    ),
)

# Eras by which years are counted in Japan and Taiwan, and the year before each one's first.
ERAS = {
    "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018, "m": 1867, "t": 1911, "s": 1925, "h": 1988,
    "r": 2018, "民國": 1911, "民国": 1911,
}  # fmt: skip

# Written dates in lower case. Groups are named: y, e (era), m (digits), n (a month's name), d, q (quarter), f (half of
# a year), w (week), k (weekday of a week), s (seconds since 1970), r (a month in Roman figures), t (a year of Taiwan),
# and those of the time of day.
_NAME = rf"(?P<n>[^{SPACES}0-9./,'()-]+(?:\.[คพย])?)\.?"
_YEAR = r"'?(?P<y>[0-9]{4}|[0-9]{2})"
_DAY = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th|er|º|ª|\.)?"
_LEAD = rf"^(?:[^{SPACES}0-9,]+,? (?:den |le |el )?)??"  # a weekday
_CLOCK = (
    rf"(?:(?:t| +|, *|:| (?:{_AT.lower()}) )(?P<a>{_BEFORE})? ?(?P<h>[0-9]{{1,2}}){_POINT}(?P<i>[0-9]{{2}})"
    rf"(?:[:.](?P<sec>[0-9]{{1,2}})(?:[.,][0-9]+)?)?(?: ?(?P<b>{_BEHIND.lower()}))?(?: ?(?:{_AFTER.lower()}))?"
    rf" ?(?P<z>(?:gmt|utc)?[+-][0-9]{{2}}:?[0-9]{{2}}|{_ZONE.lower()})?(?: \([^()]*\))?)?$"
)
_NTH = r"(?:st|nd|rd|th|er|e|º|°|-?[йі]|\.)?"
_QUARTER = r"кв\.?|квартал[уа]?|kvartal|kwartał|quarter|quartal|trimestre|trim\.?|čtvrtletí|kvartál"
WRITTEN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_LEAD}{_DAY}[-/ .,]*(?:de |d['’]|of )?{_NAME}[-/ .,]*(?:de |del )?{_YEAR}"
        rf"(?:\.| ?(?:г|года|р|року)\.?)?{_CLOCK}",
        rf"{_LEAD}{_NAME}[-/ .]*{_DAY}(?:,|[-/ ])+{_YEAR}{_CLOCK}",
        rf"^(?P<y>[0-9]{{4}})[-/ .,]*{_NAME}[-/ .]*{_DAY}{_CLOCK}",
        rf"^[^{SPACES}0-9]+ {_NAME} +{_DAY} (?P<h>[0-9]{{1,2}}):(?P<i>[0-9]{{2}}):(?P<sec>[0-9]{{2}}) "
        rf"(?:(?P<z>{_ZONE.lower()}|[+-][0-9]{{4}}) )?(?P<y>[0-9]{{4}})$",
        rf"^{_NAME}(?:[-/ ,]*|,? de ){_YEAR}$",
        rf"^(?P<d>[0-9]{{1,2}})[-/. ]+(?P<r>{'|'.join(ROMAN)})[-/. ]+(?P<y>[0-9]{{4}}){_CLOCK}",
        r"^(?P<y>[0-9]{2})[년年] ?(?P<m>[0-9]{1,2})[월月] ?(?P<d>[0-9]{1,2})[일日号]?$",
        r"^'(?P<y>[0-9]{2})[-/.] ?(?P<m>[0-9]{1,2})[-/.] ?(?P<d>[0-9]{1,2})\.?$",
        r"^(?P<t>1[0-4][0-9])[/.年] ?(?P<m>[0-9]{1,2})[/.月] ?(?P<d>[0-9]{1,2})日?$",
        r"^(?P<y>[0-9]{4}) оны? (?P<m>[0-9]{1,2}) (?:дугаар |дүгээр |-р )?сарын (?P<d>[0-9]{1,2})(?:-?н[ыиэ]й?)?$",
        rf"^(?P<y>[0-9]{{4}})[-/ .]{_NAME}$",
        r"^(?P<y>[0-9]{4})(?:[-/]|[년年] ?)(?P<m>[0-9]{1,2})[월月]?$",
        r"^(?P<m>[0-9]{1,2})[-/](?P<y>[0-9]{4})$",
        r"^(?P<y>[0-9]{4})[-/ ]?q(?P<q>[1-4])$",
        r"^(?P<y>[0-9]{4})[-/ ]?t(?P<q>[1-4])$",
        r"^[qt](?P<q>[1-4])[-/ ']?(?P<y>[0-9]{4}|[0-9]{2})$",
        r"^(?P<q>[1-4])[qt][-/ ']?(?P<y>[0-9]{4}|[0-9]{2})$",
        r"^(?P<y>[0-9]{4})[년年]? ?[제第]? ?(?P<q>[1-4]) ?(?:분기|季度|四半期)$",
        rf"^(?P<q>[1-4]|iv|i{{1,3}}){_NTH} ?(?:{_QUARTER})(?: of| de)? ?(?P<y>[0-9]{{4}})(?: ?[гр]\.?)?$",
        r"^(?P<t>1[0-4][0-9])(?:年?第|-?q)(?P<q>[1-4])季?$",
        r"^(?P<y>[0-9]{4})m(?P<m>0[1-9]|1[0-2])$",
        r"^(?P<y>[0-9]{4})-?w(?P<w>[0-5][0-9])(?:-?(?P<k>[1-7]))?$",
        r"^(?P<y>[0-9]{4})[년年] ?[제第]? ?(?P<w>[0-9]{1,2}) ?[주週周]차?$",
        r"^kw ?(?P<w>[0-9]{1,2})[-/ ]+(?P<y>[0-9]{4})$",
        r"^(?P<y>[0-9]{4})[-/ ]?[hs](?P<f>[12])$",
        r"^[hs](?P<f>[12])[-/ ']?(?P<y>[0-9]{4})$",
        r"^(?P<f>[12])[hs][-/ ']?(?P<y>[0-9]{4})$",
        r"^(?P<e>明治|大正|昭和|平成|令和|民[國国]|[mtshr])\.? ?(?P<y>元|[0-9]{1,3})[-/.年] ?(?P<m>[0-9]{1,2})[-/.月] ?"
        rf"(?P<d>[0-9]{{1,2}})日?{_WEEKDAY}{_CLOCK}",
        r"^(?:ngày )?(?P<d>[0-9]{1,2}) (?:tháng|thg\.?) (?P<m>[0-9]{1,2})(?:,| năm)? ?(?P<y>[0-9]{4})$",
        rf"^(?P<y>[0-9]{{4}}) m\. {_NAME} {_DAY} ?d\.?$",
        rf"^(?P<y>[0-9]{{4}})\. gada {_DAY} {_NAME}$",
        r"^/date\((?P<s>[0-9]{10})[0-9]{3}(?:[+-][0-9]{4})?\)/$",
        r"^(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"
        r"(?:[t _-]?(?P<h>[0-9]{2}):?(?P<i>[0-9]{2})(?::?(?P<sec>[0-9]{2}))?(?P<z>z)?)?$",
        r"^(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})_(?P<h>[0-9]{2})-(?P<i>[0-9]{2})(?:-(?P<sec>[0-9]{2}))?$",
        r"^(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})(?P<h>[0-9]{2})$",
        r"^(?P<s>[0-9]{10})(?:\.[0-9]+|[0-9]{3})?$",
    )
)
# One of them, without names of groups: a column is looked through by it before its dates are read one by one.
ANY_WRITTEN = "|".join(re.sub(r"\?P<[a-z]+>", "?:", pattern.pattern) for pattern in WRITTEN)
MAX_WRITTEN = 90  # characters of a written date, at most
NAMES = tuple(MONTHS)
# What a written date without one of NAMES has, in lower case; cells without either are not tried.
CANDIDATE = "|".join(
    (
        r"[qt][1-4]|[1-4][qt]|분기|季度|四半期|[0-9]-?w[0-5]",
        r"[0-9] ?[주週周]차?$|^kw ?[0-9]|[0-9][-/ ]?[hs][12]$|^(?:[hs][12]|[12][hs])[-/ ']?[0-9]{4}$",
        rf"^(?:[1-4]|iv|i{{1,3}}){_NTH} ?(?:{_QUARTER})|^[0-9]{{4}}m[01][0-9]$|^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}_[0-9]",
        r"^(?:明治|大正|昭和|平成|令和|民[國国]|[mtshr])\.? ?[0-9元]|[0-9] (?:tháng|thg\.?) [0-9]|^/date\(| сарын ",
        r"^[0-9]{1,2}[-/. ]+[ivx]{1,4}[-/. ]+[0-9]{4}|^'?[0-9]{2,3}[-/.년年]",
        r"^[0-9]{4}[-/][0-9]{1,2}$|^[0-9]{1,2}[-/][0-9]{4}$|^[0-9]{4}[년年] ?[0-9]{1,2}[월月]$",
        r"^[0-9]{8}(?:[t _-]?[0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?z?)?$|^[0-9]{10}(?:\.[0-9]+|[0-9]{3})?$",
    )
)
