"""Dates as people of many countries write them, in tables, rows by name and single cells."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from tables import Recipe, parse_polars, parse_scalar
from tables.date_spellings import DATE_FORMS, ZONES
from tables.month_names import MONTHS
from tables.spellings import BLANK
from tests.unit.tables.spelled import CASES, Spelled, table, whole_columns

DAYS = [date(2023, 1, 1) + timedelta(days=i * 7 % 361) for i in range(240)]
EPOCH = date(1970, 1, 1).toordinal()
KO = "월화수목금토일"


def words(text: str) -> list[str]:
    return text.split()


DE = words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
FR = words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
ES = words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
PT = words("jan fev mar abr mai jun jul ago set out nov dez")
RU = words("января февраля марта апреля мая июня июля августа сентября октября ноября декабря")
PL = words("stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia")
TR = words("Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık")
SV = words("januari februari mars april maj juni juli augusti september oktober november december")
ID = words("Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember")
IT = words("gen feb mar apr mag giu lug ago set ott nov dic")
AR = words("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر")
BG = words("януари февруари март април май юни юли август септември октомври ноември декември")
CA = words("gener febrer març abril maig juny juliol agost setembre octubre novembre desembre")
EL = words("Ιαν Φεβ Μαρ Απρ Μαΐ Ιουν Ιουλ Αυγ Σεπ Οκτ Νοε Δεκ")
ET = words("jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember")
HE = words("ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר")
HI = words("जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर")
HU = words("jan febr márc ápr máj jún júl aug szept okt nov dec")
LT = words("sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio")
LV = words("janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris decembris")
SK = words("januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra")
TH = words("มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม")
TH_SHORT = words("ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.")
ROMAN = words("I II III IV V VI VII VIII IX X XI XII")
ARABIC, PERSIAN, THAI, WIDE = (
    str.maketrans("0123456789", "".join(chr(zero + i) for i in range(10))) for zero in (0x660, 0x6F0, 0xE50, 0xFF10)
)
HABITS = {
    "ISO": lambda d: d.isoformat(),
    "ISO with slashes": lambda d: f"{d:%Y/%m/%d}",
    "Korea, dots": lambda d: f"{d:%Y.%m.%d}",
    "Korea, dots and blanks": lambda d: f"{d.year}. {d.month}. {d.day}.",
    "Korea, words": lambda d: f"{d.year}년 {d.month}월 {d.day}일",
    "Korea, weekday": lambda d: f"{d:%Y-%m-%d}({KO[d.weekday()]})",
    "Korea, two digits": lambda d: f"{d:%y.%m.%d}",
    "Japan": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "China, two digits": lambda d: f"{d:%y-%m-%d}",
    "US": lambda d: f"{d.month}/{d.day}/{d.year}",
    "US, two digits": lambda d: f"{d:%m/%d/%y}",
    "US, name first": lambda d: f"{d:%b} {d.day}, {d.year}",
    "US, long": lambda d: f"{d:%A}, {d:%B} {d.day}, {d.year}",
    "US, ordinals": lambda d: f"{d:%B} {d.day}{'st' if d.day in (1, 21, 31) else 'th'}, {d.year}",
    "UK": lambda d: f"{d:%d/%m/%Y}",
    "UK, two digits": lambda d: f"{d:%d/%m/%y}",
    "Excel": lambda d: f"{d.day}-{d:%b-%y}",
    "Oracle": lambda d: f"{d:%d-%b-%y}".upper(),
    "SAS": lambda d: f"{d:%d%b%Y}".upper(),
    "Germany": lambda d: f"{d:%d.%m.%Y}",
    "Germany, two digits": lambda d: f"{d:%d.%m.%y}",
    "Germany, words": lambda d: f"{d.day}. {DE[d.month - 1]} {d.year}",
    "Netherlands": lambda d: f"{d:%d-%m-%Y}",
    "France": lambda d: f"{d.day}{'er' if d.day == 1 else ''} {FR[d.month - 1]} {d.year}",
    "Spain": lambda d: f"{d.day} de {ES[d.month - 1]} de {d.year}",
    "Brazil": lambda d: f"{d.day:02}/{PT[d.month - 1]}/{d.year}",
    "Italy": lambda d: f"{d.day} {IT[d.month - 1]} {d.year}",
    "Russia": lambda d: f"{d.day} {RU[d.month - 1]} {d.year} г.",
    "Poland": lambda d: f"{d.day} {PL[d.month - 1]} {d.year}",
    "Türkiye": lambda d: f"{d.day} {TR[d.month - 1]} {d.year}",
    "Sweden": lambda d: f"{d.day} {SV[d.month - 1]} {d.year}",
    "Indonesia": lambda d: f"{d.day} {ID[d.month - 1]} {d.year}",
    "Hungary": lambda d: f"{d:%Y. %m. %d.}",
    "Hungary, names": lambda d: f"{d.year}. {HU[d.month - 1]}. {d.day}.",
    "Thailand": lambda d: f"{d:%d/%m}/{d.year + 543}",
    "Thailand, year first": lambda d: f"{d.year + 543}-{d:%m-%d}",
    "Thailand, words": lambda d: f"{d.day} {TH[d.month - 1]} {d.year + 543}",
    "Thailand, short words": lambda d: f"{d.day} {TH_SHORT[d.month - 1]} {d.year + 543}",
    "Thailand, digits": lambda d: f"{d.day}/{d.month}/{d.year + 543}".translate(THAI),
    "Japan, era": lambda d: f"令和{d.year - 2018}年{d.month}月{d.day}日",
    "Japan, era in a letter": lambda d: f"R{d.year - 2018}.{d.month}.{d.day}",
    "Japan, wide": lambda d: f"{d.year}年{d.month}月{d.day}日".translate(WIDE),
    "Taiwan": lambda d: f"民國{d.year - 1911}年{d.month}月{d.day}日",
    "Arabic": lambda d: f"{d.day} {AR[d.month - 1]} {d.year}",
    "Arabic, digits": lambda d: f"{d:%d/%m/%Y}".translate(ARABIC),
    "Persian digits": lambda d: d.isoformat().translate(PERSIAN),
    "Israel": lambda d: f"{d.day} ב{HE[d.month - 1]} {d.year}",
    "India": lambda d: f"{d.day} {HI[d.month - 1]} {d.year}",
    "Vietnam": lambda d: f"ngày {d.day} tháng {d.month} năm {d.year}",
    "Vietnam, short": lambda d: f"{d.day} tháng {d.month}, {d.year}",
    "Slovakia": lambda d: f"{d.day}. {SK[d.month - 1]} {d.year}",
    "Bulgaria": lambda d: f"{d.day} {BG[d.month - 1]} {d.year} г.",
    "Lithuania": lambda d: f"{d.year} m. {LT[d.month - 1]} {d.day} d.",
    "Latvia": lambda d: f"{d.year}. gada {d.day}. {LV[d.month - 1]}",
    "Estonia": lambda d: f"{d.day}. {ET[d.month - 1]} {d.year}",
    "Greece": lambda d: f"{d.day} {EL[d.month - 1]} {d.year}",
    "Catalonia": lambda d: f"{d.day} de {CA[d.month - 1]} de {d.year}",
    "Roman months": lambda d: f"{d.day}.{ROMAN[d.month - 1]}.{d.year}",
    "hard blanks": lambda d: f"{d.day}\xa0{d:%B}\xa0{d.year}",
    "dashes": lambda d: f"{d.day}–{d.month}–{d.year}",
    "underscores": lambda d: f"{d:%Y_%m_%d}",
    "JSON of .NET": lambda d: f"/Date({(d.toordinal() - EPOCH) * 86_400_000 or 0})/",
    "mail": lambda d: f"{d:%a, %d %b %Y} 00:00:00 +0000",
    "C": lambda d: f"{d:%a %b %d} 00:00:00 {d.year}",
    "weeks": lambda d: "{}-W{:02}-{}".format(*d.isocalendar()),
    "blanks": lambda d: f"\u3000{d.isoformat()}\u202f",
}


@pytest.fixture
def spelled(folder, keep):
    return lambda text, **recipe: Spelled(folder, keep(text), Recipe(target="y", validation="none", **recipe))


@pytest.mark.parametrize("habit", HABITS)
def test_a_column_of_dates_is_read_as_dates_whoever_wrote_it(spelled, habit):
    one = spelled(table([HABITS[habit](day) for day in DAYS]))
    column = one.column
    assert (column.kind, column.missing, column.odd_count) == ("datetime", 0, {})
    parts = one.prepared()
    assert parts[:, 0].tolist() == [day.toordinal() - EPOCH for day in DAYS]
    assert parts[:, 3].tolist() == [day.weekday() for day in DAYS]
    assert not any(finding.level == "err" for finding in one.findings)


def test_years_of_the_buddhist_era_are_named_and_one_press_makes_them_ours(spelled):
    one = spelled(table([f"{day:%d/%m}/{day.year + 543}" for day in DAYS]))
    finding = one.findings[0]
    assert (finding.id, finding.level, one.column.dates) == ("columns.dates", "warn", "dmy-be")
    assert "2023 to 2023" in finding.text
    taken = one.press("common era")
    assert taken.prepared()[0, 1] == DAYS[0].year + 543 and not taken.findings


def test_a_year_that_is_none_of_the_column_s_calendar_is_no_date():
    assert parse_scalar.parse_timestamp("01/02/2567", "dmy-be") == parse_scalar.parse_timestamp("01/02/2024", "dmy")
    assert parse_scalar.parse_timestamp("01/02/2024", "dmy-be") is None


@pytest.mark.parametrize("years", [-621, -579], ids=["Persian", "Islamic"])
def test_years_of_another_calendar_are_named(spelled, years):
    one = spelled(table([f"{day.year + years}/{day:%m}/{min(day.day, 28)}" for day in DAYS]))
    assert [(f.id, f.level) for f in one.findings] == [("columns.dates", "warn")] and "calendar" in one.findings[0].text


TIMES = {
    "2024-01-15T15:05:09": 0, "2024-01-15 15:05:09.123": 0, "2024-01-15 15:05:09,123": 0, "15/01/2024 15:05:09": 0,
    "01/15/2024 03:05:09 PM": 0, "1/15/2024 3:05:09 pm": 0, "15.01.2024, 15:05:09": 0, "15.1.24 3:05:09 p.m.": 0,
    "2024-01-15T15:05:09Z": 0, "2024-01-15T15:05:09+09:00": 540, "2024-01-15 15:05:09 -0330": -210,
    "2024-01-15 15:05:09+05": 300, "2024-01-15 15:05:09 KST": 540, "2024-01-15 15:05:09 UTC": 0,
    "2024년 1월 15일 오후 3:05:09": 0, "2024년 1월 15일 15시 05분 09초": 0, "2024. 1. 15. 오후 3:05:09": 0,
    "2024年1月15日 15時05分09秒": 0, "2024/1/15 下午 3:05:09": 0, "Mon, 15 Jan 2024 15:05:09 GMT": 0,
    "Jan 15, 2024 at 3:05:09 PM": 0, "15-Jan-2024 15:05:09": 0, "15JAN2024:15:05:09": 0, "20240115T150509Z": 0,
    "20240115150509": 0, "Mon Jan 15 15:05:09 +0000 2024": 0, "1705331109": 0, "1705331109123": 0,
}  # fmt: skip


@pytest.mark.parametrize(("text", "east"), TIMES.items())
def test_the_time_of_day_and_its_zone_are_read(text, east):
    form = "mdy" if text[:2] in ("01", "1/") else "dmy"
    moment = datetime(2024, 1, 15, 15, 5, 9, tzinfo=UTC) - timedelta(minutes=east)
    assert parse_scalar.parse_timestamp(text, form) == int(moment.timestamp())


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("01/01/2023 12:00:00 AM", "2023-01-01 00:00"), ("01/01/2023 12:30 PM", "2023-01-01 12:30"),
        ("2023-01-01 오전 12:05", "2023-01-01 00:05"), ("2024Q3", "2024-07-01 00:00"), ("Q3 2024", "2024-07-01 00:00"),
        ("3Q24", "2024-07-01 00:00"), ("2024-Q3", "2024-07-01 00:00"), ("2024년 3분기", "2024-07-01 00:00"),
        ("T3 2024", "2024-07-01 00:00"), ("2024年第3季度", "2024-07-01 00:00"), ("2024-07", "2024-07-01 00:00"),
        ("07/2024", "2024-07-01 00:00"), ("Jul-24", "2024-07-01 00:00"), ("July 2024", "2024-07-01 00:00"),
        ("2024년 7월", "2024-07-01 00:00"), ("juillet 2024", "2024-07-01 00:00"), ("2024-W27", "2024-07-01 00:00"),
        ("20240701", "2024-07-01 00:00"), ("31/12/68", "2068-12-31 00:00"), ("31/12/69", "1969-12-31 00:00"),
        ("29 Feb 2024", "2024-02-29 00:00"),
    ],
)  # fmt: skip
def test_quarters_months_weeks_and_noon_have_a_first_moment(text, day):
    form = "mdy" if "M" in text else "dmy"
    assert parse_scalar.parse_timestamp(text, form) == int(datetime.fromisoformat(f"{day}+00:00").timestamp())


@pytest.mark.parametrize(
    "text",
    ["2023-02-29", "31.04.2023", "2023-13-01", "29 Feb 2023", "2023-01-01 25:00", "2023-01-01 10:61", "32 Jan 2023",
     "2023Q5", "2023-W54", "May 5 apples", "Mayor 5, 2023", "12.5", "1.2.3.4", "192.168.1.1", "010-1234-5678", "march",
     "20231340", "0000-00-00", "Q2", "", "half of 2023"],
)  # fmt: skip
def test_what_is_no_date_is_not_read_as_one(text):
    assert all(parse_scalar.parse_timestamp(text, form) is None for form in DATE_FORMS)


def case(name: str) -> str:
    return (CASES / name / "t.csv").read_text(encoding="utf-8").replace("a,when,y", "a,v,y")


@pytest.mark.parametrize(
    ("name", "form", "timed"),
    [("A07h-mon-names-dd-mon-yy", "iso", False), ("A10-ampm-us-socrata", "mdy", True),
     ("A11-korean-dotted-2024-01-15", "iso", False), ("A12-2digit-year", "mdy", False),
     ("J01-dates-60-iso-40-dmy", "dmy", False)],
)  # fmt: skip
def test_the_cases_are_read_to_the_last_date(spelled, name, form, timed):
    one = spelled(case(name))
    column = one.column
    assert (column.kind, column.dates, column.timed, column.odd_count) == ("datetime", form, timed, {})
    parts = one.prepared()
    assert not np.isnan(parts).any() and parts.shape == (300, 4 + timed) and not one.findings
    if not timed:
        assert parts[:, 0].tolist()[:4] == [19358, 19359, 19360, 19361]


def test_a_column_that_a_person_sets_to_dates_is_read_or_named(spelled):
    one = spelled(case("J03-ampm-set-to-date-by-hand"), types={"v": "datetime"})
    assert not np.isnan(one.prepared()).any() and not one.findings
    words = spelled(table(["soon" if i == 5 else "2024-02-30" if i == 7 else day.isoformat() for i, day in
                           enumerate(DAYS)]), types={"v": "datetime"})  # fmt: skip
    (finding,) = words.findings
    assert (finding.level, finding.id, finding.row) == ("err", "columns.numbers", 6) and "2 cells" in finding.title
    assert np.isnan(words.press("missing").prepared()[:, 0]).sum() == 2
    numbers = spelled(table([str(i) for i in range(100)]), types={"v": "datetime"})
    assert numbers.findings[0].level == "err" and "100 cells" in numbers.findings[0].title


def test_dates_that_no_calendar_has_are_a_finding_with_row_and_count(spelled):
    cells = ["2023-02-30" if i in (3, 9) else day.isoformat() for i, day in enumerate(DAYS)]
    (finding,) = spelled(table(cells)).findings
    assert (finding.level, finding.row, finding.value) == ("err", 4, "2023-02-30") and "2 cells" in finding.title


def test_two_orders_in_one_column_are_a_finding(spelled):
    cells = [f"{day:%d/%m/%Y}" if i % 3 else f"{day:%m/%d/%Y}" for i, day in enumerate(DAYS)]
    one = spelled(table(cells))
    assert one.column.dates == "dmy" and one.column.odd_count["date"] > 30
    errors = [finding for finding in one.findings if finding.level == "err"]
    assert len(errors) == 1 and errors[0].row and f"{one.column.odd_count['date']} cells" in errors[0].title


def test_an_open_order_of_day_and_month_is_named_and_one_press_turns_it(spelled):
    one = spelled(table([f"{i % 12 + 1:02}/{i * 5 % 12 + 1:02}/2023" for i in range(120)]))
    assert one.column.dates == "mdy"
    (finding,) = [finding for finding in one.findings if finding.id == "columns.dates"]
    assert finding.level == "warn" and finding.row and str(one.column.ambiguous) in finding.title
    turned = one.press("day comes first")
    assert turned.recipe.dates == {"v": "dmy"} and turned.column.dates == "dmy"
    assert not [finding for finding in turned.findings if finding.id == "columns.dates"]
    assert (turned.prepared()[:, 2] == one.prepared()[:, 2]).sum() == 40


@pytest.mark.parametrize(
    "cells",
    [[f"1.{i % 30}.{i % 9}" for i in range(100)], [f"10.{i % 200}.3.{i % 250}" for i in range(100)],
     [f"{i % 99 + 10}-{i % 90 + 10}-{i + 1000}" for i in range(100)],
     [f"{2000 + i}-{i % 99:02}" for i in range(20)] * 4,
     [f"{['may', 'june', 'april'][i % 3]}" for i in range(90)]],
    ids=["versions", "addresses", "numbers", "seasons", "names"],
)  # fmt: skip
def test_what_only_looks_like_dates_is_no_column_of_dates(spelled, cells):
    assert spelled(table(cells)).column.kind in ("text", "category")


PIECES = st.sampled_from(
    [*MONTHS, *(name.upper() for name in ZONES), "Jan", "MAY", "2024", "24", "1", "31", "13", "02", "-", "/", ".",
     ". ", " ", ", ", ":", "T", "T10:20", "10:20:30", "12:05", " AM", " PM", "오후 ", "년 ", "월 ", "일", "年", "月",
     "日", "Q3", "3Q", "W05", "+09:00", "-0330", "Z", "분기", "th", "de ", "'", "(월)", ",123", ".5", "시 ", "분"]
)  # fmt: skip


TEXTS = st.one_of(
    st.lists(PIECES, max_size=8).map("".join),
    st.dates(date(1800, 1, 1), date(2199, 12, 31)).flatmap(
        lambda day: st.sampled_from(sorted(HABITS)).map(lambda habit: HABITS[habit](day))
    ),
    st.sampled_from(sorted(TIMES)),
    st.text(max_size=12),
    st.text("0123456789-/. :T", max_size=20),
)


def test_both_readers_agree_on_every_habit():
    days = [date(1987, 12, 31), date(2024, 2, 29), date(2009, 5, 6)]
    check_both_readers([*TIMES, *(HABITS[habit](day) for habit in sorted(HABITS) for day in days)])


@settings(max_examples=12, deadline=None)  # of at least ten texts: a column costs as much as a cell
@given(st.lists(TEXTS, min_size=10, max_size=20))
def test_both_readers_agree_on_every_date(texts):
    check_both_readers(texts)


def check_both_readers(texts: list[str]) -> None:
    frame = pl.DataFrame({"c": [*texts, None, "x"]}, schema={"c": pl.String})
    cell = parse_polars.strip_missing(pl.col("c"))
    moments = {form: parse_polars.parse_timestamp(cell, form) for form in DATE_FORMS}
    with whole_columns():
        rows = frame.select(**{"is": parse_polars.is_date(cell)} | moments).to_dicts()
    for text, read in zip(texts, rows, strict=False):
        if not parse_scalar.is_missing(text):
            assert (text, read["is"]) == (text, parse_scalar.is_date(text.strip(BLANK)))
            for form in DATE_FORMS:
                assert (text, read[form]) == (text, parse_scalar.parse_timestamp(text, form))


def test_every_registered_month_is_tried():
    names = [name.replace("\u203f", " ") for name in MONTHS]
    assert all(parse_scalar.parse_timestamp(f"5 {name} 2024", "iso") is not None for name in names)
    texts = pl.DataFrame({"c": [f"5 {name} 2024" for name in names]})
    read = texts.select(parse_polars.parse_timestamp(pl.col("c"), "iso")).to_series()
    assert read.null_count() == 0


LANGUAGES = (
    "en de fr es it pt nl ru uk pl tr sv da nb fi cs sk hu ro el bg ar he hi th id ms lt lv et is sl ca sr mk bs be kk "
    "az uz hy ka fa ur bn pa gu mr ta te kn ml si ne my km am sw af sq mt eu gl cy tk ku zu fil"
)


@pytest.mark.parametrize("language", LANGUAGES.split())
def test_months_are_those_of_unicode_s_cldr(language):
    months = Locale.parse(language).months["format"]["wide"]
    names = {months[number].lower().removesuffix("."): number for number in range(1, 13)}
    read = {name: parse_scalar.parse_timestamp(f"5 {name} 2024", "iso") for name in names if " " not in name}
    for name, moment in read.items():
        assert moment == int(datetime(2024, names[name], 5, tzinfo=UTC).timestamp()), name


def test_a_language_whose_months_are_others_in_a_larger_one_is_not_read_at_all():
    """Listopada is November in Poland and October in Croatia, where it is the one name that is read."""
    months = Locale.parse("hr").months["format"]["wide"].values()
    read = [name for name in months if parse_scalar.parse_timestamp(f"5 {name} 2024", "iso") is not None]
    assert read == ["listopada"]
