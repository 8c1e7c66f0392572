"""Cells that mean "no value" in a column of numbers or dates, as people of many countries write them."""

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tables import Recipe, parse_polars, parse_scalar
from tables.spellings import MARKERS, MISSING
from tests.unit.tables.spelled import CASES, Spelled, table, whole_columns

NUMBERS = [f"{k * 791.9 % 997:.2f}" for k in range(300)]
VARIATIONS = {
    "databases": [r"\N", r"\n", "(null)", "<null>", "[NULL]", "nil", "undefined"],
    "statistics": [".", "..", "...", "…", ":", "*", "**", "x", "--", "---", "–", "—", "__", "??"],
    "spreadsheets": ["#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#####", "#N/A N/A"],
    "floats": ["-nan", "-nan(ind)", "1.#QNAN", "-1.#IND", "1.#IND"],
    "US, UK": ["unknown", "PrivacySuppressed", "n.a.", "N.A.", "n/d", "(D)", "(X)", "Not Available", "missing",
               "Suppressed", "TBD", "no data", "Not reported", "UNK", "(blank)", "Refused", "Don't know"],
    "Korea": ["없음", "결측", "미상", "해당없음", "자료없음", "모름", "미측정", "비공개", "무응답"],
    "Japan": ["なし", "不明", "欠測", "未測定", "該当なし", "非公表", "///", "×××"[:0] or "ー"],
    "China, Taiwan": ["无", "無", "缺失", "未知", "不详", "暂无", "空值", "无数据"],
    "Germany": ["k. A.", "k.A.", "keine Angabe", "unbekannt", "fehlt", "#NV", "#WERT!", "entfällt"],
    "France": ["n.c.", "NC", "non renseigné", "inconnu", "#VALEUR!", "néant"],
    "Spain, Mexico": ["s/d", "sin dato", "desconocido", "No aplica", "#¡DIV/0!", "no disponible"],
    "Brazil": ["não informado", "ignorado", "sem informação", "N/I", "não se aplica"],
    "Italy": ["n.d.", "non disponibile", "assente", "nullo"],
    "Russia, Ukraine": ["н/д", "нет данных", "неизвестно", "#ДЕЛ/0!", "не указано", "немає"],
    "Poland, Czechia": ["brak", "brak danych", "b.d.", "neuvedeno", "není k dispozici"],
    "Netherlands, Nordic": ["onbekend", "geen gegevens", "saknas", "uppgift saknas", "ukjent", "ei tietoa"],
    "Türkiye, Greece": ["yok", "bilinmiyor", "veri yok", "δ/υ"],
    "India, Vietnam, Thailand, Indonesia": ["अज्ञात", "उपलब्ध नहीं", "không có", "ไม่มีข้อมูล", "tidak ada"],
    "Arabic, Hebrew, Persian": ["غير متوفر", "لا يوجد", "לא ידוע", "نامشخص"],
}  # fmt: skip
ALL = [pytest.param(marker, id=f"{origin}: {marker}") for origin, markers in VARIATIONS.items() for marker in markers]
CASE_NAMES = ("A01-n-null-20", "A01h-20", "A02-null-20--sas-stata", "A03-null-20--world-bank", "A03h-suppressed-20",
              "A04-unknown-20", "A05-div-0-20")  # fmt: skip


@pytest.fixture
def spelled(folder, keep):
    return lambda text, **recipe: Spelled(folder, keep(text), Recipe(target="y", validation="none", **recipe))


@pytest.mark.parametrize("case", CASE_NAMES)
def test_a_fifth_of_markers_leaves_a_column_of_numbers(spelled, case):
    one = spelled((CASES / case / "t.csv").read_text(encoding="utf-8"))
    column = one.column
    assert column.kind == "number" and column.missing == 60 and sum(column.markers.values()) == 60
    (finding,) = one.findings
    assert finding.level == "warn" and finding.row == 1 and "60" in finding.title
    assert np.isnan(one.prepared()).sum() == 60


@pytest.mark.parametrize("marker", ALL)
def test_markers_of_many_countries_are_missing_values_among_numbers(spelled, marker):
    one = spelled(table([marker if i % 4 == 1 else number for i, number in enumerate(NUMBERS)]))
    column = one.column
    assert (column.kind, column.missing, column.markers) == ("number", 75, {marker: 75})
    assert column.first_marker and (column.first_marker.row, column.first_marker.value) == (2, marker)
    assert np.isnan(one.prepared()).sum() == 75


@pytest.mark.parametrize("marker", [r"\N", "..", "unknown", "없음", "#DIV/0!", "0000-00-00", "00/00/0000"])
def test_markers_are_missing_values_among_dates(spelled, marker):
    days = [f"2023-{i % 12 + 1:02}-{i % 28 + 1:02}" for i in range(300)]
    one = spelled(table([marker if i % 4 == 1 else day for i, day in enumerate(days)]))
    assert (one.column.kind, one.column.missing, one.column.markers) == ("datetime", 75, {marker: 75})
    assert np.isnan(one.prepared()[:, 0]).sum() == 75


def test_sql_zero_dates_are_missing_and_named(spelled):
    one = spelled((CASES / "J02-dates-mysql-zero" / "t.csv").read_text().replace("a,when,y", "a,v,y"))
    assert one.column.missing == 12 and one.column.markers == {"0000-00-00": 12}
    assert [(f.level, f.row) for f in one.findings if f.id == "columns.numbers"] == [("warn", 1)]


def test_a_marker_is_kept_as_a_category_by_one_press(spelled):
    one = spelled(table(["unknown" if i % 3 else str(i % 8) for i in range(120)])).press("Keep v")
    assert one.recipe.types == {"v": "category"} and one.column.missing == 0
    assert one.column.values and one.column.values["unknown"] == 80 and not one.findings
    assert one.prepared().shape[1] == 9


def test_few_unregistered_words_are_a_finding_that_one_press_decides(spelled):
    cells = ["see note 4" if i % 3 == 0 else number for i, number in enumerate(NUMBERS)]
    one = spelled(table(cells))
    assert one.column.kind == "number" and one.column.spellings == {"see note 4": 100}
    (finding,) = one.findings
    assert (finding.level, finding.row, finding.value) == ("err", 1, "see note 4") and "100" in finding.title
    assert "'see note 4' (100)" in finding.text
    missing = one.press("missing")
    assert not missing.findings and np.isnan(missing.prepared()).sum() == 100
    assert not np.isnan(one.press("Leave out 100").column.min)
    text = one.press("Keep v")
    assert text.column.kind == "category" and text.column.values and text.column.values["see note 4"] == 100


@pytest.mark.parametrize(
    "cells",
    [
        [["4", "6", "8", "rotary"][i % 4] for i in range(200)],
        [["1", "2", "3", "K"][i % 4] for i in range(200)],
        [["0", "1", "unknown"][i % 3] for i in range(200)],
        [f"V{i % 40}" if i % 3 else f"{i}.9" for i in range(300)],
        [f"{i}" if i % 2 else f"PC {i}" for i in range(300)],
        ["." if i % 2 else "-" for i in range(100)],
    ],
    ids=["cylinders", "grades", "classes", "diagnoses", "tickets", "signs"],
)
def test_words_among_few_numbers_stay_categories_or_text(spelled, cells):
    assert spelled(table(cells)).column.kind in ("category", "text")


def test_a_column_set_to_yes_or_no_by_hand_names_what_is_neither(spelled):
    one = spelled(
        table(["perhaps" if i == 4 else ["yes", "No", "1"][i % 3] for i in range(60)]), types={"v": "boolean"}
    )
    (finding,) = one.findings
    assert (finding.level, finding.row, finding.value) == ("err", 5, "perhaps")
    assert np.isnan(one.press("missing").prepared()).sum() == 1


def test_a_word_of_a_text_column_is_no_missing_value(spelled):
    one = spelled(table([["red", "unknown", "missing", "."][i % 4] for i in range(80)]))
    assert one.column.kind == "category" and one.column.missing == 0 and one.column.distinct == 4


@example("0\x1f")
@example("\x1f¼")
@given(st.one_of(st.sampled_from(sorted(MARKERS)), st.text(max_size=6), st.text("#.*-:/?_=xX0–", max_size=12)))
def test_both_readers_agree_on_what_is_missing(text):
    check_both_readers([text])


def test_both_readers_agree_on_every_marker():
    markers = [marker for several in VARIATIONS.values() for marker in several]
    check_both_readers([*markers, *sorted(MARKERS), *MISSING])


def check_both_readers(texts: list[str]) -> None:
    frame = pl.DataFrame({"c": texts}, schema={"c": pl.String})
    stripped = parse_polars.strip_missing(pl.col("c"))
    expressions = stripped.is_null(), parse_polars.is_marker(stripped), parse_polars.classify_fault(stripped)
    with whole_columns():
        read = frame.select(**dict(zip("mkf", expressions, strict=True)))
    for text, (missing, marker, fault) in zip(texts, read.iter_rows(), strict=True):
        assert (text, missing) == (text, parse_scalar.is_missing(text))
        if not missing:
            assert (text, marker) == (text, parse_scalar.is_marker(text))
            assert (text, fault) == (text, parse_scalar.classify_fault(text.strip(parse_scalar.BLANK)))


def test_the_registry_is_in_lower_case_and_has_no_number():
    for marker in MARKERS | set(MISSING):
        assert marker == marker.lower() == marker.strip(parse_scalar.BLANK) and not parse_scalar.is_number(marker)
