"""Tables of many countries in the encodings that they were written in, with or without a few bytes that do not fit."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path

import pytest

import preflight
from jobs.spec import JobSpec
from preflight.finding import Report
from tables import Folder, Recipe, inspect, locate, scan
from tables.encodings import TITLES, detect_encoding, encoding_like, rank
from tests.unit.tables.conftest import BUCKET

CASES = Folder(Path(__file__).parents[2] / "corpus")
TABLES: dict[str, tuple] = {  # (encodings, column names, values of three columns)
    "Korea": (
        ("cp949",),
        ["성별", "지역", "소득", "구매"],
        ["서울", "부산", "대구", "인천", "광주", "대전", "울산", "경기도"],
        ["남자", "여자"],
        ["예", "아니오"],
    ),
    "Korea symbols": (
        ("cp949",),
        ["면적(㎡)", "온도(℃)", "비고", "구분"],
        ["○", "×", "△"],
        ["가", "나", "다"],
        ["정상", "이상"],
    ),
    "Korea header only": (("cp949",), ["이름", "나이", "금액", "여부"], ["1", "2", "3"], ["4"], ["Y", "N"]),
    "Japan": (
        ("cp932", "euc_jp"),
        ["収入", "年齢", "色", "購入"],
        ["赤い", "緑色", "青色"],
        ["男性", "女性"],
        ["はい", "いいえ"],
    ),
    "Japan katakana": (
        ("cp932", "euc_jp"),
        ["データ", "タイプ", "グループ", "ラベル"],
        ["アメリカ", "フランス", "ドイツ"],
        ["オン", "オフ"],
        ["テスト", "トレイン"],
    ),
    "Japan places": (
        ("cp932", "euc_jp"),
        ["都道府県", "市区町村", "面積", "人口"],
        ["東京都", "大阪府", "京都府", "北海道", "神奈川県"],
        ["新宿区", "渋谷区"],
        ["有", "無"],
    ),
    "China": (("gb18030",), ["收入", "年龄", "颜色", "购买"], ["红色", "绿色", "蓝色"], ["男", "女"], ["是", "否"]),
    "China cities": (
        ("gb18030",),
        ["城市", "省份", "价格", "评价"],
        ["北京", "上海", "广州", "深圳", "杭州", "成都"],
        ["广东省", "浙江省"],
        ["好", "差"],
    ),
    "Taiwan": (("big5",), ["收入", "年齡", "顏色", "購買"], ["紅色", "綠色", "藍色"], ["男", "女"], ["是", "否"]),
    "Taiwan cities": (
        ("big5",),
        ["縣市", "區域", "價格", "評價"],
        ["臺北市", "高雄市", "臺中市", "新北市"],
        ["大安區", "信義區"],
        ["好", "差"],
    ),
    "Russia": (
        ("cp1251", "koi8_r", "cp866"),
        ["доход", "возраст", "цвет", "купил"],
        ["красный", "зелёный", "синий"],
        ["мужской", "женский"],
        ["да", "нет"],
    ),
    "Russia cities": (
        ("cp1251", "koi8_r", "cp866"),
        ["Город", "Область", "Цена", "Оценка"],
        ["Москва", "Санкт-Петербург", "Казань", "Екатеринбург"],
        ["Да", "Нет"],
        ["ХОРОШО", "ПЛОХО"],
    ),
    "Ukraine": (
        ("cp1251",),
        ["дохід", "вік", "колір", "купив"],
        ["червоний", "зелений", "синій"],
        ["чоловік", "жінка"],
        ["так", "ні"],
    ),
    "Bulgaria": (
        ("cp1251",),
        ["доход", "възраст", "цвят", "купил"],
        ["червен", "зелен", "син"],
        ["мъж", "жена"],
        ["да", "не"],
    ),
    "Greece": (
        ("cp1253",),
        ["εισόδημα", "ηλικία", "χρώμα", "αγορά"],
        ["κόκκινο", "πράσινο", "μπλε"],
        ["άνδρας", "γυναίκα"],
        ["ναι", "όχι"],
    ),
    "Greece caps": (
        ("cp1253",),
        ["ΠΟΛΗ", "ΗΛΙΚΙΑ", "ΧΡΩΜΑ", "ΑΓΟΡΑ"],
        ["ΑΘΗΝΑ", "ΘΕΣΣΑΛΟΝΙΚΗ", "ΠΑΤΡΑ"],
        ["ΝΑΙ"],
        ["ΟΧΙ"],
    ),
    "Israel": (("cp1255",), ["הכנסה", "גיל", "צבע", "רכישה"], ["אדום", "ירוק", "כחול"], ["זכר", "נקבה"], ["כן", "לא"]),
    "Egypt": (
        ("cp1256",),
        ["الدخل", "العمر", "اللون", "شراء"],
        ["أحمر", "أخضر", "أزرق"],
        ["ذكر", "أنثى"],
        ["نعم", "لا"],
    ),
    "Thailand": (("cp874",), ["รายได้", "อายุ", "สี", "ซื้อ"], ["แดง", "เขียว", "น้ำเงิน"], ["ชาย", "หญิง"], ["ใช่", "ไม่"]),
    "Turkey": (
        ("cp1254",),
        ["gelir", "yaş", "şehir", "satın alma"],
        ["İstanbul", "İzmir", "Diyarbakır", "Eskişehir", "Muğla"],
        ["kırmızı", "yeşil"],
        ["evet", "hayır"],
    ),
    "Poland": (
        ("cp1250", "iso8859_2"),
        ["dochód", "wiek", "płeć", "miasto"],
        ["Łódź", "Kraków", "Gdańsk", "Poznań", "Wrocław"],
        ["kobieta", "mężczyzna"],
        ["tak", "nie"],
    ),
    "Czechia": (
        ("cp1250", "iso8859_2"),
        ["příjem", "věk", "město", "koupil"],
        ["Plzeň", "Brno", "České Budějovice", "Ústí nad Labem"],
        ["muž", "žena"],
        ["ano", "ne"],
    ),
    "Hungary": (
        ("cp1250", "iso8859_2"),
        ["jövedelem", "életkor", "város", "vásárolt"],
        ["Győr", "Pécs", "Székesfehérvár", "Nyíregyháza"],
        ["férfi", "nő"],
        ["igen", "nem"],
    ),
    "Romania": (
        ("cp1250",),
        ["venit", "vârstă", "oraş", "cumpărat"],
        ["Bucureşti", "Iaşi", "Timişoara", "Constanţa"],
        ["bărbat", "femeie"],
        ["da", "nu"],
    ),
    "Croatia": (
        ("cp1250",),
        ["dohodak", "dob", "grad", "kupio"],
        ["Šibenik", "Požega", "Čakovec", "Županja"],
        ["muškarac", "žena"],
        ["da", "ne"],
    ),
    "France": (
        ("cp1252", "latin_1"),
        ["revenu", "âge", "prénom", "acheté"],
        ["René", "Hélène", "Garçon", "Noël", "François"],
        ["été", "hiver"],
        ["oui", "non"],
    ),
    "Germany": (
        ("cp1252", "latin_1"),
        ["Einkommen", "Größe", "Straße", "gekauft"],
        ["München", "Köln", "Düsseldorf", "Nürnberg"],
        ["männlich", "weiblich"],
        ["ja", "nein"],
    ),
    "Spain": (
        ("cp1252", "latin_1"),
        ["año", "niño", "población", "compró"],
        ["Málaga", "León", "Cádiz", "A Coruña"],
        ["varón", "mujer"],
        ["sí", "no"],
    ),
    "Portugal": (
        ("cp1252", "latin_1"),
        ["SITUAÇÃO", "IDADE", "REGIÃO", "ALVO"],
        ["APROVAÇÃO", "OCUPAÇÃO", "NÃO", "SÃO PAULO"],
        ["MÉDIO"],
        ["SIM", "NÃO"],
    ),
    "Brazil lower": (
        ("cp1252", "latin_1"),
        ["situação", "idade", "município", "opção"],
        ["São Paulo", "Maranhão", "Ceará", "Goiás"],
        ["não", "sim"],
        ["média"],
    ),
    "Sweden": (
        ("cp1252", "latin_1"),
        ["inkomst", "ålder", "färg", "köpt"],
        ["Malmö", "Göteborg", "Västerås", "Örebro"],
        ["blå", "grön"],
        ["ja", "nej"],
    ),
    "Denmark": (
        ("cp1252", "latin_1"),
        ["indkomst", "køn", "årstal", "købt"],
        ["Århus", "København", "Ålborg", "Helsingør"],
        ["grøn", "rød"],
        ["ja", "nej"],
    ),
    "Finland": (
        ("cp1252", "latin_1"),
        ["tulot", "ikä", "väri", "ostettu"],
        ["Jyväskylä", "Hämeenlinna", "Seinäjoki"],
        ["kyllä", "ei"],
        ["1"],
    ),
    "Italy": (
        ("cp1252", "latin_1"),
        ["città", "età", "qualità", "sì"],
        ["Forlì", "Cantù", "Carrù"],
        ["perché", "più"],
        ["1"],
    ),
    "Euro": (("cp1252",), ["name", "price €", "size", "note"], ["Café – bar", "It’s", "“new”"], ["a"], ["b"]),
    "Degrees": (("latin_1",), ["site", "temp °C", "µg/m³", "±"], ["25°", "30°", "10°"], ["a"], ["b"]),
    "Vietnam": (
        ("cp1258",),
        ["thu nhập", "tuổi", "màu", "mua"],
        ["đỏ", "xanh", "vàng"],
        ["nam", "nữ"],
        ["có", "không"],
    ),
    "Latvia": (
        ("cp1257",),
        ["ienākumi", "vecums", "krāsa", "pirka"],
        ["Rīga", "Jūrmala", "Rēzekne", "Ventspils"],
        ["vīrietis", "sieviete"],
        ["jā", "nē"],
    ),
    "Lithuania": (
        ("cp1257",),
        ["pajamos", "amžius", "spalva", "pirko"],
        ["Šiauliai", "Panevėžys", "Klaipėda", "Kėdainiai"],
        ["žalia", "mėlyna"],
        ["taip", "ne"],
    ),
    "Mac": (
        ("mac_roman",),
        ["revenu", "âge", "prénom", "acheté"],
        ["René", "Hélène", "Garçon", "Noël"],
        ["été", "hiver"],
        ["oui", "non"],
    ),
    "DOS": (
        ("cp850",),
        ["revenu", "âge", "prénom", "acheté"],
        ["René", "Hélène", "Garçon", "Noël"],
        ["été", "hiver"],
        ["oui", "non"],
    ),
}
TONES = "\u0300\u0301\u0303\u0309\u0323"


def table(country: str, rows: int) -> str:
    _encodings, names, *columns = TABLES[country]
    chosen = random.Random(3)
    lines = [
        [
            chosen.choice(columns[0]),
            chosen.choice(columns[1]),
            f"{chosen.random() * 100:.2f}",
            chosen.choice(columns[2]),
        ]
        for _ in range(rows)
    ]
    return "".join(",".join(cells) + "\n" for cells in [names, *lines])


def encoded(text: str, encoding: str) -> bytes:
    """`text` in `encoding`; that of Vietnam has tones as characters of their own."""
    if encoding != "cp1258":
        return text.encode(encoding)
    letters = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
        letters.append(base + "".join(part for part in parts if part in TONES))
    return "".join(letters).encode(encoding)


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


def case(name: str, **how):
    return inspect(CASES, f"s3://cases/{name}", Recipe(**how))


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


def report(uri: str, store=CASES, **how) -> Report:
    return preflight.run(JobSpec(data_uri=uri, recipe=Recipe(**how)), store, None)


def test_a_byte_that_does_not_fit_is_named_with_row_and_column():
    findings = report("s3://cases/F02-utf8-french-one-bad-byte/t.csv", target="cible").of("format.encoding")
    assert case("F02-utf8-french-one-bad-byte/t.csv").column("nom").top[0] in ("René", "Hélène", "Garçon")
    assert len(findings) == 1 and findings[0].column == "nom" and findings[0].row and "\ufffd" in findings[0].value


def test_a_byte_far_down_is_named_once_the_whole_table_is_read(folder, keep, monkeypatch):
    from tables import text_chunks

    monkeypatch.setattr(text_chunks, "CHUNK", 1000)
    lines = [f"{i},{'café' if i % 2 else 'thé'},{i % 2}\n".encode() for i in range(1000)]
    lines[700] = "700,thé,0\n".encode("latin-1")
    uri = keep(b"n,drink,y\n" + b"".join(lines))
    profile = scan(locate(folder, uri))
    assert (profile.undecodable, profile.undecodable_column) == (1, "drink")
    assert (profile.undecodable_cell.row, profile.undecodable_cell.line) == (701, 702)


def test_a_second_object_of_another_encoding_gives_the_same_words(folder, keep):
    for key, encoding in (("a", "utf-8"), ("b", "latin-1"), ("c", "utf-16"), ("d", "utf-8-sig")):
        keep(
            "ville,n,y\n".encode(encoding) + "".join(f"Orléans,{i},{i % 2}\n" for i in range(30)).encode(encoding)
            if encoding != "utf-16"
            else ("ville,n,y\n" + "".join(f"Orléans,{i},{i % 2}\n" for i in range(30))).encode("utf-16"),
            f"d/{key}.csv",
        )
    profile = scan(locate(folder, f"s3://{BUCKET}/d/"))
    assert profile.rows == 120 and profile.column("ville").values == {"Orléans": 120} and not profile.undecodable
    assert [file["encoding"] for file in profile.files] == ["utf-8", "cp1252", "utf-16", "utf-8-sig"]
    findings = report(f"s3://{BUCKET}/d/", folder, target="y").of("format.encoding")
    assert [finding.file.rpartition("/")[2] for finding in findings] == ["b.csv"]


def test_reported_second_objects_are_read_as_the_first():
    with_mark = scan(locate(CASES, "s3://cases/F05-second-file-has-bom/d/"))
    assert with_mark.rows == 200 and [column.name for column in with_mark.columns] == ["a", "b", "y"]
    latin = scan(locate(CASES, "s3://cases/F06-second-file-latin1/d/"))
    assert not latin.undecodable and not any("\ufffd" in value for value in latin.column("a").values)
    assert report("s3://cases/F06-second-file-latin1/d/", target="y").of("format.encoding")


def test_an_encoding_that_a_person_chose_holds_for_every_object(folder, keep):
    keep("ville,y\nOrléans,1\nNîmes,0\n", "d/a.csv")
    keep("ville,y\nOrléans,1\nNîmes,0\n".encode("latin-1"), "d/b.csv")
    profile = scan(locate(folder, f"s3://{BUCKET}/d/"), Recipe(encoding="latin-1"))
    assert profile.column("ville").distinct == 4 and not profile.undecodable


def test_other_readings_are_offered_with_words_as_they_would_be(folder, keep):
    uri = keep(encoded(table("Poland", 80), "iso8859_2"))
    findings = report(uri, folder, target="miasto").of("format.encoding")[0]
    assert findings.fixes and all(fix.changes["recipe.encoding"] in TITLES for fix in findings.fixes)
    assert all(": " in fix.label for fix in findings.fixes)


def test_korean_needs_no_warning_and_is_told(folder, keep):
    checked = report(keep(encoded(table("Korea", 80), "cp949")), folder, target="구매")
    assert not checked.of("format.encoding")
    answer = next(finding for finding in checked.findings if finding.id == "format.encoding")
    assert answer.handled and "CP949" in answer.text and "여자" in answer.text


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
