"""Tables in the letters of many countries, and the encodings in which they are written."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path

from tables import Folder, Recipe, inspect

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


def case(name: str, **how):
    return inspect(CASES, f"s3://cases/{name}", Recipe(**how))
