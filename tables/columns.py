"""Describes a column's profile for display: type, statistics, problems."""

import re

from common.messages import _, gettext_noop, ngettext
from tables.inspection import Column
from tables.profile import ColumnProfile, Profile
from tables.recipe import Recipe

TOP_VALUES = 10
_WRITTEN = {
    "currency": gettext_noop("an amount of money"), "percent": gettext_noop("a percentage"),
    "thousands": gettext_noop("with a thousands separator"),
    "comma": gettext_noop("with a decimal comma"), "unit": gettext_noop("with a unit"),
    "accounting": gettext_noop("with a sign behind it or in brackets"),
    "scale": gettext_noop("with a mark for thousands or millions"),
    "bound": gettext_noop("a bound and no exact number"),
    "notation": gettext_noop("in another notation"), "change": gettext_noop("a rise or a fall"),
}  # fmt: skip


_ID_NAMES = """
id index unnamed:_0 row rownum row_number row_id rowid rownames row_names no uuid guid key record_number nr lfd_nr
uid idx seq sequence serial serial_no mrn ssn cust_no emp_no empno custno № lfd_nr laufende_nummer nummer
kundennummer kunden_nr kundennr rechnungsnummer auftragsnummer n_dossier no_dossier n_client num_client id_client
numero numer lp codice matricola dni rut cpf cnpj nif curp folio expediente cliente_id номер код_клиента numer_klienta
번호 순번 일련번호 아이디 사번 학번 사원번호 주문번호 회원번호 고객번호 編號 编号 番号 連番 序号 学号 工号 身份证号
订单号
客户号 社員番号 会員番号 顧客番号 受注番号 numéro número matricule kennung sıra_no müşteri_no stt mã_số
"""
_IDS = frozenset(_ID_NAMES.split())


def describe_column(stats: ColumnProfile, profile: Profile, recipe: Recipe) -> Column:
    """`stats` as a Column with the role of a feature."""
    column = Column(
        stats.name, _type(stats), kind=stats.kind, missing=stats.missing, unique=stats.distinct, hist=stats.hist
    )
    if column.kind in ("category", "text"):
        column.kind = "text"
    column.numbers = stats.numbers_as
    if stats.kind == "number":
        column.min, column.max = stats.min, stats.max
    ranked = sorted((stats.values or {}).items(), key=lambda pair: (-pair[1], pair[0]))[:TOP_VALUES]
    column.top = [value for value, _ in ranked]
    if stats.name not in recipe.bad_cells:
        column.problem = column_problem(stats)
    column.leave_out = exclusion_reason(stats)
    return column


def _type(column: ColumnProfile) -> str:
    if column.kind == "number":
        return (
            "binary"
            if column.distinct == 2 and column.whole
            else "int"
            if column.whole or not column.present
            else "float"
        )
    if column.kind == "datetime":
        return "datetime"
    if column.kind == "boolean" or column.distinct == 2:
        return "binary"
    return column.kind


def column_problem(column: ColumnProfile) -> str:
    """Why a column of numbers or dates cannot be used unchanged, with the fix; '' when it can."""
    faults = {name: n for name, n in column.odd_count.items() if n and column.odd.get(name)}
    if not faults:
        return ""
    worst = max(faults, key=lambda name: faults[name])
    cell, others = column.odd[worst][0], sum(faults.values()) - 1
    where = _(" in data row %(row)s", row=cell.row) if cell.row else ""
    where += ngettext(" (and in %(n)s other)", " (and in %(n)s others)", others) if others else ""
    if column.style and worst in _WRITTEN and column.kind == "number":
        return _(
            "Column %(name)s holds numbers, but %(value)s%(where)s is %(written)s. Say that its numbers are written so "
            "(%(worst)s), or correct the cells.",
            name=column.name,
            value=repr(cell.value),
            where=where,
            written=_(_WRITTEN[worst]),
            worst=column.style,
        )
    what = _("dates") if column.kind == "datetime" else _("true or false") if column.kind == "boolean" else _("numbers")
    return _(
        "Column %(name)s holds %(what)s, except %(value)s%(where)s. Correct the cell or leave it empty; or read such "
        "cells as missing, or leave their rows out.",
        name=column.name,
        what=what,
        value=repr(cell.value),
        where=where,
    )


def exclusion_reason(column: ColumnProfile) -> str:
    """Why the column cannot improve a model of its table; '' when it may."""
    if not column.present:
        return _("All its cells are empty.")
    if column.distinct == 1:
        return _("It has the same value in every row.") if not column.missing else _("It has one value only.")
    if column.tells_rows_apart and column.kind == "text":
        return _("Its text is different in nearly every row, so it can help to predict no other row.")
    if is_row_id(column):
        return _("It numbers the rows, so it can help to predict no other row.")
    return ""


def is_row_id(column: ColumnProfile, has_header: bool = True) -> bool:
    """True if the column numbers or names the rows: by its name, and another value in every row."""
    if not column.tells_rows_apart:
        return False
    if column.kind == "number" and not column.whole:
        return False
    if column.name.startswith("#"):
        # Without a name only numbers that count the rows are known to be such.
        counts = column.kind == "number" and column.min is not None and column.max is not None
        return has_header and counts and column.max - column.min == column.present - 1  # type: ignore[operator]
    return column.kind in ("number", "text", "category") and _is_id(column.name)


def _is_id(name: str) -> bool:
    plain = re.sub(r"[\s.\-]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())).lower().strip("_")
    return plain in _IDS or plain.endswith(
        ("_id", "_key", "_no", "_uuid", "_guid", "_nr", "번호", "번호_", "番号", "编号", "nummer", "_uid")
    )


def decimal_commas(profile: Profile, recipe: Recipe) -> dict[str, str]:
    """{column: "comma"} for columns whose numbers all have a decimal comma."""
    formats = {}
    for column in profile.columns:
        is_set = column.name in recipe.numbers or recipe.types.get(column.name, "number") != "number"
        only = set(column.odd_count) <= {"comma", "thousands"} and "comma" in column.odd_count
        if not is_set and column.kind == "number" and only and (column.whole or not column.numbers):
            formats[column.name] = "comma"
    return formats
