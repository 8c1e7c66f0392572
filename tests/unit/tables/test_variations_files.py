"""Whole files as strangers write them, on the product's own path; what is right was written down before any was run."""

import json
import unicodedata

import pytest

from common.problems import Problem
from tests.corpus.cases import table

N = 60
NAMES = ["age", "city", "spend", "y"]
CITIES = ("Seoul", "Busan", "Daegu")
ROWS = [[str(20 + i * 7 % 50), CITIES[i % 3], f"{i * 37 % 900 / 8:.3f}", str(i % 2)] for i in range(N)]


def lines(rows, sep=",", end="\n"):
    return end.join(sep.join(row) for row in rows) + end


PLAIN = lines([NAMES, *ROWS])
MARKDOWN = (
    "\n".join(["| age | city | spend | y |", "|---:|---|---:|---|", *(f"| {' | '.join(r)} |" for r in ROWS)]) + "\n"
)
BAR = "+-----+-------+---------+---+"
# {what: (file, key)}; each is the table above, every row of it
SAME = {
    "tildes": (lines([NAMES, *ROWS], "~"), "t.txt"),
    "two bars": (lines([NAMES, *ROWS], "||"), "t.txt"),
    "a tilde and a bar": (lines([NAMES, *ROWS], "~|~"), "t.txt"),
    "a broken bar": (lines([NAMES, *ROWS], "¦"), "t.txt"),
    "record separators of ASCII": (lines([NAMES, *ROWS], "\x1f"), "t.txt"),
    "Markdown": (MARKDOWN, "t.md.csv"),
    "MySQL's boxes": ("\n".join([BAR, "| " + " | ".join(NAMES) + " |", BAR, *(f"| {' | '.join(r)} |" for r in ROWS),
        BAR]) + "\n", "t.txt"),
    "DOS's end of file": (PLAIN + "\x1a", "t.csv"),
    "UTF-16 with tabs, as Excel's Unicode text": (lines([NAMES, *ROWS], "\t", "\r\n").encode("utf-16"), "t.txt"),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), "t.csv"),
    "UTF-16 big-endian without a mark": (PLAIN.encode("utf-16-be"), "t.csv"),
    "a mark of UTF-8 and sep=": ("\ufeffsep=;\r\n" + lines([NAMES, *ROWS], ";", "\r\n"), "t.csv"),
    "a mark of UTF-8 and quoted names": ("\ufeff" + lines([[f'"{n}"' for n in NAMES], *ROWS]), "t.csv"),
    "mixed ends of lines": (PLAIN.replace("\n", "\r\n", 20), "t.csv"),
    "hard blanks around names": (lines([[f"\xa0{n}\xa0" for n in NAMES], *ROWS]), "t.csv"),
    "empty columns of Excel at the end": (lines([[*NAMES, "", ""], *([*r, "", ""] for r in ROWS)]), "t.csv"),
    "a quoted name with a line break": (lines([["age", '"city\n(of birth)"', "spend", "y"], *ROWS]), "t.csv"),
    "a UTC title and a link": ("Exported 2024-01-15 10:05 UTC\nhttps://example.org/data?id=5,7\n\n" + PLAIN, "t.csv"),
    "comments with exclamation marks": ("!name of the survey\n!year 2024\n" + PLAIN, "t.csv"),
    "comments with quotes": ("\"# made by hand, in 2024\"\n" + PLAIN, "t.csv"),
    "JSON Lines with a mark and carriage returns": ("\ufeff" + "\r\n".join(json.dumps(dict(zip(NAMES, r,
        strict=True))) for r in ROWS), "t.jsonl"),
    "JSON Lines with blank lines": ("\n\n".join(json.dumps(dict(zip(NAMES, r, strict=True))) for r in ROWS), "t.jsonl"),
}  # fmt: skip
DOCUMENTS = {
    "a JSON array over many lines": (json.dumps([dict(zip(NAMES, r, strict=True)) for r in ROWS], indent=2), "t.json"),
    "JSON objects with commas behind": ("[" + ",\n".join(json.dumps(dict(zip(NAMES, r,
        strict=True))) for r in ROWS) + "]", "t.json"),
    "JSON in sequence": ("".join("\x1e" + json.dumps(dict(zip(NAMES, r, strict=True))) + "\n" for r in ROWS), "t.json"),
    "JSON of pandas, split": (json.dumps({"columns": NAMES, "index": list(range(N)), "data": ROWS}), "t.json"),
    "JSON of pandas, by column": (json.dumps({n: {str(i): r[k] for i, r in enumerate(ROWS)} for k,
        n in enumerate(NAMES)}), "t.json"),
    "JSON of lists by column": (json.dumps({n: [r[k] for r in ROWS] for k, n in enumerate(NAMES)}), "t.json"),
    "JSON below a key": (json.dumps({"count": N, "results": [dict(zip(NAMES, r, strict=True)) for r in ROWS]}),
        "t.json"),
    "JSON arrays with names first": ("\n".join(json.dumps(r) for r in [NAMES, *ROWS]), "t.json"),
}  # fmt: skip


@pytest.mark.parametrize("what", SAME)
def test_the_same_table_however_it_is_written(what):
    body, key = SAME[what]
    one = table(body, key, target="y", excluded=["city"], validation="none", test_share=0)
    names = [name for name in one.columns if not name.startswith("#")]
    assert [name.splitlines()[0] for name in names] == NAMES
    if one.profile.ragged_count:  # a line drawn below the table, or the sign of its end
        one = one.press("rows.ragged" if one.report.of("rows.ragged") else "format.width")
    assert one.profile.rows - one.profile.ragged_count == N
    one = one.but(excluded=[name for name in one.columns if name.startswith(("city", "#"))])
    assert one.prepared.matrix().tolist() == [[float(r[3]), float(r[0]), float(r[2])] for r in ROWS]


@pytest.mark.parametrize("what", DOCUMENTS)
def test_a_document_of_json_is_refused_in_words(what):
    body, key = DOCUMENTS[what]
    assert "JSON Lines" in table(body, key, target="y").problems[0] or "one value a key" in table(body, key).problems[0]


HEADERS = {
    "months": ("region,2024-01,2024-02,2024-03", [f"r{i},{i * 3},{i * 5},{i * 7}" for i in range(N)], True),
    "short months": ("region,Jan-24,Feb-24,Mar-24", [f"r{i},{i * 3},{i * 5},{i * 7}" for i in range(N)], True),
    "hours": ("day,00:00,01:00,02:00", [f"2024-01-{i % 28 + 1:02},{i * 3},{i * 5},{i * 7}" for i in range(N)], True),
    "percentiles": ("name,p5,p50,p95", [f"n{i},{i}.5,{i * 2}.25,{i * 3}.125" for i in range(N)], True),
    "units in brackets": ("t [s],U [V],I [mA]", [f"{i},{i * 0.37:.2f},{i * 1.3:.1f}" for i in range(N)], True),
    "none, a missing value first": ("5.1,3.5,NA,setosa", [f"{i}.1,{i}.5,{i}.25,virginica" for i in range(N)], False),
    "none, a date first": ("2024-01-01,5.5,red",
        [f"2024-01-{i % 28 + 1:02},{i}.25,{'red' if i % 2 else 'blue'}" for i in range(N)], False),
    "none, money first": ("$5,red,yes",
        [f"${i},{'red' if i % 2 else 'blue'},{'yes' if i % 3 else 'no'}" for i in range(N)], False),
    "none, all words": ("p,x,s,n", [f"{'pe'[i % 2]},{'xb'[i % 2]},{'sy'[i % 2]},{'nw'[i % 2]}" for i in range(N)],
        False),
    "Korean": ("나이,지역,금액,이탈", [f"{i},서울,{i}.5,{i % 2}" for i in range(N)], True),
}  # fmt: skip


@pytest.mark.parametrize("what", HEADERS)
def test_names_are_told_from_data(what):
    first, rows, has_names = HEADERS[what]
    one = table("\n".join([first, *rows]) + "\n")
    assert (one.inspection.has_header, one.profile.rows) == (has_names, len(rows) + (not has_names))


WORDS = {
    "cp949": "서울특별시 부산광역시 대구 인천 광주 대전 울산 세종 경기도 강원도 충청북도 전라남도 쀍 똠방각하",
    "euc_jp": "北海道 青森県 岩手県 宮城県 秋田県 東京都 神奈川県 大阪府 カタカナ ひらがな",
    "shift_jis": "北海道 青森県 岩手県 東京都 神奈川県 ソニー 表示 能力 予定 十日",
    "cp932": "①②③ 髙橋 﨑山 ㈱日本 東京都 大阪府 神奈川県",
    "gb18030": "北京市 上海市 广州市 深圳市 成都市 杭州市 武汉市 西安市 南京市 镕基",
    "big5": "台北市 高雄市 台中市 台南市 新竹縣 花蓮縣 屏東縣 嘉義市",
    "cp1254": "İstanbul Ankara İzmir Şanlıurfa Muğla Kütahya Çanakkale Iğdır Ağrı",
    "iso8859_9": "İstanbul Şanlıurfa Muğla Kütahya Çanakkale Iğdır Ağrı Düzce",
    "cp1253": "Αθήνα Θεσσαλονίκη Πάτρα Ηράκλειο Λάρισα Ιωάννινα Άρτα Έβρος",
    "iso8859_7": "Αθήνα Θεσσαλονίκη Πάτρα Ηράκλειο Λάρισα Ιωάννινα Κοζάνη Εύβοια",
    "cp1251": "Москва Санкт-Петербург Новосибирск Екатеринбург Казань Челябинск",
    "koi8_r": "Москва Новосибирск Екатеринбург Казань Челябинск Самара Омск",
    "koi8_u": "Київ Харків Львів Дніпро Одеса Запоріжжя Вінниця Ґалаґан",
    "cp866": "Москва Новосибирск Екатеринбург Казань Челябинск Самара Уфа",
    "cp1256": "القاهرة الإسكندرية الجيزة الرياض جدة مكة المدينة الدمام",
    "cp1255": "ירושלים תל אביב חיפה באר שבע אשדוד נתניה רמת גן",
    "cp874": "กรุงเทพมหานคร เชียงใหม่ ภูเก็ต ขอนแก่น นครราชสีมา ชลบุรี",
    "cp1258": "Hà Nội Đà Nẵng Cần Thơ",
    "cp1250": "Łódź Kraków Wrocław Poznań Gdańsk Szczecin Częstochowa Ząbki",
    "iso8859_2": "České Budějovice Plzeň Děčín Přerov Třebíč Žďár Ústí",
    "cp1257": "Šiauliai Panevėžys Klaipėda Kėdainiai Ukmergė Žemaičių",
    "mac_roman": "Orléans Nîmes Besançon Béziers Évreux Châlons Mâcon",
    "cp850": "São Paulo Florianópolis Brasília Goiânia Maceió Macapá",
    "cp1252": "Málaga Córdoba Cádiz Almería Jaén Logroño Ávila León – “España”",
    "iso2022_jp": "北海道 青森県 岩手県 東京都 大阪府",
}


@pytest.mark.parametrize("encoding", WORDS)
def test_text_in_an_encoding_is_read_or_the_right_one_is_offered(encoding):
    text = unicodedata.normalize("NFC", WORDS[encoding])
    words = [word for word in text.split() if _fits(word, encoding)]
    body = "city,n,y\n" + "".join(f"{words[i % len(words)]},{i * 7 % 40},{i % 2}\n" for i in range(N))
    one = table(body.encode(encoding), target="y")
    offered = {one.inspection.encoding} | {guess.encoding for guess in one.inspection.guesses}
    readings = {body.encode(encoding).decode(name, "replace").splitlines()[1].split(",")[0] for name in offered}
    assert words[0] in readings, offered
    assert set(one.columns["city"].values or ()) <= set(words) or one.findings("err", "warn")


def _fits(word: str, encoding: str) -> bool:
    try:
        return word.encode(encoding).decode(encoding) == word
    except UnicodeError:
        return False


@pytest.mark.parametrize(
    "body",
    [b"PK\x03\x04" + bytes(range(256)) * 9, b"\xd0\xcf\x11\xe0" + bytes(range(256)) * 9,
     b"<!DOCTYPE html><html><body><table><tr><td>a</td><td>b</td></tr></table></body></html>\n",
     b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }" + bytes(64),
     b"SQLite format 3\x00" + bytes(900), b"%PDF-1.7\n" + bytes(range(256)) * 4, b"{\\rtf1\\ansi a,b\\par 1,2\\par}",
     b"\x89HDF\r\n\x1a\n" + bytes(900), b"<?xml version='1.0'?><rows><row><a>1</a></row></rows>\n",
     b"ORC\n" + bytes(900),
     b"Obj\x01\x04\x14avro.codec\x08null" + bytes(900), b"$FL2@(#) SPSS DATA FILE" + bytes(900)],
    ids=["xlsx", "xls", "html", "npy", "sqlite", "pdf", "rtf", "hdf5", "xml", "orc", "avro", "spss"],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(body):
    one = table(body, target="")
    assert one.data.problems and len(one.problems[0]) > 40 and "Traceback" not in one.problems[0]
    with pytest.raises(Problem):
        _ = one.inspection


def test_names_and_cells_decomposed_as_macs_write_them_are_found_by_name():
    name = unicodedata.normalize("NFD", "나이")
    body = f"{name},b,y\n" + "".join(f"{i * 7 % 40},{i * 3 % 11}.5,{i % 2}\n" for i in range(90))
    one = table(body, target="y", validation="none", test_share=0)
    assert one.prepared.encode({"나이": "7", "b": "1.5"}).tolist() == [[7.0, 1.5]]
