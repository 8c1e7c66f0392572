"""A table of thirty columns as people write them, from one seed; half of its rows have categories of their own."""

from __future__ import annotations

import csv
import io
import string
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random

TARGET = 'wynik, "końcowy"'
LABELS = {
    "binary": ["été", 'no, "never"'],
    "multiclass": ["Да", "아니오", "n/a?", "3 %"],
    "many": [f"klasse {letter}" for letter in string.ascii_uppercase[:12]],  # too many to encode texts by their labels
}
Make = Callable[[Random, int, bool], str]  # (random, row, whether categories may be new) -> cell


def _grouped(value: float, comma: str, point: str) -> str:
    return f"{value:,.2f}".replace(",", "\0").replace(".", point).replace("\0", comma)


def _lakh(value: int) -> str:
    head, tail = str(value)[:-3], str(value)[-3:]
    parts = []
    while head:
        head, part = head[:-2], head[-2:]
        parts.insert(0, part)
    return ",".join([*parts, tail])


def _amount(random: Random) -> float:
    return round(random.lognormvariate(6, 2), 2)


def _moment(random: Random) -> datetime:
    return datetime(2015, 1, 1) + timedelta(seconds=random.randrange(9 * 365 * 86400))


def _some(random: Random, cell: str, missing: tuple[str, ...], share: float = 0.04) -> str:
    return random.choice(missing) if random.random() < share else cell


def _parenthesised(random: Random, row: int, new: bool) -> str:
    text = _grouped(_amount(random), ",", ".")
    return f"({text})" if row % 3 == 0 else text


def _money(random: Random, row: int, new: bool) -> str:
    text = f"${_grouped(_amount(random), ',', '.')}"
    return f"-{text}" if row % 9 == 0 else f"({text})" if row % 7 == 0 else text


def _choice(few: list[str], more: list[str], missing: tuple[str, ...] = ("",)) -> Make:
    return lambda random, row, new: _some(random, random.choice(few + more * new), missing)


def _numbered(pattern: str, count: int, missing: tuple[str, ...] = ("",)) -> Make:
    """One of `count` texts, of a third more where categories may be new."""
    return lambda random, row, new: _some(random, pattern.format(random.randrange(count + new * count // 3)), missing)


_SCRIPTS = [
    "서울",
    "Москва",
    "القاهرة",
    "東京",
    "Αθήνα",
    "תל אביב",
    "กรุงเทพ",
    "दिल्ली",
    "São Paulo",
    "Ærø",
    "İzmir",
    "👍🏽",
    "e\u0301",
]
_QUOTED = ['a "b"', "c, d", "e;f", "g\th", "line\nbreak", "it's", "\\n", "#1", "=SUM(A1)", "1e5x", "naïve"]

_REMARKS = [
    "late",
    "broken",
    "thanks",
    "don't",
    "naïve",
    "кино",
    "배송이",
    "느려요",
    "東京物語",
    "sehr",
    "schön,",
    "3x!",
]


def _remark(random: Random, row: int, new: bool) -> str:
    """A sentence, nearly always one of its own."""
    messages = [random.choice(_REMARKS + ["inédit", "새로운"] * new) for _ in range(random.randint(5, 15))]
    return _some(random, " ".join(messages), ("", "NA", "!!"))


COLUMNS: dict[str, Make] = {
    "n": lambda random, row, new: _some(random, str(random.randint(-5000, 5000)), ("", "NA", "unknown", "..")),
    "größe (km)": lambda random, row, new: repr(random.gauss(0, 1) * 10 ** random.randint(-9, 12)),
    "price": _money,
    "share %": lambda random, row, new: _some(random, f"{random.uniform(-5, 120):.1f} %", ("n.a.", "")),
    "betrag": lambda random, row, new: _grouped(_amount(random), ".", ","),
    "prix, net": lambda random, row, new: _grouped(_amount(random), "\u202f", ","),
    "लाख": lambda random, row, new: f"Rs. {_lakh(random.randint(1000, 99_999_999))}",
    "followers": lambda random, row, new: f"{random.uniform(1, 900):.1f}{random.choice(['K', 'M', 'K', 'K'])}",
    "dose": lambda random, row, new: random.choice(["<0.01", "<0.5"]) if row % 11 == 0 else f"{random.random():.4f}",
    "balance": _parenthesised,
    "sap": lambda random, row, new: f"{_amount(random):.2f}{'-' if row % 4 == 0 else ''}",
    "全角": lambda random, row, new: str(random.randint(0, 99_999)).translate({48 + i: 0xFF10 + i for i in range(10)}),
    "when": lambda random, row, new: _some(random, _moment(random).isoformat(" "), ("", "0000-00-00 00:00:00")),
    "datum": lambda random, row, new: _moment(random).strftime("%d.%m.%Y"),
    "날짜": lambda random, row, new: (lambda d: f"{d.year}년 {d.month}월 {d.day}일")(_moment(random)),
    "ampm": lambda random, row, new: _moment(random).strftime("%m/%d/%Y %I:%M:%S %p"),
    "month name": lambda random, row, new: _moment(random).strftime("%d-%b-%y").lstrip("0"),
    "zoned": lambda random, row, new: _moment(random).isoformat() + random.choice(["Z", "+09:00", "-05:00"]),
    "paid?": lambda random, row, new: _some(random, random.choice(["Yes", "no", "YES", "No"]), ("", "?")),
    "flag": _choice(["0", "1"], []),
    "quoted": _choice(_QUOTED, ["never seen", 'new "one"']),
    "zip": lambda random, row, new: f"{random.randrange(60 + 20 * new) * 137:05d}",
    "script": _choice(_SCRIPTS, ["부산", "Київ"], ("", "없음")),
    "code": _choice([f"{grade}.{n}" for grade in (401, 7, 90) for n in (9, 90, 1)], ["999.99"]),
    "40 texts": _numbered("Stadt {} ", 40, ("", "null")),
    "400 texts": _numbered("ул. {}-я", 400),
    "user": _numbered("user-{}", 1300),
    " spaced  name ": _choice(["a", " a", "b ", "A", "c  d"], ["\u00a0e"]),
    "비고": _remark,
    "x=y": _choice(["left", "right", "None", "nan", "-", "+"], ["up"]),
}  # fmt: skip


def table(rows: int, seed: int, labels: str, new: bool) -> list[dict[str, str]]:
    """Rows of text cells; `labels` are a key of LABELS or "number". With `new`, of categories that others lack."""
    random = Random(f"{seed} {labels} {new}")
    return [
        {name: make(random, row, new) for name, make in COLUMNS.items()} | {TARGET: _label(random, row, labels)}
        for row in range(rows)
    ]


def _label(random: Random, row: int, labels: str) -> str:
    if labels == "number":
        return f"{random.gauss(20, 7):.3f}"
    names = LABELS[labels]
    return names[row % len(names)] if row < 10 * len(names) else random.choice(names)


def as_csv(rows: Iterable[dict[str, str]]) -> str:
    """The rows with a header."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    rows = list(rows)
    writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return out.getvalue()
