"""Tables of many countries in the encodings that they were written in, with or without a few bytes that do not fit."""

from __future__ import annotations

import unicodedata

import pytest

from tables.encodings import detect_encoding, encoding_like, rank
from tests.unit.tables.encoded_tables import TABLES, case, encoded, table

WRITTEN = [(country, encoding) for country, (encodings, *_) in TABLES.items() for encoding in encodings]


@pytest.mark.parametrize("rows", [2, 5, 80])
@pytest.mark.parametrize(("country", "encoding"), WRITTEN, ids=[f"{c} {e}" for c, e in WRITTEN])
def test_a_table_is_read_in_the_letters_of_its_country(country, encoding, rows):
    text = table(country, rows)
    body = encoded(text, encoding)
    assert unicodedata.normalize("NFC", body.decode(detect_encoding(body))) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("country", TABLES)
def test_utf_8_with_one_byte_that_does_not_fit_stays_utf_8(country):
    body = table(country, 80).encode()
    assert detect_encoding(body + "café,x,1.5,y\n".encode("latin-1")) == "utf-8"


@pytest.mark.parametrize("country", TABLES)
def test_a_further_object_has_the_encoding_that_it_shows(country):
    encodings, text = TABLES[country][0], table(country, 20)
    body = encoded(text, encodings[0])
    assert encoding_like(text.encode("utf-8-sig"), encodings[0]) == "utf-8-sig"
    assert encoding_like(text.encode(), encodings[0]) == "utf-8"
    assert encoding_like(body, encodings[0]) == encodings[0]
    assert encoding_like(b"a,b\n1,2\n", encodings[0]) == "utf-8"


@pytest.mark.parametrize(
    ("name", "column", "encoding"),
    [
        ("F01-latin1-portuguese-read-as-korean/t.csv", "SITUAÇÃO", "cp1252"),
        ("F03-cp949-symbols/t.csv", "면적(㎡)", "cp949"),
        ("F04-shift-jis/t.csv", "収入", "cp932"),
        ("F05h-cp1251/t.csv", "доход", "cp1251"),
    ],
)
def test_a_reported_table_is_read_in_its_letters(name, column, encoding):
    inspection = case(name)
    assert (inspection.columns[0].name, inspection.encoding) == (column, encoding)
    assert inspection.guesses[0].encoding == encoding and inspection.guesses[0].sample


SINGLE = {
    "Rêve": "cp1252",
    "Köln": "cp1252",
    "São": "cp1252",
    "año": "cp1252",
    "garçon": "cp1252",
    "Malmö": "cp1252",
    "Århus": "cp1252",
    "ÉTÉ": "cp1252",
    "Łódź": "cp1250",
    "ŁÓDŹ": "cp1250",
    "Plzeň": "cp1250",
    "Győr": "cp1250",
    "Diyarbakır": "cp1254",
    "Москва": "cp1251",
    "МОСКВА": "cp1251",
    "Київ": "cp1251",
    "Αθήνα": "cp1253",
    "서울": "cp949",
    "여자": "cp949",
    "東京都": "cp932",
    "ドリーム島": "cp932",
    "北京": "gb18030",
    "上海": "gb18030",
    "תל אביב": "cp1255",
    "القاهرة": "cp1256",
}


@pytest.mark.parametrize("word", SINGLE)
def test_one_word_is_read_or_offered_as_it_was_written(word):
    body = ("city,n\n" + "".join(f"{word},{i}\n" for i in range(30))).encode(SINGLE[word])
    samples = [guess.sample.replace(", ", " ") for guess in rank(body)[:4]]
    assert any(part in sample for sample in samples for part in word.split())
    if word not in ("上海", "北京", "Győr", "Plzeň", "תל אביב"):  # for which one word is too little
        assert body.decode(detect_encoding(body)) == body.decode(SINGLE[word])


def test_texts_that_are_equal_in_two_encodings_are_one_guess():
    guesses = rank("größe\nKöln\nStraße\n".encode("cp1252"))
    assert guesses[0].encoding == "cp1252"
    assert len({guess.sample for guess in guesses}) == len(guesses)
