"""Guesses the column to predict from the columns' names, kinds and positions, and says how sure that is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from common.messages import _
from tables import task
from tables.profile import ColumnProfile, Profile

MARGIN = 0.65  # between the best and the next from which a column with classes or a usual name is sure
WIDE_MARGIN = 1.5  # the same for any column
MAX_OTHERS = 2
# Names that columns to predict have and others hardly ever do, in several languages.
_ANSWERS = """
target targets label labels class classes y outcome outcomes response churn churned churnflag species diagnosis
survived ground_truth truth answer verdict prediction 라벨 레이블 정답 타깃 타겟 목표 목표값 종속변수 결과 이탈
이탈여부 생존 생존여부 ラベル 目的変数 正解 目標 结果 标签 目标 类别 標籤 目標 類別 zielvariable zielgrösse
zielgröße klasse cible étiquette objetivo etiqueta clase alvo classe rótulo obiettivo etichetta cel klasa etykieta
resultado esito risultato ergebnis résultat wynik sonuç результат hasil kết_quả αποτέλεσμα النتيجة ผลลัพธ์ eredmény
rezultat výsledek utfall 결과값 결과변수 hedef sınıf etiket класс цель метка целевая цільова
"""
# Names of what people often want to know, which may be a feature too.
_WISHES = """
fault faulty failure failed fail failures default defaulted fraud fraudulent defect defective anomaly anomalous
converted conversion purchased purchase bought buy clicked click approved approval cancelled canceled attrition
readmitted death died deceased event spam price sale_price saleprice salary revenue sales demand quality rating
score grade yield consumption charges cost delay risk result income_class exited subscribed deposit loan_status
stroke diabetes cancer disease heart_disease heartdisease bankrupt bankruptcy 연체 연체여부 탈퇴 해지 해약 부도
離脱 解約 違約 违约 流失 是否流失 离职 price_usd median_house_value medv count cnt demand mpg strength 구매 구매여부
가격 매출 등급 합격 합격여부 불량
불량여부 고장 고장여부 연봉 購入 価格 売上 購入有無 购买 价格 销量 是否购买 gekauft preis umsatz prix acheté
comprado precio preço comprou prezzo cena cena_zł fiyat цена куплен купил
"""
ANSWERS, WISHES = frozenset(_ANSWERS.split()), frozenset(_WISHES.split())
_ENDINGS = ("_target", "_label", "_class", "_outcome", "_flag", "_next_month", "여부", "_yn", "有無")
_BEGINNINGS = ("is_", "has_", "was_", "will_", "target_", "label_", "是否")


@dataclass(frozen=True)
class TargetGuess:
    """A column to predict. `others` may be meant as well; without `is_sure` a person has to say."""

    name: str = ""
    reason: str = ""
    is_sure: bool = False
    others: tuple[str, ...] = ()


def guess_target(profile: Profile, has_header: bool) -> TargetGuess:
    """The column of the table of `profile` that is likely meant; no name for a table without columns."""
    columns = [c for c in profile.columns if _classes(c) > 1 or is_answer(c.name)] or profile.columns
    if not columns:
        return TargetGuess()
    if not has_header and all(column.kind == "number" for column in profile.columns):
        return _by_convention(profile.columns)
    if len(columns) == 1:
        return TargetGuess(columns[0].name, _("It is the only column that varies."), True)
    ranked = sorted(reversed(columns), key=lambda column: -_score(column, profile))
    first, second = ranked[0], ranked[1]
    margin = _score(first, profile) - _score(second, profile)
    others = tuple(column.name for column in ranked[1 : 1 + MAX_OTHERS] if _kind_score(column) > 0)
    is_likely = _name_score(first.name) >= 2 or _kind_score(first) > 0.5
    return TargetGuess(first.name, _reason(first, profile), margin >= (MARGIN if is_likely else WIDE_MARGIN), others)


def is_answer(name: str) -> bool:
    """True if a column called `name` is what a model of the table would predict."""
    plain = _plain(name)
    return plain in ANSWERS or plain.endswith(("_target", "_label", "_class"))


def _by_convention(columns: list[ColumnProfile]) -> TargetGuess:
    """Of numbers without names: the first column, as AWS's containers have it, unless only the last holds classes."""
    first, last = columns[0], columns[-1]
    if may_be_label(last) and not may_be_label(first):
        return TargetGuess(
            last.name, _("It is the last column and holds a few classes, which the first does not."), True
        )
    return TargetGuess(first.name, _("Without column names the label is the first column."), True)


def may_be_label(column: ColumnProfile) -> bool:
    """True if the column holds a few classes, each more than once."""
    if 2 * column.distinct > column.present:
        return False
    if column.kind == "number":
        return column.whole and 1 < column.distinct <= task.MAX_NUMBER_CLASSES
    return column.kind != "datetime" and 1 < column.distinct <= task.MAX_CLASSES


def _score(column: ColumnProfile, profile: Profile) -> float:
    position = 1.3 if column is profile.columns[-1] else 0.5 if column is profile.columns[0] else 0.0
    return _name_score(column.name) + _kind_score(column) + position


def _name_score(name: str) -> float:
    plain = _plain(name)
    if is_answer(name):
        return 4.0
    if plain in WISHES or plain.endswith(_ENDINGS) or plain.startswith(_BEGINNINGS):
        return 2.0
    words = set(plain.split("_"))
    return 1.0 if words & (WISHES | ANSWERS) and "id" not in words else 0.0


def _classes(column: ColumnProfile) -> int:
    """The number of different values; of one value alone, words such as None are labels too."""
    return column.distinct + (len(column.missing_words) if column.distinct < 2 else 0)


def _kind_score(column: ColumnProfile) -> float:
    """From -3 for what no model predicts to 1.5 for two classes."""
    if column.kind == "datetime" or _classes(column) < 2:
        return -3.0
    if _classes(column) == 2:
        return 1.5
    if column.kind != "number":
        return 0.8 if may_be_label(column) else -3.0
    if column.whole and column.present >= 20 and column.distinct >= 0.99 * column.present:
        return -1.0  # numbers of rows
    return 0.8 if may_be_label(column) else 0.3


def _plain(name: str) -> str:
    """`name` in small letters, its words with underlines between."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip().strip("'\""))
    return re.sub(r"[\s.\-/]+", "_", spaced).lower()


def _reason(column: ColumnProfile, profile: Profile) -> str:
    if _name_score(column.name) >= 2:
        return _("Its name is one that columns to predict often have.")
    if _classes(column) == 2:
        return _("It holds two values.") if column is not profile.columns[-1] else _("It is last and holds two values.")
    return _("It is the last column.") if column is profile.columns[-1] else _("It holds a few classes.")
