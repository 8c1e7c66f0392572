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
"""
WORDS = frozenset(word.replace("_", " ") for word in _WORDS.split())


def is_total(cell: str) -> bool:
    """True for a word such as Total or 합계, with a colon or not, and for "Asia Total"."""
    plain = " ".join(cell.strip(" :.*\t").lower().split())
    return plain in WORDS or plain.endswith((" total", " subtotal", " 합계", " 소계"))


def total_rows(frame: pl.DataFrame, last: int) -> list[tuple[int, str]]:
    """[(index, word)] of the rows among the `last` of `frame` that say in a first cell to be a total."""
    rows = frame[:, :LABEL_COLUMNS].tail(last).rows()
    start = len(frame) - len(rows)
    words = ((at, next((cell for cell in row if cell and is_total(cell)), "")) for at, row in enumerate(rows, start))
    return [(at, word) for at, word in words if word]
