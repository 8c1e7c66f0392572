"""Texts that name rows by their nature are left out whatever their column is called; other unique texts are not."""

from __future__ import annotations

import random
import uuid

import polars as pl
import pytest

from tables.identifiers import identifier_form
from tests.corpus.cases import table

ROWS = 120
chosen = random.Random(1)
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
NAMES = [
    "Smith",
    "Müller",
    "Kim",
    "García",
    "Rossi",
    "Novak",
    "Ito",
    "Singh",
    "Chen",
    "Silva",
    "Dubois",
    "Jensen",
    "Kowalski",
    "Popov",
    "Haddad",
    "Okafor",
]
THINGS = ["Kettle", "Lamp", "Chair", "Phone", "Bike", "Mug", "Table", "Bag"]


def digits(count: int) -> str:
    return f"{chosen.randrange(10**count):0{count}}"


def of(letters: str, count: int) -> str:
    return "".join(chosen.choice(letters) for _ in range(count))


NAMING = {
    "numbers with a prefix": ("code", lambda i: f"C-{10021 + i}"),
    "of two kinds": ("code", lambda i: f"{'CS'[i % 2]}{100000 + 7 * i}"),
    "that count rows": ("code", lambda i: f"Order #{i + 1}"),
    "with a year": ("code", lambda i: f"INV/2023/{i:04}"),
    "Korean": ("code", lambda i: f"고객{i + 1:05}"),
    "German": ("code", lambda i: f"Kd.-Nr. {digits(6)}".replace(".", "")),
    "padded": ("code", lambda i: f"{37 * i:08}"),
    "UUIDs": ("code", lambda i: str(uuid.UUID(int=chosen.getrandbits(128)))),
    "digests": ("code", lambda i: f"{chosen.getrandbits(160):040x}"),
    "articles": ("code", lambda i: "B0" + of(LETTERS + "0123456789", 8)),
    "Indian plates": ("code", lambda i: f"KA-{digits(2)}-{of(LETTERS, 2)}-{digits(4)}"),
    "telephones": ("code", lambda i: f"(555) {digits(3)}-{digits(4)}"),
    "Korean persons": ("code", lambda i: f"9{i % 10}0{i % 9 + 1}{10 + i % 18}-{1 + i % 4}{digits(6)}"),
    "American persons": ("code", lambda i: f"{digits(3)}-{digits(2)}-{digits(4)}"),
    "IBANs": ("account", lambda i: f"{('DE', 'FR', 'AT', 'CH')[i % 4]}{digits(2)} " + " ".join([digits(4)] * 4)),
    "IBANs without blanks": ("account", lambda i: f"GB{digits(2)}NWBK{digits(12)}12"),
    "e-mail": ("email", lambda i: f"{chosen.choice(NAMES).lower()}{i}@example.{('org', 'co.kr')[i % 2]}"),
    "pages": ("uri", lambda i: f"https://shop.example/p/{THINGS[i % 8]}-{i}"),
}  # fmt: skip
NOT_NAMING = {
    "people": lambda i: f"{NAMES[i % 16]}, Mr. {of('abcdeo', 6).title()}",
    "products": lambda i: f"{('Blue', 'Red', 'Small', 'Old')[i % 4]} {THINGS[i % 8]} {digits(3)}",
    "models": lambda i: f"{('iPhone', 'Galaxy', 'Pixel', 'Xperia')[i % 4]} {('A', 'S', 'Note ')[i % 3]}{i}",
    "streets": lambda i: f"{i + 1} {NAMES[i % 16]} Street",
    "German streets": lambda i: f"{NAMES[i % 16]}straße {i + 1}",
    "Korean addresses": lambda i: f"서울 {('강남', '서초', '마포')[i % 3]}구 {('양재', '월드컵')[i % 2]}로 {i + 1}",
    "durations": lambda i: f"{i % 24:02}h{i % 60:02}m",
    "times": lambda i: f"{i % 24:02}:{i % 60:02}:{i % 59:02}",
    "heights": lambda i: f"{4 + i % 3}'{i % 12}\"",
    "sizes": lambda i: f"{10 + i}x{20 + i} cm",
    "places": lambda i: f"{i / 7:.4f}, {i / 3:.4f}",
    "amounts": lambda i: f"XYZ {i * 1.37:.2f}",
    "weeks": lambda i: f"{1990 + i // 52}-W{i % 52 + 1:02}",
    "months": lambda i: f"{1990 + i // 12}/{i % 12 + 1:02}",
    "moments": lambda i: f"202301{10 + i % 20} {10 + i % 14}{digits(4)}",
    "ranges": lambda i: f"{20000 + 100 * i}-{40000 + 100 * i}",
    "versions": lambda i: f"v{i % 9}.{i % 20}.{i % 50}",
    "sequences": lambda i: of("ACGT", 20),
    "words": lambda i: of("aeioubcdfg", 3 + i % 6),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMING)
def test_texts_of_one_form_name_rows(name):
    form, make = NAMING[name]
    assert identifier_form(pl.Series([make(i) for i in range(ROWS)])) == form


@pytest.mark.parametrize("name", NOT_NAMING)
def test_names_sentences_and_measurements_do_not(name):
    assert identifier_form(pl.Series([NOT_NAMING[name](i) for i in range(ROWS)])) == ""


def shop(name: str, **changes):
    """Buyers of a `form`, whom no column name gives away."""
    make = NAMING[name][1]
    lines = [f"{make(i)},{i % 17},{i * 0.7:.2f},{'yes' if i % 3 else 'no'}" for i in range(ROWS)]
    return table("buyer,visits,spent,bought\n" + "\n".join(lines) + "\n", target="bought", **changes)


@pytest.mark.parametrize("name", ["numbers with a prefix", "IBANs", "e-mail", "UUIDs"])
def test_such_a_column_is_left_out_with_the_reason_until_it_is_taken_back(name):
    tried = shop(name, algorithm="linear-learner")
    assert tried.prepared.features == ["visits", "spent"]
    assert "buyer is left out: It holds another" in tried.finding("columns.unique").text
    back = tried.but(included=["buyer"])
    assert back.finding("columns.unique", "buyer").level == "warn"
    assert {c["name"] for c in back.prepared.schema["columns"] if c["role"] == "feature"} == {
        "buyer",
        "visits",
        "spent",
    }
    assert all(c.get("encoding") != "tfidf" for c in back.prepared.schema["columns"])


def test_a_column_whose_kind_a_person_set_stays():
    assert not shop("numbers with a prefix", types={"buyer": "text"}).data.inspection.left_out


def test_numbers_with_zeros_in_front_wait_for_a_person():
    tried = shop("padded")
    assert not tried.data.inspection.left_out and tried.finding("columns.numbers", "buyer").fixes


def test_a_target_or_a_group_column_is_never_left_out():
    grouped = shop("e-mail", validation="group", group_column="buyer")
    assert "buyer" in grouped.prepared.features and "buyer is left out" not in grouped.finding("columns.unique").text
    assert "buyer" not in shop("e-mail").but(target="buyer").data.inspection.left_out
