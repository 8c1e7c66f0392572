"""Clean tables as offices and firms of twelve countries write them: names, dates, numbers, delimiters, encodings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

import numpy as np

from tests.corpus.clean_table import Clean

ROWS = 240
Cells = Sequence[str]
Column = Callable[[np.random.Generator], Cells]


def _one_of(*values: str) -> Column:
    return lambda rng: rng.choice(values, ROWS).tolist()


def _whole(low: int, high: int) -> Column:
    return lambda rng: [str(n) for n in rng.integers(low, high, ROWS)]


def _decimal(mean: float, spread: float, places: int = 2, comma: str = ".") -> Column:
    def cells(rng: np.random.Generator) -> Cells:
        return [f"{n:.{places}f}".replace(".", comma) for n in rng.normal(mean, spread, ROWS)]

    return cells


def _day(form: str) -> Column:
    def cells(rng: np.random.Generator) -> Cells:
        days = (date(2022, 1, 1) + timedelta(days=int(n)) for n in rng.integers(0, 900, ROWS))
        return [day.strftime(form) for day in days]

    return cells


def _code(form: str) -> Column:
    """Identifiers: `form` with a random number below 100,000."""
    return lambda rng: [form.format(n) for n in rng.permutation(100_000)[:ROWS]]


def _gaps(column: Column, marker: str = "") -> Column:
    """`column` with one cell of twelve missing."""
    return lambda rng: [marker if rng.random() < 1 / 12 else cell for cell in column(rng)]


def _body(columns: dict[str, Column], delimiter: str, encoding: str, end: str) -> bytes:
    rng = np.random.default_rng(len(columns))
    cells = [column(rng) for column in columns.values()]
    lines = [delimiter.join(columns), *(delimiter.join(row) for row in zip(*cells, strict=True))]
    return (end.join(lines) + end).encode(encoding)


def _table(
    name: str, target: str, columns: dict[str, Column], delimiter: str = ",", encoding: str = "utf-8", end: str = "\n",
    **recipe: dict,
) -> Clean:  # fmt: skip
    return Clean(name, partial(_body, columns, delimiter, encoding, end), target, recipe=recipe)


def tables() -> list[Clean]:
    """All of them; the same every time. `numbers` are what a person presses where a decimal is a comma."""
    return [
        _table("Germany: rents", "Kaltmiete", {
            "Stadt": _one_of("München", "Köln", "Düsseldorf", "Nürnberg"), "Wohnfläche": _decimal(72, 18, 1, ","),
            "Zimmer": _whole(1, 6), "Balkon": _one_of("ja", "nein"), "Einzug": _day("%d.%m.%Y"),
            "Kaltmiete": _decimal(820, 200, 2, ","),
        }, ";", "cp1252", "\r\n", numbers={"Wohnfläche": "comma", "Kaltmiete": "comma"}),
        _table("Germany: machine faults", "Störung", {
            "Maschine": _one_of("Fräse 1", "Fräse 2", "Drehbank"), "Temperatur": _decimal(61, 7, 1),
            "Drehzahl": _whole(800, 3200), "Schicht": _one_of("früh", "spät", "nachts"),
            "Störung": _one_of("nein", "nein", "nein", "ja"),
        }, ";"),
        _table("France: train delays", "retard_minutes", {
            "gare_départ": _one_of("Paris-Est", "Besançon", "Nîmes"), "jour": _day("%d/%m/%Y"),
            "voyageurs": _whole(40, 900), "météo": _one_of("pluie", "neige", "soleil", "brouillard"),
            "retard_minutes": _whole(0, 90),
        }, ";"),
        _table("France: accidents", "gravité", {
            "département": _one_of("75", "13", "69", "2A", "33"), "heure": _whole(0, 24),
            "éclairage": _one_of("plein jour", "nuit", "crépuscule"), "vitesse": _gaps(_whole(20, 130)),
            "gravité": _one_of("indemne", "blessé léger", "hospitalisé"),
        }, ";", "latin-1"),
        _table("Spain: energy", "consumo_kWh", {
            "provincia": _one_of("A Coruña", "Cádiz", "León", "Málaga"), "fecha": _day("%Y-%m-%d"),
            "viviendas": _whole(10, 400), "tarifa": _one_of("punta", "llano", "valle"),
            "consumo_kWh": _decimal(3400, 500, 1, ","),
        }, ";", numbers={"consumo_kWh": "comma"}),
        _table("Spain: students", "aprobado", {
            "curso": _one_of("1º", "2º", "3º", "4º"), "edad": _whole(12, 18), "faltas": _whole(0, 30),
            "beca": _one_of("sí", "no"), "nota media": _decimal(6.4, 1.2, 1), "aprobado": _one_of("sí", "sí", "no"),
        }),
        _table("Brazil: election", "situação", {
            "município": _one_of("São Paulo", "Goiânia", "Maceió"), "partido": _one_of("AB", "CD", "EF", "GH"),
            "votos": _whole(100, 90_000), "despesa": _decimal(52_000, 9_000, 2, ","),
            "situação": _one_of("eleito", "não eleito", "suplente"),
        }, ";", "latin-1", "\r\n", numbers={"despesa": "comma"}),
        _table("Brazil: harvests", "produtividade", {
            "estado": _one_of("MT", "PR", "RS", "GO"), "chuva_mm": _decimal(1300, 210, 1), "área_ha": _whole(5, 3000),
            "plantio": _day("%d/%m/%Y"), "irrigação": _one_of("Sim", "Não"), "produtividade": _decimal(3.3, 0.5),
        }),
        _table("Korea: flats", "거래금액", {
            "시군구": _one_of("강남구", "마포구", "해운대구", "수성구"), "전용면적": _decimal(84, 20),
            "층": _whole(1, 35),
            "건축년도": _whole(1985, 2023), "계약일": _day("%Y.%m.%d"), "거래금액": _whole(20_000, 250_000),
        }, encoding="cp949", end="\r\n"),
        _table("Korea: customers who leave", "해지여부", {
            "성별": _one_of("남", "여"), "나이": _whole(19, 80), "요금제": _one_of("기본", "표준", "무제한"),
            "통화시간": _gaps(_decimal(240, 80, 1)), "가입일": _day("%Y-%m-%d"),
            "해지여부": _one_of("아니오", "아니오", "예"),
        }),
        _table("Japan: shops", "売上", {
            "店舗": _one_of("渋谷店", "梅田店", "札幌店"), "曜日": _one_of("月", "火", "水", "木", "金", "土", "日"),
            "気温": _decimal(17, 8, 1), "来客数": _whole(40, 900), "日付": _day("%Y/%m/%d"),
            "売上": _whole(80_000, 900_000),
        }, encoding="cp932", end="\r\n"),
        _table("Japan: inspections", "判定", {
            "ライン": _one_of("A", "B", "C"), "重量": _decimal(50, 0.4, 3), "寸法": _decimal(12.5, 0.05, 3),
            "検査日": _day("%Y年%m月%d日"), "判定": _one_of("合格", "合格", "合格", "不合格"),
        }),
        _table("China: second-hand cars", "价格", {
            "品牌": _one_of("大众", "丰田", "比亚迪", "吉利"), "里程": _decimal(6.2, 2.5), "车龄": _whole(1, 15),
            "城市": _one_of("北京", "上海", "成都", "广州"), "变速箱": _one_of("自动", "手动"),
            "价格": _decimal(9.8, 2.9),
        }, encoding="gb18030"),
        _table("China: air", "空气质量", {
            "监测站": _one_of("东四", "官园", "奥体中心"), "时间": _day("%Y-%m-%d 08:00:00"), "PM2.5": _whole(5, 240),
            "风速": _gaps(_decimal(3.1, 0.8, 1)), "空气质量": _one_of("优", "良", "轻度污染", "重度污染"),
        }),
        _table("Russia: deliveries", "опоздание", {
            "город": _one_of("Москва", "Казань", "Омск"), "вес": _decimal(3.4, 0.9, 2, ","), "дата": _day("%d.%m.%Y"),
            "курьер": _one_of("пеший", "авто", "вело"), "опоздание": _one_of("нет", "нет", "да"),
        }, ";", "cp1251", "\r\n", numbers={"вес": "comma"}),
        _table("Russia: salaries", "зарплата", {
            "должность": _one_of("инженер", "аналитик", "водитель"), "стаж": _whole(0, 40), "разряд": _whole(1, 7),
            "регион": _one_of("Урал", "Сибирь", "Центр"), "зарплата": _whole(35_000, 260_000),
        }),
        _table("India: loans", "defaulted", {
            "loan_no": _code("HYD/2023/{:05d}"), "state": _one_of("Telangana", "Kerala", "Bihar"),
            "income_inr": _whole(120_000, 2_400_000), "cibil": _whole(300, 901),
            "purpose": _one_of("Gold", "Home", "Farm"),
            "disbursed": _day("%d-%m-%Y"), "defaulted": _one_of("N", "N", "N", "Y"),
        }),
        _table("India: crops", "yield_quintal", {
            "district": _one_of("Guntur", "Nashik", "Karnal"), "season": _one_of("Kharif", "Rabi", "Zaid"),
            "rain_mm": _gaps(_decimal(840, 150, 1), "NA"), "area_acre": _decimal(3.2, 0.7),
            "yield_quintal": _decimal(18, 4),
        }),
        _table("Sweden: house sales", "slutpris", {
            "ort": _one_of("Malmö", "Umeå", "Göteborg"), "boarea": _whole(40, 220),
            "driftkostnad": _whole(8_000, 60_000),
            "datum": _day("%Y-%m-%d"), "upplåtelseform": _one_of("bostadsrätt", "äganderätt"),
            "slutpris": _whole(900_000, 9_000_000),
        }, "\t", "utf-16"),
        _table("Sweden: health", "återinlagd", {
            "ålder": _whole(18, 96), "kön": _one_of("man", "kvinna"), "vårddagar": _whole(1, 40),
            "blodtryck": _gaps(_whole(90, 200)), "återinlagd": _one_of("nej", "nej", "ja"),
        }, "|"),
        _table("Poland: rides", "napiwek", {
            "miasto": _one_of("Łódź", "Gdańsk", "Kraków"), "dystans_km": _decimal(7.2, 2.0, 1),
            "płatność": _one_of("karta", "gotówka", "BLIK"), "początek": _day("%Y-%m-%d %H:%M"),
            "napiwek": _decimal(6.1, 1.8),
        }, encoding="cp1250"),
        _table("Poland: applications", "decyzja", {
            "województwo": _one_of("śląskie", "łódzkie", "mazowieckie"), "wiek": _whole(18, 75),
            "wykształcenie": _one_of("średnie", "wyższe", "zawodowe"), "dochód": _gaps(_whole(2_800, 19_000)),
            "decyzja": _one_of("przyznano", "odmowa"),
        }, ";"),
        _table("Turkey: orders", "iade", {
            "şehir": _one_of("İstanbul", "İzmir", "Muğla"), "tutar": _decimal(340, 60, 2),
            "kargo": _one_of("hızlı", "normal"),
            "sipariş tarihi": _day("%d.%m.%Y"), "iade": _one_of("hayır", "hayır", "evet"),
        }, ";", "cp1254"),
        _table("Turkey: students", "not", {
            "okul": _one_of("Atatürk Lisesi", "Fen Lisesi"), "devamsızlık": _whole(0, 25),
            "çalışma saati": _decimal(11, 3, 1),
            "not": _whole(20, 101),
        }),
        _table("United States: claims", "fraud_reported", {
            "policy": _code("PA-{:05d}"), "zip": _one_of("02139", "10001", "60614", "94110"),
            "incident_date": _day("%m/%d/%Y"), "claim_amount": _decimal(5200, 900), "witnesses": _whole(0, 5),
            "fraud_reported": _one_of("No", "No", "No", "Yes"),
        }, end="\r\n"),
        _table("United States: sensors", "rul", {
            "unit": _whole(1, 100), "cycle": _whole(1, 360), "op_setting_1": _decimal(0, 0.002, 4),
            "s2": _decimal(642, 0.5), "s3": _decimal(1590, 6), "s4": _decimal(1408, 9), "rul": _whole(0, 200),
        }, " "),
    ]  # fmt: skip
