"""Rows that add up others: a total below the table, subtotals within."""

from __future__ import annotations

import polars as pl

LABEL_COLUMNS = 3  # a total says so in one of the first columns
_WORDS = """
total totals grand_total subtotal sub_total overall_total gesamt gesamtsumme summe zwischensumme insgesamt
totale subtotale totale_generale totale_parziale total_général sous-total somme total_general suma razem ogółem
celkem součet mezisoučet összesen végösszeg итого всего итог промежуточный_итог toplam genel_toplam ara_toplam
totaal subtotaal totalt summa yhteensä ialt kokku kopā iš_viso ukupno skupaj σύνολο разом усього общо 합계 총계
소계 총합 총합계 누계 합_계 合計 総計 小計 总计 合计 小计 總計 المجموع الإجمالي סה"כ รวม tổng tổng_cộng
tổng_số jumlah jumlah_total total_keseluruhan ยอดรวม รวมทั้งหมด celkový_součet suma_końcowa suma_całkowita всього усього
разом общо_всичко 계 총_계 전체_합계 合 計 总和 共计 合计数 總和 共計 कुल योग مجموع الإجمالي_الكلي סך_הכל
"""
WORDS = frozenset(word.replace("_", " ") for word in _WORDS.split())
# The last row of a table may be one of these; elsewhere they are words as others are.
_SUMMARIES = (
    "average averages mean avg median min max std 평균 중앙값 平均 平均値 平均值 durchschnitt mittelwert moyenne "
    "promedio "
    "gemiddelde średnia среднее ortalama genomsnitt keskiarvo átlag průměr средно"
)
SUMMARIES = frozenset(_SUMMARIES.split())


def is_total(cell: str) -> bool:
    """True for a word such as Total or 합계, with a colon or not, and for "Asia Total"."""
    plain = _plain(cell)
    return plain in WORDS or plain.endswith((" total", " subtotal", " 합계", " 소계"))


def is_summary(cell: str) -> bool:
    """True for a word such as Average or 평균."""
    return _plain(cell) in SUMMARIES


def _plain(cell: str) -> str:
    return " ".join(cell.strip(" :.*\t").lower().split())


def total_rows(frame: pl.DataFrame, last: int) -> list[tuple[int, str]]:
    """[(index, word)] of the rows among the `last` of `frame` that say in a first cell to be a total."""
    rows = frame[:, :LABEL_COLUMNS].tail(last).rows()
    start = len(frame) - len(rows)
    words = ((at, next((cell for cell in row if cell and is_total(cell)), "")) for at, row in enumerate(rows, start))
    return [(at, word) for at, word in words if word]
