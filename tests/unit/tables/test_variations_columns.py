"""One column as strangers write it, on the product's own path: inspected, checked, mended by the first fix, prepared.

What is right was written down before any of it was run. Cells are cycled to a table `a,v,y`.
"""

import re
from datetime import UTC, datetime

import numpy as np
import pytest

from tests.corpus.cases import Table, table
from tests.unit.tables import spelled

ROWS = 120
# {habit: {cell: number}}; after the first fix of every error of the column, each cell is this number
NUMBERS: dict[str, dict[str, float]] = {
    "Norway, prefix and en dash": {"kr 1 234,50": 1234.5, "kr 99,–": 99, "kr 12 500,–": 12500},
    "Sweden, colon dash": {"1 250:-": 1250, "99:-": 99, "12 500:-": 12500},
    "Austria, en dash": {"€ 1.234,–": 1234, "€ 99,50": 99.5, "€ 5,–": 5},
    "Switzerland, en dash": {"1'234.–": 1234, "12.–": 12, "99.50": 99.5},
    "Chile": {"$15.990": 15990, "$1.250.000": 1.25e6, "$990": 990},
    "Argentina": {"$ 1.234,50": 1234.5, "$ 99,90": 99.9, "$ 12,00": 12},
    "Mexico, sign and code": {"$1,234.50 MXN": 1234.5, "$99.90 MXN": 99.9},
    "Taiwan": {"NT$1,200": 1200, "NT$ 35": 35, "NT$12,345.5": 12345.5},
    "SI blanks": {"12 345.5": 12345.5, "1\u2009234.25": 1234.25, "99.5": 99.5},
    "Türkiye, percent and comma": {"%12,5": 12.5, "%3,75": 3.75, "%45": 45},
    "Egypt, percent": {"٪١٢٫٥": 12.5, "٪٤٥": 45},
    "India, Devanagari groups": {"१,२३,४५६.७८": 123456.78, "९९": 99, "१,२३४": 1234},
    "Iran, groups": {"۱۲٬۳۴۵": 12345, "۹۹": 99, "۱٬۲۳۴٬۵۶۷": 1234567},
    "Japan, wide groups": {"１，２３４": 1234, "９９": 99, "１２，３４５．５": 12345.5},
    "Vietnam, scales": {"1,2 tỷ": 1.2e9, "500 triệu": 5e8, "2,5 triệu": 2.5e6},
    "Indonesia, scales": {"Rp 1,5 miliar": 1.5e9, "Rp 250 ribu": 250e3, "Rp 3 juta": 3e6},
    "India, scales in Hindi": {"5 लाख": 5e5, "2.5 करोड़": 2.5e7, "12 हज़ार": 12000},
    "Thailand, scales": {"5 ล้าน": 5e6, "2.5 ล้าน": 2.5e6, "3 แสน": 3e5, "12 พัน": 12000},
    "Arabic, scales": {"5 مليون": 5e6, "2.5 مليون": 2.5e6, "12 ألف": 12000},
    "Brazil, scales": {"R$ 2,5 mi": 2.5e6, "R$ 1,2 bi": 1.2e9, "R$ 500 mil": 5e5},
    "France, scales before the sign": {"2,5 M€": 2.5e6, "350 k€": 350e3, "1,2 Md€": 1.2e9},
    "Germany, Excel's exponents": {"1,5E+03": 1500, "2,25E-02": 0.0225, "7,00E+00": 7},
    "comma and U+2212": {"−12,5": -12.5, "3,75": 3.75, "−0,25": -0.25},
    "Germany, accounts": {"(1.234,50)": -1234.5, "12,50": 12.5, "(0,75)": -0.75},
    "US, sign before brackets": {"$(1,234.50)": -1234.5, "$12.50": 12.5, "$(3)": -3},
    "US, minus behind the sign": {"$-1,234.50": -1234.5, "$12.50": 12.5},
    "Germany, bounds": {"<0,01": 0.01, ">12,5": 12.5, "3,25": 3.25},
    "stars of significance": {"0.45***": 0.45, "0.12*": 0.12, "-0.30": -0.3, "0.22**": 0.22},
    "footnotes in brackets": {"1,234[1]": 1234, "99[2]": 99, "12,345": 12345, "3,210[a]": 3210},
    "rates": {"$12.50/hr": 12.5, "$15/hr": 15, "$1,200/hr": 1200},
    "ratings": {"4.5/5": 4.5, "3.8/5": 3.8, "4.0/5": 4.0},
    "ratings in words": {"4.5 out of 5": 4.5, "3.75 out of 5": 3.75},
    "years, one and many": {"1 year": 1, "3 years": 3, "12 years": 12},
    "days in Spanish": {"1 día": 1, "12 días": 12, "30 días": 30},
    "capitals of a unit": {"12 kg": 12, "35.5 Kg": 35.5, "7 KG": 7},
    "pounds": {"1 lb": 1, "12.5 lbs": 12.5, "200 lbs": 200},
    "ups and downs": {"▲2.3%": 2.3, "▼1.2%": -1.2, "▲0.4%": 0.4},
    "Czechia, no hellers": {"1 250,- Kč": 1250, "99,50 Kč": 99.5},
    "Israel": {"₪1,234.50": 1234.5, "₪12": 12, "₪99.90": 99.9},
    "Israel, words": {'12.50 ש"ח': 12.5, '1,234.50 ש"ח': 1234.5},
    "Morocco": {"1 250,50 DH": 1250.5, "120 DH": 120, "99,90 DH": 99.9},
    "Serbia": {"1.250,50 дин.": 1250.5, "99,90 дин.": 99.9, "12 дин.": 12},
    "Ukraine": {"1 234,50 грн": 1234.5, "99,90 грн.": 99.9, "12 грн": 12},
    "Armenia": {"12,500 ֏": 12500, "990 ֏": 990},
    "Paraguay": {"Gs. 150.000": 150e3, "Gs. 1.250.000": 1.25e6, "Gs. 12.500": 12500},
    "Nigeria": {"₦1,234.50": 1234.5, "₦99": 99},
    "Philippines": {"Php 1,234.50": 1234.5, "PHP 99": 99, "₱12.50": 12.5},
    "Malaysia": {"RM1,234.50": 1234.5, "RM 99": 99},
    "Iceland": {"1.250 kr.": 1250, "99 kr.": 99, "12.500 kr.": 12500, "1.234.567 kr.": 1234567},
    "Excel, an apostrophe": {"'12.5": 12.5, "'99": 99, "'7.25": 7.25},
    "ordinals": {"1st": 1, "2nd": 2, "3rd": 3, "14th": 14, "22nd": 22},
    "scientific with a unit": {"1.2e3 mg": 1200, "5.5e-2 mg": 0.055, "12 mg": 12},
    "Korea, counts of people": {"1,234명": 1234, "99명": 99, "12,345 명": 12345},
    "Japan, yen with a comma and a bar": {"¥1,234-": 1234, "¥99-": 99},
    "Poland, code first": {"PLN 1 234,50": 1234.5, "PLN 99,90": 99.9},
    "Greece": {"1.234,50 ευρώ": 1234.5, "99,90 ευρώ": 99.9},
    "signed percents": {"+12.5%": 12.5, "−3.5%": -3.5, "+0.25%": 0.25},
    "basis points": {"25 bps": 25, "12.5 bps": 12.5, "-7 bps": -7},
    "plus behind money": {"$50,000+": 50000, "$12,500": 12500, "<$5,000": 5000},
    "South Africa": {"R 1 234,50": 1234.5, "R 99,90": 99.9, "R 12 500,00": 12500},
}  # fmt: skip

DAYS = [datetime(2024, 1 + i % 12, 1 + i * 5 % 28, tzinfo=UTC) for i in range(60)]
NOON = [day.replace(hour=1 + i % 23, minute=5 + i % 50) for i, day in enumerate(DAYS)]


def words(text: str) -> list[str]:
    return text.split()


SR = words("јануар фебруар март април мај јун јул август септембар октобар новембар децембар")
RO = words("ian. feb. mar. apr. mai iun. iul. aug. sept. oct. nov. dec.")
BN = words("জানুয়ারি ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর")
KK = words("қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан")
AZ = words("yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr")
BE = words("студзеня лютага сакавіка красавіка мая чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня")
SQ = words("janar shkurt mars prill maj qershor korrik gusht shtator tetor nëntor dhjetor")
FR = words("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.")
TH = words("ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.")
LEVANT = ["كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "تشرين الأول",
    "تشرين الثاني",
          "كانون الأول"]  # fmt: skip
PT = words("JAN FEV MAR ABR MAI JUN JUL AGO SET OUT NOV DEZ")
DE = words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
BENGALI = str.maketrans("0123456789", "".join(chr(0x9E6 + i) for i in range(10)))
DE_DAYS, KO_DAYS = words("Mo Di Mi Do Fr Sa So"), "월화수목금토일"


def half(d: datetime, forenoon: str, afternoon: str) -> str:
    return f"{(d.hour + 11) % 12 + 1}:{d:%M}:00 {forenoon if d.hour < 12 else afternoon}"


# {habit: (format, has a time of day)}
DATES = {
    "France, short months": (lambda d: f"{d.day} {FR[d.month - 1]} {d.year}", False),
    "Apache's log": (lambda d: f"{d:%d/%b/%Y:%H:%M}:00 +0000", True),
    "nanoseconds": (lambda d: f"{d:%Y-%m-%dT%H:%M}:00.123456789Z", True),
    "Germany, weekday": (lambda d: f"{DE_DAYS[d.weekday()]}, {d:%d.%m.%Y}", False),
    "US, weekday": (lambda d: f"{d:%a %m/%d/%Y}", False),
    "Germany, Uhr": (lambda d: f"{d:%d.%m.%Y %H:%M} Uhr", True),
    "France, à": (lambda d: f"{d:%d/%m/%Y} à {d:%Hh%M}", True),
    "Sweden, kl.": (lambda d: f"{d:%Y-%m-%d} kl. {d:%H:%M}", True),
    "Denmark, points in the time": (lambda d: f"{d:%d-%m-%Y %H.%M}", True),
    "Finland, klo": (lambda d: f"{d.day}.{d.month}.{d.year} klo {d.hour}.{d:%M}", True),
    "Korea, one-digit minutes": (
        lambda d: f"{d.year}년 {d.month}월 {d.day}일 {'오후' if d.hour > 11 else '오전'} "
        f"{(d.hour + 11) % 12 + 1}시 {d.minute}분",
        True,
    ),
    "Korea, weekday and time": (lambda d: f"{d:%Y-%m-%d}({KO_DAYS[d.weekday()]}) {d:%H:%M}", True),
    "Korea, two digits and words": (lambda d: f"{d:%y}년 {d.month}월 {d.day}일", False),
    "Korea, an apostrophe": (lambda d: f"'{d:%y.%m.%d}", False),
    "Taiwan, years of the republic": (lambda d: f"{d.year - 1911}/{d:%m/%d}", False),
    "Japan, era and weekday": (lambda d: f"令和{d.year - 2018}年{d.month}月{d.day}日(月)", False),
    "Japan, era with slashes": (lambda d: f"R{d.year - 2018}/{d.month}/{d.day}", False),
    "Thailand, two digits": (lambda d: f"{d.day} {TH[d.month - 1]} {(d.year + 543) % 100}", False),
    "Levant": (lambda d: f"{d.day} {LEVANT[d.month - 1]} {d.year}", False),
    "Greece, μμ": (lambda d: f"{d.day}/{d.month}/{d.year} {half(d, 'πμ', 'μμ')}", True),
    "Vietnam, CH": (lambda d: f"{d:%d/%m/%Y} {half(d, 'SA', 'CH')}", True),
    "Arabic, ص and م": (lambda d: f"{d:%d/%m/%Y} {half(d, 'ص', 'م')}", True),
    "Türkiye, ÖÖ and ÖS": (lambda d: f"{d:%d.%m.%Y} {half(d, 'ÖÖ', 'ÖS')}", True),
    "Vietnam, thg": (lambda d: f"{d.day} thg {d.month}, {d.year}", False),
    "Serbia": (lambda d: f"{d.day}. {SR[d.month - 1]} {d.year}.", False),
    "Romania": (lambda d: f"{d.day} {RO[d.month - 1]} {d.year}", False),
    "Bangladesh": (lambda d: f"{d.day} {BN[d.month - 1]} {d.year}".translate(BENGALI), False),
    "Kazakhstan": (lambda d: f"{d.day} {KK[d.month - 1]} {d.year}", False),
    "Azerbaijan": (lambda d: f"{d.day} {AZ[d.month - 1]} {d.year}", False),
    "Belarus": (lambda d: f"{d.day} {BE[d.month - 1]} {d.year}", False),
    "Albania": (lambda d: f"{d.day} {SQ[d.month - 1]} {d.year}", False),
    "Mongolia": (lambda d: f"{d.year} оны {d.month} сарын {d.day}", False),
    "JavaScript": (lambda d: f"{d:%a %b %d %Y %H:%M}:00 GMT+0000 (Coordinated Universal Time)", True),
    "JavaScript, Korea": (lambda d: f"{d:%a %b %d %Y %H:%M}:00 GMT+0000 (한국 표준시)", True),
    "Portugal, capitals": (lambda d: f"{d.day:02}-{PT[d.month - 1]}-{d:%y}", False),
    "Germany, den": (lambda d: f"Montag, den {d.day}. {DE[d.month - 1]} {d.year}", False),
    "ISO, minus and colon": (lambda d: f"{d:%Y-%m-%dT%H:%M}:00-00:00", True),
    "SQL Server": (lambda d: f"{d:%Y-%m-%d %H:%M}:00.0000000 +00:00", True),
    "Excel in Japan": (lambda d: f"{d.year}/{d.month}/{d.day} {d.hour}:{d:%M}", True),
    "Hungary, time": (lambda d: f"{d:%Y.%m.%d. %H:%M}:00", True),
}  # fmt: skip

# {who: markers}; a fifth of a column of numbers
MARKERS = {
    "Korea": ["정보없음", "확인불가", "해당 사항 없음", "측정값없음"],
    "Japan": ["データ無し", "×", "未実施", "計測不能"],
    "China": ["无记录", "未检测", "未检出", "暂缺"],
    "Germany": ["nicht verfügbar", "nicht bekannt", "o. A.", "ohne Angabe", "n. v."],
    "France": ["NSP", "sans réponse", "(vide)", "données manquantes"],
    "Spain": ["NS/NC", "no sabe", "sin respuesta", "(en blanco)"],
    "Brazil": ["sem resposta", "não sabe", "(vazio)", "em branco"],
    "Italy": ["non rilevato", "dato mancante", "(vuoto)", "n.p."],
    "Poland": ["nie dotyczy", "nie podano", "(puste)"],
    "Türkiye": ["mevcut değil", "boş", "belirsiz"],
    "Arabic": ["غير محدد", "لا ينطبق", "مجهول"],
    "Thailand, Vietnam, Indonesia": ["ไม่ระบุ", "không xác định", "tidak tersedia"],
    "Greece, Hungary, Romania": ["δεν υπάρχει", "nincs adat", "necunoscut", "lipsă"],
    "Nordic": ["ikke oplyst", "ikke oppgitt", "ej angivet", "ei tiedossa"],
    "Russia, Ukraine": ["не определено", "не заполнено", "не вказано", "б/д"],
    "programs": ["None.", "<NULL>", "N.A", "NA()", "#N/D", "#N/A!", "nan%", "NaT", "(n.a.)", "No Data"],
}  # fmt: skip


def mended(one: Table, column: str = "v") -> Table:
    """The table after the first fix of each error of `column`, as a person presses them in turn."""
    for _ in range(4):
        errors = [f for f in one.report.findings if f.level == "err" and f.column == column]
        if not errors:
            return one
        assert errors[0].fixes, errors[0].title
        one = one.apply(errors[0].fixes[0])
    raise AssertionError([f.title for f in errors])


def of(cells: list[str], **changes) -> Table:
    return table(spelled.table(cells), target="y", validation="none", test_share=0, **changes)


def encoded(one: Table, cells: list[str]) -> np.ndarray:
    """What preparing writes for `v`; asserts that rows by name become the same."""
    written = one.prepared.matrix()[:, 1:]
    rows = one.prepared.encode(*({"a": str(i % 7), "v": cell} for i, cell in enumerate(cells)))
    np.testing.assert_array_equal(written, rows)
    own = [i for i, name in enumerate(one.prepared.features) if name.split(".")[0].split("=")[0] == "v"]
    return written[:, own]


@pytest.mark.parametrize("habit", NUMBERS)
def test_numbers_are_read_with_their_meaning_by_the_first_fix(habit):
    cells = list(NUMBERS[habit])
    texts = cells * (ROWS // 2 // len(cells))
    # Numbers of their own, so that few different ones are no categories.
    texts += [next_to(cells[0], i) for i in range(1, ROWS // 2)]
    one = mended(of(texts))
    assert one.kinds["v"] == "number", (one.kinds, one.columns["v"].values)
    values = encoded(one, texts)
    assert values.shape[1] == 1
    assert values[: len(cells), 0].tolist() == pytest.approx([float(v) for v in NUMBERS[habit].values()], rel=1e-12)


def next_to(cell: str, i: int) -> str:
    """Another number as `cell` is written: its first digits, one to three, become other ones of two or three."""
    first = re.search(r"\d+", cell)
    assert first
    zero = ord(first[0][0]) - int(first[0][0])
    number = str(10 + i if len(first[0]) < 3 else 100 + 7 * i)
    rest = first[0][3:]
    return cell[: first.start()] + "".join(chr(zero + int(d)) for d in number) + rest + cell[first.end() :]


@pytest.mark.parametrize("habit", DATES)
def test_dates_are_read_whoever_wrote_them(habit):
    form, timed = DATES[habit]
    moments = (NOON if timed else DAYS) * 2
    texts = [form(moment) for moment in moments]
    one = of(texts)
    assert (one.kinds["v"], one.columns["v"].missing) == ("datetime", 0)
    assert not [f.title for f in one.report.findings if f.level == "err" and f.column == "v"]
    parts = encoded(one, texts)
    assert parts[:, 0].tolist() == [moment.toordinal() - 719163 for moment in moments]
    if timed:
        assert parts[:, 4].tolist() == [moment.hour for moment in moments]


@pytest.mark.parametrize("who", MARKERS)
def test_markers_are_missing_values_of_numbers(who):
    texts = [f"{i * 791.9 % 997:.2f}" for i in range(ROWS)]
    for i, marker in enumerate(MARKERS[who]):
        texts[i * 5 :: 25] = [marker] * len(texts[i * 5 :: 25])
    odd = sum(cell in MARKERS[who] for cell in texts)
    one = of(texts)
    assert one.kinds["v"] == "number" and not [f for f in one.report.findings if f.level == "err"]
    assert one.columns["v"].missing == odd and np.isnan(encoded(one, texts)).sum() == odd
