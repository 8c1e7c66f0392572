"""Columns as people of Latin America, Norway, Israel, Taiwan, Ukraine and East Africa write them, and as logs do."""

from datetime import UTC, datetime

import numpy as np
import pytest

from tables import parse_polars, parse_scalar
from tests.corpus.cases import table
from tests.unit.tables.test_variations_columns import DAYS, NOON, ROWS, encoded, mended, next_to, of, words


@pytest.fixture(scope="module", autouse=True)
def _whole_columns():
    """Few cells are read as whole columns, and rows by name one by one, so that both readers are compared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse_polars, "FEW", 0)
        yield


# {habit: {text: number}}; each column is read by the first fixes
NUMBERS = {
    "Chile, UF": {"UF 1.234,56": 1234.56, "UF 99,9": 99.9},
    "Uruguay, Argentina, U$S": {"U$S 1.234,50": 1234.5, "U$S 99,90": 99.9},
    "Kenya, a point behind the sign": {"Ksh. 1,234.50": 1234.5, "Ksh. 99": 99},
    "East Africa, no cents": {"1,234/=": 1234, "99/=": 99},
    "Tanzania": {"TSh 12,500/=": 12500, "TSh 99/=": 99},
    "Ethiopia": {"Br 1,234.50": 1234.5, "Br 99": 99},
    "statements of a bank": {"1,234.50 Cr": 1234.5, "99.90 Dr": -99.9},
    "statements of a bank, no blank": {"1,234.50CR": 1234.5, "99.90DR": -99.9},
    "British journals": {"12·5": 12.5, "99·25": 99.25},
    "degrees of latitude": {"37.5665° N": 37.5665, "12.25° S": -12.25},
    "degrees of longitude": {"126.978°E": 126.978, "12.25°W": -12.25},
    "Spain, bounds": {"más de 100": 100, "menos de 5": 5},
    "Germany, bounds": {"mehr als 100,5": 100.5, "weniger als 5,25": 5.25},
    "Norway, bounds": {"mer enn 100": 100, "mindre enn 5": 5},
    "Israel, bounds": {"מעל 100": 100, "מתחת ל-5": 5},
    "quoted by a word processor": {"“12.5”": 12.5, "«99.25»": 99.25},
    "soft hyphens": {"\xad12.5": 12.5, "99\u200b": 99},
    "hyphens that do not break": {"\u201112.5": -12.5, "\u201199.25": -99.25},
}  # fmt: skip


@pytest.mark.parametrize("habit", NUMBERS)
def test_numbers_are_read_with_their_meaning_by_the_first_fix(habit):
    cells = NUMBERS[habit]
    texts = list(cells) * (ROWS // 2 // len(cells))
    texts += [next_to(text, i) for i in range(1, ROWS // 4) for text in cells]
    one = mended(of(texts))
    assert one.kinds["v"] == "number"
    assert encoded(one, texts)[: len(cells), 0].tolist() == pytest.approx(list(map(float, cells.values())), rel=1e-12)


def test_crores_alone_stay_crores():
    texts = [f"{i}.5 Cr" for i in range(1, ROWS + 1)]
    assert encoded(mended(of(texts)), texts)[0, 0] == 1.5e7


QUEBEC = words("janv. févr. mars avr. mai juin juill. août sept. oct. nov. déc.")
UKRAINE = words("січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня")
DAYS_OF_WEEK = "一二三四五六日"


def of_chinese(d: datetime) -> str:
    return f"{d.year}年{d.month}月{d.day}日"


# {habit: (format, has a time of day)}
DATES = {
    "Canada, French": (lambda d: f"{d.day} {QUEBEC[d.month - 1]} {d.year} à {d:%H} h {d:%M}", True),
    "Canada, French, year first": (lambda d: f"{d:%Y-%m-%d} {d:%H} h {d:%M}", True),
    "Argentina, hs": (lambda d: f"{d:%d/%m/%Y %H:%M} hs", True),
    "Argentina, hs.": (lambda d: f"{d:%d/%m/%Y %H:%M}hs.", True),
    "Java": (lambda d: f"{d:%Y-%m-%dT%H:%M}:00Z[UTC]", True),
    "a named zone": (lambda d: f"{d:%Y-%m-%d %H:%M}:00 Etc/UTC", True),
    "time first": (lambda d: f"{d:%H:%M %d.%m.%Y}", True),
    "time first, a comma": (lambda d: f"{d:%H:%M:%S, %d.%m.%Y}", True),
    "time first, year first": (lambda d: f"{d:%H:%M %Y-%m-%d}", True),
    "Ukraine, р.": (lambda d: f"{d.day} {UKRAINE[d.month - 1]} {d.year} р.", False),
    "Ukraine, року": (lambda d: f"{d.day} {UKRAINE[d.month - 1]} {d.year} року", False),
    "Israel, at": (lambda d: f"{d:%d.%m.%Y} בשעה {d:%H:%M}", True),
    "Taiwan, day of the week": (lambda d: f"{of_chinese(d)} 星期{DAYS_OF_WEEK[d.weekday()]}", False),
    "Taiwan, day of the week and time": (lambda d: f"{of_chinese(d)} 週{DAYS_OF_WEEK[d.weekday()]} {d:%H:%M}", True),
    "Taiwan, hours": (lambda d: f"{of_chinese(d)}{d.hour}點{d.minute}分", True),
    "Git": (lambda d: f"{d:%a %b} {d.day} {d:%H:%M}:00 {d.year} +0000", True),
    "a log in brackets": (lambda d: f"[{d:%Y-%m-%d %H:%M}:00]", True),
    "a dash before the time": (lambda d: f"{d:%Y/%m/%d-%H:%M}:00", True),
    "names of files": (lambda d: f"{d:%Y-%m-%d_%H-%M}-00", True),
    "names of files, digits alone": (lambda d: f"{d:%Y%m%d_%H%M}00", True),
}  # fmt: skip


@pytest.mark.parametrize("habit", DATES)
def test_dates_are_read_whoever_wrote_them(habit):
    form, timed = DATES[habit]
    moments = (NOON if timed else DAYS) * 2
    texts = [form(moment) for moment in moments]
    one = of(texts)
    assert (one.kinds["v"], one.columns["v"].missing) == ("datetime", 0)
    parts = encoded(one, texts)
    assert parts[:, 0].tolist() == [moment.toordinal() - 719163 for moment in moments]
    if timed:
        assert parts[:, 4].tolist() == [moment.hour for moment in moments]


# {habit: (format, months of a part)}
PARTS_OF_YEARS = {
    "halves": (lambda d: f"H{(d.month + 5) // 6} {d.year}", 6),
    "Spain, semesters": (lambda d: f"{(d.month + 5) // 6}S {d.year}", 6),
    "Russia, Roman quarters": (lambda d: f"{('I', 'II', 'III', 'IV')[(d.month - 1) // 3]} кв. {d.year}", 3),
    "Norway, quarters": (lambda d: f"{(d.month + 2) // 3}. kvartal {d.year}", 3),
    "Taiwan, quarters": (lambda d: f"{d.year - 1911}Q{(d.month + 2) // 3}", 3),
    "Eurostat, months": (lambda d: f"{d.year}M{d.month:02}", 1),
}  # fmt: skip


@pytest.mark.parametrize("habit", PARTS_OF_YEARS)
def test_a_part_of_a_year_begins_with_its_first_day(habit):
    form, months = PARTS_OF_YEARS[habit]
    moments = [datetime(2015 + i % 9, 1 + i * 5 % 12, 1, tzinfo=UTC) for i in range(ROWS)]
    texts = [form(moment) for moment in moments]
    one = of(texts)
    assert (one.kinds["v"], one.columns["v"].missing) == ("datetime", 0)
    first = [moment.replace(month=(moment.month - 1) // months * months + 1) for moment in moments]
    assert encoded(one, texts)[:, 0].tolist() == [moment.toordinal() - 719163 for moment in first]


def test_a_zone_behind_a_day_is_no_time_of_day():
    """XML Schema writes 2024-01-15-05:00 for a day in a zone."""
    assert parse_scalar.parse_timestamp("2024-01-15-05:00", "iso") is None


MARKERS = ["s/i", "sin especificar", "no corresponde", "sin info", "חסר", "ikke kjent", "uoppgitt", "尚無資料",
           "haijulikani", "Loading...", "NA_real_", "не відомо", "відсутні"]  # fmt: skip


@pytest.mark.parametrize("marker", MARKERS)
def test_markers_are_missing_values_of_numbers(marker):
    texts = [f"{i * 791.9 % 997:.2f}" for i in range(ROWS)]
    texts[2::10] = [marker] * len(texts[2::10])
    one = of(texts)
    assert (one.kinds["v"], one.columns["v"].missing) == ("number", ROWS // 10)
    assert np.isnan(encoded(one, texts)).sum() == ROWS // 10


def test_a_row_of_another_width_that_is_no_utf_8_is_set_aside_as_others_are():
    rows = [f"naïve {i % 5},{i % 7}.5,{i % 2}\n".encode() for i in range(300)]
    one = table(b"a,v,y\n" + b"".join(rows) + b"\xe9t\xe9,1,2,3,4\n" + b"".join(rows), target="y")
    assert (one.profile.rows, one.profile.ragged_count) == (601, 1)
    assert one.report.of("format.width") and not one.problems
