"""What a table's columns are for, as strangers write them: labels, totals, identifiers, the target, leaks of it.

What is right was written down before any of it was run.
"""

import unicodedata

import numpy as np
import polars as pl
import pytest

from tests.corpus.cases import table

N = 60
CITIES = ("Seoul", "Busan", "Daegu")
LABELS = {
    "adult's points": [["<=50K", "<=50K."], [">50K", ">50K."]],
    "blanks behind": [["yes", "yes "], ["no"]],
    "composed and decomposed": [[unicodedata.normalize("NFC", "Genève"), unicodedata.normalize("NFD", "Genève")],
        ["Bern"]],
    "wide letters": [["ＹＥＳ", "YES"], ["NO"]],
    "capitals": [["Spam", "SPAM", "spam"], ["ham"]],
    "dashes and underlines": [["not-spam", "not_spam", "not spam"], ["spam"]],
    "Korean, decomposed": [["이탈", unicodedata.normalize("NFD", "이탈")], ["유지"]],
    "two blanks": [["New York", "New  York"], ["Boston"]],
}  # fmt: skip


@pytest.mark.parametrize("what", LABELS)
def test_spellings_of_one_label_are_offered_as_one(what):
    spellings = [label for group in LABELS[what] for label in group]
    body = "a,b,y\n" + "".join(f"{i * 7 % 40},{i * 3 % 11}.5,{spellings[i % len(spellings)]}\n" for i in range(90))
    one = table(body, target="y", validation="none", test_share=0)
    if len(one.columns["y"].values) > len(LABELS[what]):
        one = one.press("target.labels" if one.report.of("target.labels") else _label_check(one))
    assert len(one.prepared.schema["classes"]) == len(LABELS[what])


def _label_check(one) -> str:
    ids = [f.id for f in one.report.findings if f.field == "target" and f.level in ("warn", "err") and f.fixes]
    assert ids, one.findings("err", "warn")
    return ids[0]


TOTALS = ["계", "計", "总和", "共计", "Jumlah", "Tổng số", "ยอดรวม", "Celkový součet", "Suma końcowa", "Total General",
          "Всього", "Totals:", "TOTAL", "Summe:", "Average", "평균", "Mean", "Durchschnitt", "Moyenne"]  # fmt: skip


@pytest.mark.parametrize("word", TOTALS)
def test_a_row_that_sums_up_is_found(word):
    body = "city,n,y\n" + "".join(f"{CITIES[i % 3]},{i * 7 % 40},{i % 2}\n" for i in range(N)) + f"{word},1160,30\n"
    one = table(body, target="y")
    assert word.strip(":") in " ".join(f.text + f.title + f.value for f in one.report.findings if f.level == "warn")


IDS = {  # {name: cells}, each another in every row
    "cust_no": [str(1000 + 7 * i) for i in range(N)], "사번": [str(202400 + i) for i in range(N)],
    "순번": [str(i + 1) for i in range(N)], "学号": [str(20240000 + 3 * i) for i in range(N)],
    "№": [str(i + 1) for i in range(N)], "lfd. Nr.": [str(i + 1) for i in range(N)],
    "Kundennummer": [str(70000 + 13 * i) for i in range(N)], "n_dossier": [str(90000 + 11 * i) for i in range(N)],
    "matricule": [str(5000 + 3 * i) for i in range(N)], "UID": [str(900 + 17 * i) for i in range(N)],
    "Unnamed: 0": [str(i) for i in range(N)], "idx": [str(i) for i in range(N)],
    "cpf": [f"{i * 7919 % 900 + 100}.{i * 31 % 900 + 100}.{i * 17 % 900 + 100}-{i % 90 + 10}" for i in range(N)],
    "phone": [f"010-{i * 7919 % 9000 + 1000}-{i * 31 % 9000 + 1000}" for i in range(N)],
    "MRN": [f"MRN{i * 7919 % 900000:06}" for i in range(N)], "trans_id": [f"{i * 7919 % 999983:08x}" for i in range(N)],
}  # fmt: skip


@pytest.mark.parametrize("name", IDS)
def test_a_column_that_tells_rows_apart_is_left_out(name):
    body = f'"{name}",a,b,y\n' + "".join(f"{c},{i * 7 % 40},{i * 0.37:.2f},{i % 2}\n" for i, c in enumerate(IDS[name]))
    assert name in table(body, target="y").inspection.left_out


GUESSES = {  # {names with kinds: the target}; b binary, n number, c three classes, i another in each row
    "id:i Survived:b Pclass:c Age:n Fare:n": "Survived", "id:i diagnosis:b radius:n texture:n": "diagnosis",
    "Age:n Sex:b HeartDisease:b Oldpeak:n": "HeartDisease", "gender:b age:n hypertension:b stroke:b": "stroke",
    "edad:n renta:n resultado:b": "resultado", "wiek:n dochód:n wynik:b plec:b": "wynik",
    "yaş:n gelir:n sonuç:b il:c": "sonuç", "età:n reddito:n esito:b": "esito",
    "возраст:n доход:n результат:b пол:b": "результат", "tuổi:n kết_quả:b thu_nhập:n": "kết_quả",
    "나이:n 연체여부:b 소득:n 성별:b": "연체여부", "年龄:n 是否违约:b 收入:n": "是否违约",
        "年齢:n 解約:b 料金:n": "解約",
    "LIMIT_BAL:n SEX:b default.payment.next.month:b": "default.payment.next.month",
    "age:n job:c balance:n deposit:b": "deposit", "a:n b:n c:n target_variable:n": "target_variable",
    "hasil:b umur:n gaji:n": "hasil", "ηλικία:n αποτέλεσμα:b εισόδημα:n": "αποτέλεσμα",
    "العمر:n النتيجة:b الدخل:n": "النتيجة", "อายุ:n ผลลัพธ์:b รายได้:n": "ผลลัพธ์",
    "Exited:b CreditScore:n Geography:c": "Exited",
        "lat:n lon:n rooms:n median_house_value:n ocean:c": "median_house_value",
}  # fmt: skip


@pytest.mark.parametrize("columns", GUESSES)
def test_the_target_is_guessed_or_asked_for(columns):
    kinds = [column.rsplit(":", 1) for column in columns.split()]
    make = {"b": lambda i, k: str((i >> k % 3) & 1), "n": lambda i, k: f"{(i * 37 + k * 11) % 900 / 8:.3f}",
            "c": lambda i, k: CITIES[(i + k) % 3], "i": lambda i, k: str(100 + 7 * i)}  # fmt: skip
    body = ",".join(n for n, _ in kinds) + "\n"
    body += "".join(",".join(make[k](i, p) for p, (_n, k) in enumerate(kinds)) + "\n" for i in range(N))
    found = table(body).inspection
    assert found.target_suggestion == GUESSES[columns]


def _leaky(seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    return pl.DataFrame({"a": rng.integers(1, 90, 400), "b": rng.normal(50, 9, 400).round(2), "c": rng.gamma(3, 7,
        400).round(2)})  # fmt: skip


A, B, C = pl.col("a"), pl.col("b"), pl.col("c")
LEAKS = {
    "a product": ({"y": (A * B).round(2)}, {"a", "b"}),
    "a product with a rate of its own": ({"y": (A * C).round(2)}, {"a", "c"}),
    "a ratio": ({"y": (B / A).round(4)}, {"a", "b"}),
    "a shift": ({"y": B, "k": B + 273.15}, {"k"}),
    "another unit": ({"y": B, "k": (B * 9 / 5 + 32).round(2)}, {"k"}),
    "a rounded copy": ({"y": B, "k": B.round(0)}, {"k"}),
    "a logarithm": ({"y": C, "k": C.log().round(6)}, {"k"}),
    "a copy in other words": ({"y": (A % 2),
        "k": pl.when(A % 2 == 1).then(pl.lit("cancelled")).otherwise(pl.lit("active"))}, {"k"}),
    "bins": ({"y": B, "k": (B // 2)}, {"k"}),
    "a difference": ({"y": C - B}, {"b", "c"}),
    "a reason that only the positive have": ({"y": (A % 5 == 0).cast(pl.Int64),
        "k": pl.when(A % 5 == 0).then(pl.format("case {}", A % 7)).otherwise(None)}, {"k"}),
}  # fmt: skip


@pytest.mark.parametrize("what", LEAKS)
def test_columns_that_tell_the_target_are_named(what):
    more, expected = LEAKS[what]
    frame = _leaky().with_columns(other=pl.Series(np.random.default_rng(1).normal(size=400).round(3)))
    frame = frame.with_columns(**more)
    if what not in ("a difference", "a product", "a product with a rate of its own", "a ratio"):
        frame = frame.drop("a", "b", "c")  # of which the target is a copy
    body = frame.write_csv()
    one = table(body, target="y")
    named = [f for f in one.report.findings if f.id in ("columns.leakage", "columns.sum_leakage") and f.level != "ok"]
    text = " ".join(f"{f.column} {f.title} {f.text}" for f in named)
    assert named and all(f" {name}" in f" {text}" or name in text.split() for name in expected), text


def test_a_weight_column_is_no_feature_once_a_person_says_so():
    body = "w,a,b,y\n" + "".join(f"{1 + i % 4},{i * 7 % 40},{i * 0.37:.2f},{i % 2}\n" for i in range(90))
    one = table(body, target="y", weight="w", validation="none", test_share=0)
    assert one.prepared.features == ["a", "b"] and [row[1] for row in one.prepared.rows()[:4]] == ["1", "2", "3", "4"]
