"""The registry of date spellings: patterns, month names, time zones, and what a column of them leaves open.

`tables.parse_scalar` reads single cells by it and `tables.parse_polars` whole columns. Standard library only, because
endpoints import it. Patterns keep to the syntax that Python's and Rust's regular expressions share.

A date is NUMERIC, with its parts in digits, or WRITTEN, with the name of a month, a quarter or the like. Only the order
of day, month and two-digit year is open, and whose calendar the years are of (DATE_FORMS); one column has one form.
"""

import re

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
AFTERNOON = ("오후", "下午", "午後", "pm", "p.m.", "p. m.", "p")
_BEFORE = "오전|오후|上午|下午|午前|午後"
_BEHIND = r"AM|PM|am|pm|Am|Pm|A\.M\.|P\.M\.|a\.m\.|p\.m\.|a\. m\.|p\. m\."
_ZONE = "|".join(sorted({name.upper() for name in ZONES}, key=len, reverse=True))
# Groups: forenoon or afternoon, hour, minute, second, forenoon or afternoon again, zone.
TIME = (
    rf"(?:(?:T| +|, *)(?:({_BEFORE}) ?)?([0-9]{{1,2}})(?:[:h]|[시時时点] ?)([0-9]{{2}})"
    rf"(?:(?::|[분分] ?)([0-9]{{1,2}})(?:[.,][0-9]+)?[초秒]?)?[분分]? ?({_BEHIND})?"
    rf" ?({_ZONE}|z|[+-][0-9]{{2}}(?::?[0-9]{{2}})?)?)?$"
)
_WEEKDAY = r"(?: ?[(（][^)）]{1,3}[)）])?"
YEAR_FIRST = (
    r"^([0-9]{4})(?:[-/._]|[년年]) ?([0-9]{1,2})(?:[-/._]|[월月]) ?([0-9]{1,2})(?:\.|[일日号])?" + _WEEKDAY + TIME
)
YEAR_LAST = r"^([0-9]{1,2})[-/.] ?([0-9]{1,2})[-/.] ?([0-9]{4}|[0-9]{2})\.?" + _WEEKDAY + TIME
NUMERIC = (YEAR_FIRST, YEAR_LAST)

_MONTHS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb march april may june july aug sept oct nov dec",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jän feb mär apr mai jun jul aug sep okt nov dez",
    "jänner feber mrz apr mai jun jul aug sept okt nov dez",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago set oct nov dic",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "jan feb mar apr maj jun jul aug sep okt nov dec",
    "januar februar marts april maj juni juli august september oktober november desember",
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
    "marraskuuta joulukuuta",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "ledna února března dubna května června července srpna září října listopadu prosince",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
    "янв февр март апр мая июня июля авг сент окт нояб дек",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "oca şub mar nis may haz tem ağu eyl eki kas ara",
    "januari februari maret april mei juni juli agustus september oktober november desember",
    "jan feb mar apr mei jun jul agu sep okt nov des",
    "január február március április május június július augusztus szeptember október november december",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου "
    "δεκεμβρίου",
    "ιαν φεβ μαρ απρ μαΐ ιουν ιουλ αυγ σεπ οκτ νοε δεκ",
    "jan febr márc ápr máj jún júl aug szept okt nov dec",
    "jan feb mar apr maj jun jul avg sep okt nov dec",
    "januar februar marec april maj junij julij avgust september oktober november december",
    "januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra",
    "януари февруари март април май юни юли август септември октомври ноември декември",
    "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",
    "janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris decembris",
    "jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember",
    "janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember",
    "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר",
    "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
    "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
    "ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค",
)
MONTHS = {name: month for names in _MONTHS for month, name in enumerate(names.split(), 1)}
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii"
MONTHS |= {name: month for month, name in enumerate(_ROMAN.split(), 1)}
# Eras by which years are counted in Japan and Taiwan, and the year before each one's first.
ERAS = {
    "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018, "m": 1867, "t": 1911, "s": 1925, "h": 1988,
    "r": 2018, "民國": 1911, "民国": 1911,
}  # fmt: skip

# Written dates in lower case. Groups are named: y, e (era), m (digits), n (a month's name), d, q (quarter), f (half of
# a year), w (week), k (weekday of a week), s (seconds since 1970), and those of the time of day.
_NAME = rf"(?P<n>[^{SPACES}0-9./,'()-]+(?:\.[คพย])?)\.?"
_YEAR = r"'?(?P<y>[0-9]{4}|[0-9]{2})"
_DAY = r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th|er|º|ª|\.)?"
_LEAD = rf"^(?:[^{SPACES}0-9,]+,? )??"  # a weekday
_CLOCK = (
    rf"(?:(?:t| +|, *|:| at )(?P<a>{_BEFORE})? ?(?P<h>[0-9]{{1,2}}):(?P<i>[0-9]{{2}})"
    rf"(?::(?P<sec>[0-9]{{1,2}})(?:[.,][0-9]+)?)? ?(?P<b>{_BEHIND.lower()})?"
    rf" ?(?P<z>{_ZONE.lower()}|[+-][0-9]{{2}}:?[0-9]{{2}})?)?$"
)
WRITTEN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_LEAD}{_DAY}[-/ .,]*(?:de |of )?{_NAME}[-/ .,]*(?:de |del )?{_YEAR}(?:\.| ?г\.?)?{_CLOCK}",
        rf"{_LEAD}{_NAME}[-/ .]*{_DAY}(?:,|[-/ ])+{_YEAR}{_CLOCK}",
        rf"^(?P<y>[0-9]{{4}})[-/ .,]*{_NAME}[-/ .]*{_DAY}{_CLOCK}",
        rf"^[^{SPACES}0-9]+ {_NAME} +{_DAY} (?P<h>[0-9]{{1,2}}):(?P<i>[0-9]{{2}}):(?P<sec>[0-9]{{2}}) "
        rf"(?:(?P<z>{_ZONE.lower()}|[+-][0-9]{{4}}) )?(?P<y>[0-9]{{4}})$",
        rf"^{_NAME}(?:[-/ ,]*|,? de ){_YEAR}$",
        rf"^(?P<y>[0-9]{{4}})[-/ .]{_NAME}$",
        r"^(?P<y>[0-9]{4})(?:[-/]|[년年] ?)(?P<m>[0-9]{1,2})[월月]?$",
        r"^(?P<m>[0-9]{1,2})[-/](?P<y>[0-9]{4})$",
        r"^(?P<y>[0-9]{4})[-/ ]?q(?P<q>[1-4])$",
        r"^(?P<y>[0-9]{4})[-/ ]?t(?P<q>[1-4])$",
        r"^[qt](?P<q>[1-4])[-/ ']?(?P<y>[0-9]{4}|[0-9]{2})$",
        r"^(?P<q>[1-4])[qt][-/ ']?(?P<y>[0-9]{4}|[0-9]{2})$",
        r"^(?P<y>[0-9]{4})[년年]? ?[제第]? ?(?P<q>[1-4]) ?(?:분기|季度|四半期)$",
        r"^(?P<y>[0-9]{4})-?w(?P<w>[0-5][0-9])(?:-?(?P<k>[1-7]))?$",
        r"^(?P<y>[0-9]{4})[년年] ?[제第]? ?(?P<w>[0-9]{1,2}) ?[주週周]차?$",
        r"^kw ?(?P<w>[0-9]{1,2})[-/ ]+(?P<y>[0-9]{4})$",
        r"^(?P<y>[0-9]{4})[-/ ]?h(?P<f>[12])$",
        r"^(?P<e>明治|大正|昭和|平成|令和|民[國国]|[mtshr])\.? ?(?P<y>元|[0-9]{1,3})[-/.年] ?(?P<m>[0-9]{1,2})[-/.月] ?"
        r"(?P<d>[0-9]{1,2})日?$",
        r"^(?:ngày )?(?P<d>[0-9]{1,2}) tháng (?P<m>[0-9]{1,2})(?:,| năm)? ?(?P<y>[0-9]{4})$",
        rf"^(?P<y>[0-9]{{4}}) m\. {_NAME} {_DAY} ?d\.?$",
        rf"^(?P<y>[0-9]{{4}})\. gada {_DAY} {_NAME}$",
        r"^/date\((?P<s>[0-9]{10})[0-9]{3}(?:[+-][0-9]{4})?\)/$",
        r"^(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"
        r"(?:[t ]?(?P<h>[0-9]{2}):?(?P<i>[0-9]{2})(?::?(?P<sec>[0-9]{2}))?(?P<z>z)?)?$",
        r"^(?P<s>[0-9]{10})(?:\.[0-9]+|[0-9]{3})?$",
    )
)
# One of them, without names of groups: a column is looked through by it before its dates are read one by one.
ANY_WRITTEN = "|".join(re.sub(r"\?P<[a-z]+>", "?:", pattern.pattern) for pattern in WRITTEN)
MAX_WRITTEN = 50  # characters of a written date, at most
# What a written date has, in lower case; cells without are not tried.
CANDIDATE = "|".join(
    (
        *sorted((re.escape(name) for name in MONTHS if name not in _ROMAN.split()), key=len, reverse=True),
        r"[qt][1-4]|[1-4][qt]|분기|季度|四半期|[0-9]-?w[0-5]",
        r"[0-9] ?[주週周]차?$|^kw ?[0-9]|[0-9][-/ ]?h[12]$",
        r"^(?:明治|大正|昭和|平成|令和|民[國国]|[mtshr])\.? ?[0-9元]|[0-9] tháng [0-9]|^/date\(",
        r"^[0-9]{1,2}[-/. ]+[ivx]{1,4}[-/. ]+[0-9]{4}",
        r"^[0-9]{4}[-/][0-9]{1,2}$|^[0-9]{1,2}[-/][0-9]{4}$|^[0-9]{4}[년年] ?[0-9]{1,2}[월月]$",
        r"^[0-9]{8}(?:[t ]?[0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?z?)?$|^[0-9]{10}(?:\.[0-9]+|[0-9]{3})?$",
    )
)
