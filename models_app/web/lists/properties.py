"""The properties that lists filter and sort by: fields of the rows and values of their jobs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from models_app.models import JobProperty, JobValue, Tag
from models_app.web.keyset import Phase
from models_app.web.lists import values
from models_app.web.lists.values import InvalidValue

LOOKUPS = {"=": "", "!=": "", ">=": "__gte", "<=": "__lte", ">": "__gt", "<": "__lt", "~": "__icontains"}
TAG = "tag:"  # before the key of a tag, in the name of its property
FEW = 2000  # values that are looked up before the rows; of more, rows are looked through until a page is full
FEW_TEXTS = 200  # different ones that a property has
Where = Callable[[str, str, bool], Q]  # (operator, value, whole) -> the condition; raises InvalidValue


class Type(StrEnum):
    """The type of a property's values, which decides its operators."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    SECONDS = "seconds"
    MOMENT = "moment"


OPERATORS: dict[Type, tuple[str, ...]] = {
    Type.TEXT: ("=", "!=", "~"),
    Type.CHOICE: ("=", "!="),
    Type.NUMBER: ("=", "!=", ">=", "<=", ">", "<"),
    Type.SECONDS: (">=", "<=", ">", "<"),
    Type.MOMENT: (">=", "<=", ">", "<"),
}
_READ: dict[Type, Callable[[str], Any]] = {
    Type.NUMBER: values.number,
    Type.SECONDS: values.seconds,
    Type.MOMENT: values.moment,
    Type.TEXT: str,
}


@dataclass(frozen=True)
class Property:
    """A property. `key` is its name in addresses; `title` is its label, translated when it is rendered."""

    key: str
    title: Any
    type: Type
    where: Where
    phases: Callable[[QuerySet], Sequence[Phase]]  # for sorting
    operators: tuple[str, ...] = ()

    def condition(self, operator: str, value: str, whole: bool = False) -> Q:
        """The condition for `operator` and `value`. `whole` is for a caller that reads every row, not one page.

        Raises InvalidValue, whose message names the values or operators that are valid.
        """
        operators = self.operators or OPERATORS[self.type]
        if operator not in operators:
            words = _("%(property)s has the operators %(operators)s.")
            raise InvalidValue(words % {"property": self.title, "operators": " ".join(operators)})
        try:
            return self.where(operator, value, whole)
        except InvalidValue as e:
            words = _("%(property)s is compared with %(what)s.")
            raise InvalidValue(words % {"property": self.title, "what": e}) from None


def field(key: str, title: Any, kind: Type, path: str = "", *, nullable: bool = False) -> Property:
    """A field of the row or of a related row."""
    path = path or key

    def where(operator: str, value: str, _whole: bool) -> Q:
        lookup = "__iexact" if kind is Type.TEXT and operator in ("=", "!=") else LOOKUPS[operator]
        condition = Q(**{path + lookup: _READ[kind](value)})
        return ~condition if operator == "!=" else condition

    return Property(key, title, kind, where, _sorted_by(path, nullable))


def _sorted_by(path: str, nullable: bool) -> Callable[[QuerySet], Sequence[Phase]]:
    def phases(rows: QuerySet) -> Sequence[Phase]:
        if not nullable:
            return (Phase("", rows, path),)
        empty = {f"{path}__isnull": True}
        return (Phase("", rows.filter(**{f"{path}__isnull": False}), path), Phase("none", rows.filter(**empty), "pk"))

    return phases


def choice(
    key: str,
    title: Any,
    path: str,
    options: Callable[[str], Q | None],
    what: Callable[[], str],
    *,
    nullable: bool = False,
) -> Property:
    """A property with few values. `options` is the condition for a word, None for an unknown one; `what` names them.

    Several words may be given: status=Failed,Stopped.
    """

    def where(operator: str, value: str, _whole: bool) -> Q:
        condition = Q(pk__in=[])
        for word in value.split(",")[:20]:
            option = options(word.strip())
            if option is None:
                raise InvalidValue(what())
            condition |= option
        return ~condition if operator == "!=" else condition

    return Property(key, title, Type.CHOICE, where, _sorted_by(path, nullable))


def value(row: JobProperty, job: str, key: str = "", title: Any = "", kind: Type = Type.NUMBER) -> Property:
    """A metric, a hyperparameter or a figure of the job at the path `job` of the row; "" where the row is the job."""
    to_job, through = f"{job}__" if job else "", f"{job}_id" if job else "pk"

    def jobs(whole: bool, **where: Any) -> Q:
        rows = JobValue.objects.filter(property=row.pk, **where)
        if whole:
            return Q(**{f"{through}__in": rows.values("job_id")})
        if rows[: FEW + 1].count() <= FEW:
            # The keys themselves: PostgreSQL, which cannot tell how few they are, would walk through all jobs.
            return Q(**{f"{through}__in": list(rows.values_list("job_id", flat=True))})
        return Q(Exists(rows.filter(job=OuterRef(through))))

    def where(operator: str, text: str, whole: bool) -> Q:
        if operator == "~":
            return jobs(whole, number=None, **_containing(row.pk, text))
        try:
            condition = jobs(whole, **{"number" + LOOKUPS[operator]: _READ[kind](text)})
        except InvalidValue:
            if operator not in ("=", "!="):
                raise
            condition = jobs(whole, number=None, text__iexact=text)
        return ~condition if operator == "!=" else condition

    def phases(rows: QuerySet) -> Sequence[Phase]:
        at = {f"{to_job}values__property": row.pk}
        # A job's key as the table of values has it: the index is in that order.
        tie, tie_break = ({}, "pk") if job else ({"sort_pk": F("values__job_id")}, "sort_pk")
        numbers = rows.filter(**at, **{f"{to_job}values__number__isnull": False})
        texts = rows.filter(**at, **{f"{to_job}values__number__isnull": True})
        return (
            Phase("number", numbers.annotate(sort_key=F(f"{to_job}values__number"), **tie), "sort_key", tie_break),
            Phase("text", texts.annotate(sort_key=F(f"{to_job}values__text"), **tie), "sort_key", tie_break),
            Phase("none", rows.exclude(Exists(JobValue.objects.filter(property=row.pk, job=OuterRef(through)))), "pk"),
        )

    operators = (*OPERATORS[Type.NUMBER], "~") if not key else ()
    return Property(key or row.name, title or row.name, kind, where, phases, operators)


def _containing(property_pk: int, text: str) -> dict[str, Any]:
    """The condition that a text value of the property holds `text`, whatever its case.

    Where a property has few texts, it names those that do: a database knows how many rows have a text, and not how many
    hold a part of one.
    """
    values = JobValue.objects.filter(property=property_pk, number=None).order_by()
    texts = list(values.values_list("text", flat=True).distinct()[: FEW_TEXTS + 1])
    if len(texts) > FEW_TEXTS:
        return {"text__icontains": text}
    return {"text__in": [value for value in texts if text.upper() in value.upper()]}


def tag(name: str, to_row: str) -> Property:
    """The tag of the rows that `name`, "tag:" and a key, names; `to_row` is the field of Tag that leads to them."""
    tags = Tag.objects.filter(key=name.removeprefix(TAG), **{f"{to_row}__isnull": False})

    def where(operator: str, text: str, whole: bool) -> Q:
        rows = tags.filter(value__icontains=text) if operator == "~" else tags.filter(value=text)
        if whole or rows[: FEW + 1].count() <= FEW:
            condition = Q(pk__in=rows.values(to_row))
        else:
            condition = Q(Exists(rows.filter(**{to_row: OuterRef("pk")})))
        return ~condition if operator == "!=" else condition

    def phases(rows: QuerySet) -> Sequence[Phase]:
        tagged = rows.filter(tags__in=tags).annotate(sort_key=F("tags__value"))
        untagged = rows.exclude(Exists(tags.filter(**{to_row: OuterRef("pk")})))
        return (Phase("text", tagged, "sort_key"), Phase("none", untagged, "pk"))

    return Property(name, name, Type.TEXT, where, phases)
