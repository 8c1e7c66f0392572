"""Numbers as people of many countries write them, in tables, rows by name and single cells."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tables import Recipe, parse_polars, parse_scalar
from tables.number_spellings import FAULTS, TRANSLATED
from tables.recipe import NUMBERS
from tables.spellings import BLANK
from tests.unit.tables.spelled import CASES, Spelled, table, whole_columns

# (country or habit, style offered, {text: number}); a column is made of such cells
HABITS = [
    ("US, dollars", "currency", {"$1,234.50": 1234.5, "$3": 3, "-$0.75": -0.75, "$ 12": 12, "($1,234)": -1234}),
    ("US, behind", "currency", {"1,234.50 USD": 1234.5, "3 USD": 3, "12.5USD": 12.5}),
    ("US, scales", "scale", {"395.9M": 395.9e6, "79.2K": 79200, "1.2B": 1.2e9, "0.0K": 0}),
    ("US, words", "scale", {"3 million": 3e6, "1.5 billion": 1.5e9, "2 thousand": 2000}),
    ("US, money in scales", "currency", {"$1.2M": 1.2e6, "$350K": 350_000, "$2.1B": 2.1e9}),
    ("US, accounts", "accounting", {"(1,234.50)": -1234.5, "(3)": -3, "(0.25)": -0.25}),
    ("US, survey", "bound", {"<0.01": 0.01, ">100": 100, "10,000+": 10000, "≥ 5": 5, "~7.5": 7.5}),
    ("SAP", "accounting", {"12.00-": -12, "1,234.50-": -1234.5, "3-": -3}),
    ("UK", "currency", {"£1,234.50": 1234.5, "£3": 3, "£0.99": 0.99}),
    ("US, bounds of money", "bound", {"<$50K": 50_000, "$1M+": 1e6, "10K+": 10_000, ">5%": 5}),
    ("Netherlands, no cents", "comma", {"€ 1.234,-": 1234, "€ 12,50": 12.5, "€ 5,--": 5}),
    ("Switzerland, no cents", "currency", {"CHF 5.-": 5, "CHF 1'250.-": 1250, "CHF 3.50": 3.5}),
    ("Türkiye, percent", "percent", {"%45": 45, "% 12.5": 12.5}),
    ("a blank behind the sign", "notation", {"- 5": -5, "+ 3.5": 3.5}),
    ("UK, words behind", "bound", {"5 or more": 5, "1,000 and over": 1000, "12.5 and above": 12.5}),
    ("Canada, Australia", "currency", {"C$1,234.50": 1234.5, "A$3.20": 3.2, "NZ$ 12": 12}),
    ("Korea, won", "currency", {"₩1,234,000": 1234000, "15,000원": 15000, "3,500 원": 3500}),
    ("Korea, 만 and 억", "scale", {"1,200만": 12e6, "3.5억": 3.5e8, "12억 3,000만": 1.23e9, "5천": 5000}),
    ("Korea, bounds", "bound", {"5 이상": 5, "100 미만": 100, "2.5이하": 2.5}),
    ("Japan", "currency", {"1,234円": 1234, "¥5,600": 5600, "￥700": 700}),
    ("Japan, wide", "notation", {"１２３４": 1234, "５６．７": 56.7, "－８": -8}),
    ("China", "scale", {"3.2万": 32000, "1.5亿": 1.5e8, "2千": 2000}),
    ("China, money", "currency", {"¥1,234.50": 1234.5, "300元": 300, "RMB 25": 25}),
    ("India, lakh", "thousands", {"1,10,100": 110100, "12,34,567.50": 1234567.5, "2,345": 2345}),
    ("India, rupees", "currency", {"Rs. 15,165": 15165, "₹1,10,100": 110100, "Rs 250": 250, "INR 99": 99}),
    ("India, crore", "scale", {"2 lakh": 2e5, "1.2 crore": 1.2e7, "3.5 Cr": 3.5e7}),
    ("Germany", "comma", {"1.234,50": 1234.5, "3,14": 3.14, "1.234.567,8": 1234567.8}),
    ("Germany, euro", "comma", {"1.234,50 €": 1234.5, "3,10 €": 3.1, "1.234 €": 1234, "12 €": 12}),
    ("Germany, words", "comma", {"3,5 Mio. €": 3.5e6, "1,2 Mrd. €": 1.2e9, "2,5 Tsd. €": 2500}),
    ("Switzerland", "thousands", {"1'234.50": 1234.5, "12’345": 12345, "1'234'567": 1234567}),
    ("Switzerland, francs", "currency", {"CHF 1'234.50": 1234.5, "CHF 3": 3, "Fr. 12": 12}),
    ("France", "comma", {"10\xa0100,10": 10100.1, "1\u202f234,5": 1234.5, "0,75": 0.75}),
    ("France, euro", "comma", {"1 234,50 €": 1234.5, "3,10 €": 3.1, "15 €": 15}),
    ("France, percent", "comma", {"12,5 %": 12.5, "3,75%": 3.75, "100 %": 100}),
    ("Brazil", "comma", {"R$ 15.165,15": 15165.15, "R$ 3,50": 3.5, "R$ 1.000": 1000}),
    ("Brazil, no cents", "comma", {"R$ 15.165": 15165, "R$ 2.350": 2350, "R$ 1.234.567": 1234567}),
    ("Spain", "comma", {"1.234,5": 1234.5, "7,25": 7.25, "12.345,00": 12345}),
    ("Poland", "comma", {"1 234,50 zł": 1234.5, "3,20 zł": 3.2, "100 zł": 100}),
    ("Czechia", "comma", {"1 234,50 Kč": 1234.5, "99,90 Kč": 99.9}),
    ("Russia", "comma", {"1 234,50 ₽": 1234.5, "3,20 руб.": 3.2, "2,5 млн ₽": 2.5e6}),
    ("Sweden", "comma", {"1 234,50 kr": 1234.5, "3,20 kr": 3.2, "12 kr": 12}),
    ("Türkiye", "comma", {"1.234,50 ₺": 1234.5, "3,20 TL": 3.2, "₺12,50": 12.5}),
    ("Vietnam", "comma", {"1.000.000 ₫": 1e6, "350.000 ₫": 350_000, "25.500 ₫": 25500}),
    ("Japan, accounts", "thousands", {"▲1,234": -1234, "△ 5": -5, "12,345": 12345}),
    ("Korea, money of 억 and 만", "currency", {"2억 9,748만원": 297_480_000, "1억 500만 원": 105_000_000}),
    ("India, no paise", "currency", {"Rs. 72,08,775/-": 7_208_775, "₹250/-": 250}),
    ("Bangladesh", "currency", {"৳21,83,570": 2_183_570, "BDT 36,22,799": 3_622_799}),
    ("Pakistan", "currency", {"PKR 4,906,506": 4_906_506, "PKR 7": 7}),
    ("Qatar", "currency", {"QAR 12,247.36": 12247.36, "QAR 99": 99}),
    ("Kuwait, three decimals", "currency", {"KWD 378.800": 378.8, "KWD 10330.780": 10330.78}),
    ("Ghana", "currency", {"GH₵ 8,366.83": 8366.83, "GH₵ 5": 5}),
    ("Uzbekistan", "comma", {"9 428 650 so'm": 9_428_650, "1 250,50 so'm": 1250.5}),
    ("West Africa", "currency", {"5 756 938 FCFA": 5_756_938, "250 FCFA": 250}),
    ("Hungary, no fillér", "comma", {"7.197.186,- Ft": 7_197_186, "12,5 Ft": 12.5}),
    ("Portugal, sign within", "currency", {"11925€56": 11925.56, "3€10": 3.1}),
    ("Saudi Arabia", "currency", {"٨١٥٧٫٠٦ ريال": 8157.06, "٩٤ ريال": 94}),
    ("Iran", "currency", {"۶,۸۱۹,۲۰۴ تومان": 6_819_204, "۵۰ تومان": 50}),
    ("Vietnam, small đ", "comma", {"4.763.313 đ": 4_763_313, "25.500 đ": 25500}),
    ("Burma, Khmer, Tamil, Lao, Gujarati", "notation",
     {"၃၅၉": 359, "១៩៧": 197, "௧௪௪": 144, "໗໘": 78, "૮૦૯": 809}),
    ("inches", "notation", {"4 1/2": 4.5, "12 3/8": 12.375, "8¼": 8.25, "½": 0.5}),
    ("Indonesia", "comma", {"Rp 1.250.000": 1.25e6, "Rp 15.500": 15500, "Rp 7.500": 7500}),
    ("Thailand", "currency", {"฿1,234.50": 1234.5, "฿3": 3, "THB 12": 12}),
    ("Thailand, digits", "notation", {"๑๒๓": 123, "๔.๕": 4.5}),
    ("Egypt, digits", "notation", {"١٢٣٤": 1234, "٣٫١٤": 3.14, "٧": 7}),
    ("Iran, digits", "notation", {"۱۲۳": 123, "۴۵۶۷": 4567}),
    ("Nepal, digits", "notation", {"१२३": 123, "४५.६": 45.6}),
    ("percent", "percent", {"45%": 45, "12.5 %": 12.5, "-0.5%": -0.5, "1,234%": 1234, "7 pct": 7}),
    ("minus signs", "notation", {"−5.5": -5.5, "－3": -3, "–12": -12}),
    ("Fortran", "notation", {"1.5D+03": 1500, "2.25d-2": 0.0225, "1.5×10^3": 1500, "2*10^-2": 0.02}),
    ("Excel", "notation", {'="12.5"': 12.5, '="3"': 3, '="-7"': -7}),
    ("kilograms", "unit", {"12 kg": 12, "35.5kg": 35.5, "1,200 kg": 1200}),
    ("degrees", "unit", {"35.5°C": 35.5, "-3 °C": -3, "12°C": 12}),
    ("speeds", "unit", {"80 km/h": 80, "120.5 km/h": 120.5}),
    ("square metres", "unit", {"84 ㎡": 84, "59.9㎡": 59.9}),
]  # fmt: skip
CELLS = [
    pytest.param(style, text, number, id=f"{habit}: {text}")
    for habit, style, cells in HABITS for text, number in cells.items()
]  # fmt: skip


@pytest.fixture
def spelled(folder, keep):
    return lambda text, **recipe: Spelled(folder, keep(text), Recipe(target="y", validation="none", **recipe))


@pytest.mark.parametrize(("style", "text", "number"), CELLS)
def test_a_cell_is_read_with_its_meaning(style, text, number):
    assert parse_scalar.parse_number(text, style) == number


@pytest.mark.parametrize(("position", "style", "cells"), HABITS, ids=[position for position, _, _ in HABITS])
def test_a_column_is_one_of_numbers_and_one_press_reads_it(spelled, position, style, cells):
    texts = list(cells) * (60 // len(cells))
    # Numbers of their own, so that a unit is no category.
    if style == "unit":
        texts += [f"{i}.25{next(iter(cells)).lstrip('-0123456789.,')}" for i in range(1, 41)]
    one = spelled(table(texts))
    column = one.column
    assert (column.kind, column.style) == ("number", style)
    (finding,) = [finding for finding in one.findings if finding.id == "columns.numbers"]
    assert finding.level == "err" and finding.row == 1 and finding.value == texts[0].strip(BLANK)[:80]
    pressed = one.press("Read v as")
    assert pressed.recipe.numbers == {"v": style}
    assert not [finding for finding in pressed.findings if finding.level == "err"]
    assert pressed.prepared()[: len(cells), 0].tolist() == [float(number) for number in cells.values()]


def case(name: str) -> str:
    return (CASES / name / "t.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("A06-parens-neg", {0: -0.0, 1: 791.9, 5: -3959.5}), ("A06h-rs", {0: 10100, 5: 15165}),
        ("A07-trailing-minus-sap", {0: -0.0, 1: 791.9, 5: -3959.5}), ("A08-indian-lakh", {0: 110100, 5: 645165}),
        ("A09-r-brazil", {0: 10100.1, 5: 15165.15}), ("A10h-plus-suffix-10-000", {0: 1000, 5: 500_000}),
        ("A13-censored-0-01", {0: 0.01, 1: 0.792}), ("A14-french-nbsp-comma", {0: 10100.1, 5: 15165.15}),
        ("A15-german-dot-thousands-int", {0: 100, 1: 11113, 5: 15165}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_the_cases_are_a_finding_and_one_press_reads_them(spelled, name, rows):
    one = spelled(case(name))
    assert one.column.kind == "number"
    (finding,) = [finding for finding in one.findings if finding.id == "columns.numbers"]
    assert finding.level == "err" and finding.row
    values = one.press("Read v as").prepared()[:, 0]
    assert {row: values[row] for row in rows} == rows and not np.isnan(values).any()


def test_thousands_and_millions_behind_numbers_are_multiplied_by_whatever_way_they_are_read(spelled):
    for numbers in ({"v": "unit"}, {"v": "scale"}, {"v": "currency"}):
        one = spelled(case("J04-unit-mixed-K-M"), types={"v": "number"}, numbers=numbers)
        assert one.prepared()[:6, 0].tolist() == [0, 79.2e6, 158.4e3, 237.6e6, 316.8e3, 395.9e6]
    assert spelled(case("J04-unit-mixed-K-M")).press("Read v as").recipe.numbers == {"v": "scale"}


def test_two_units_are_a_finding_and_not_one_number(spelled):
    one = spelled(table([f"{i} kg" if i % 3 else f"{i}00 lb" for i in range(1, 121)]))
    (finding,) = [finding for finding in one.findings if finding.id == "columns.numbers"]
    assert finding.level == "err" and "'kg' (80), 'lb' (40)" in finding.text
    by_hand = spelled(table([f"{i} kg" if i % 3 else f"{i}00 lb" for i in range(1, 121)]), numbers={"v": "unit"})
    assert [f.level for f in by_hand.findings if f.id == "columns.numbers"] == ["warn"]


@pytest.mark.parametrize(
    ("text", "style"),
    [("12,34", "thousands"), ("1,2,3", "thousands"), ("1,234.50", "comma"), ("5 to 10", "unit"), ("10-20", "bound"),
     ("1/2", "unit"), ("12:30", "unit"), ("1.234.567", "currency"), ("1,234,567", "comma"), ("$", "currency"),
     ("%", "percent"), ("kg", "unit"), ("1e5K", "scale"), ("--5", "accounting"), ("(5", "accounting"), ("", "unit"),
     ("2024-01-05", "unit"), ("5 ft 10 in", "unit"), ("1e400", "notation")],
)  # fmt: skip
def test_what_is_not_written_so_is_no_number(text, style):
    assert parse_scalar.parse_number(text, style) is None


@pytest.mark.parametrize(
    "cells",
    [[f"{i}{'ABCDEF'[i % 6]}" for i in range(1, 121)], [f"{i} Main St" if i % 2 else f"{i} Oak Ave" for i in range(99)],
     [f"{i}-{i + 9}" for i in range(0, 100, 10)] * 9 + ["100+"] * 9, [f"{i % 4 + 1}A" for i in range(60)]],
    ids=["seats", "addresses", "ranges", "grades"],
)  # fmt: skip
def test_numbers_with_letters_that_name_something_stay_words(spelled, cells):
    assert spelled(table(cells)).column.kind in ("text", "category")


def test_decimals_of_three_digits_are_no_thousands(spelled):
    for cells in (
        [f"{i}.{i * 37 % 1000:03}" for i in range(1, 200)],
        [f"{i * 0.125:g}" for i in range(1, 200)],
        [f"{i / 1000:.3f}" if i % 2 else str(i) for i in range(1, 200)],
        [f"{i}.125" if i % 2 else str(i * 1000) for i in range(1, 200)],
    ):
        assert not spelled(table(cells)).findings


def test_points_between_thousands_are_kept_as_decimal_points_by_one_press(spelled):
    one = spelled(case("A15-german-dot-thousands-int")).press("decimal point")
    assert one.recipe.types == {"v": "number"} and not one.findings and one.prepared()[1, 0] == 11.113


PIECES = st.sampled_from(
    [*"0123456789.,'() +-−%$€₩", *list(TRANSLATED)[:40], "R$", "Rs. ", "US$", "kr", "zł", "K", "M", "m", "B", "만",
     "억", "lakh", " Mio. ", "e5", "D+03", '="', '"', "<", "≥ ", "+", " or more", "kg", "°C", "m2", "1,234", "1.234",
     "12,5", "12.50", "\xa0", "inf", "1_000", "×10^3", "/"]
)  # fmt: skip


TEXTS = st.one_of(
    st.lists(PIECES, max_size=8).map("".join),
    st.sampled_from([text for _, _, cells in HABITS for text in cells]),
    st.text(max_size=10),
    st.floats().map(str),
    st.tuples(st.sampled_from(["$", "€ ", "(", "<", ""]), st.integers(-(10**9), 10**9).map("{:,}".format),
              st.sampled_from(["", "K", " kg", "%", ")", "-", "+", " 원"])).map("".join),
)  # fmt: skip


def test_both_readers_agree_on_every_habit():
    check_both_readers([text for _, _, cells in HABITS for text in cells])


@settings(max_examples=12, deadline=None)  # of at least ten texts: a column costs as much as a cell
@given(st.lists(TEXTS, min_size=10, max_size=20))
def test_both_readers_agree_on_every_number(texts):
    check_both_readers(texts)


def check_both_readers(texts: list[str]) -> None:
    frame = pl.DataFrame({"c": [*texts, None, "x"]}, schema={"c": pl.String})
    cell = parse_polars.strip_missing(pl.col("c"))
    numbers = {style: parse_polars.parse_number(parse_polars.normalize_number(cell, style)) for style in NUMBERS}
    with whole_columns():
        rows = frame.select(fault=parse_polars.classify_fault(cell), **numbers).to_dicts()
    for text, read in zip(texts, rows, strict=False):
        if not parse_scalar.is_missing(text):
            assert (text, read["fault"]) == (text, parse_scalar.classify_fault(text.strip(BLANK)))
            for style in NUMBERS:
                assert (text, read[style]) == (text, parse_scalar.parse_number(text, style))


def test_every_fault_that_names_a_style_is_one():
    names = {name for name, _ in FAULTS} | {"accounting", "notation"}
    assert set(NUMBERS) <= names
