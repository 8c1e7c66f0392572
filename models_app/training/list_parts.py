"""What the lists of all kinds of jobs have in common: properties, columns, the words of a search, views."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Choices, Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from algorithms import ALGORITHMS
from common import amounts
from models_app.models.tag import FIELDS
from models_app.templatetags import console as draw
from models_app.web.listing import MINE
from models_app.web.lists import properties
from models_app.web.lists.kind import DASH, Column, Figure, ListKind, is_meant, linked
from models_app.web.lists.properties import Property, Type
from models_app.web.markup import format_html

NUMBER = "num nowrap"


def algorithms_named(word: str) -> Q:
    """The condition on `algorithm` for a word of a search: the name that AWS has for it, or its title."""
    return Q(algorithm__in=[name for name, each in ALGORITHMS.items() if is_meant(word, name, each.title)])


def algorithm_is(word: str) -> Q | None:
    """The condition for an algorithm's name or title."""
    folded = word.casefold()
    names = [name for name, each in ALGORITHMS.items() if folded in (name.casefold(), each.title.casefold())]
    return Q(algorithm__in=names or [word])


def owners_named(word: str) -> Q:
    """The condition on `owner` for a word of a search."""
    return Q(owner__in=User.objects.filter(username__icontains=word))


def statuses_named(statuses: type[Choices], word: str) -> list[str]:
    """The statuses that a word of a search means: AWS's words, and ours in English and the person's language."""
    return [s.value for s in statuses if is_meant(word, s.value, s.label, _(s.label))]


def status_property(statuses: type[Choices]) -> Property:
    """The property `status` of a kind of job."""

    def meant(word: str) -> Q | None:
        folded = word.casefold()
        values = [s.value for s in statuses if folded in {t.casefold() for t in (s.value, s.label, _(s.label))}]
        return Q(status__in=values) if values else None

    def words() -> str:
        return ", ".join(dict.fromkeys(_(s.label) for s in statuses))

    return properties.choice("status", gettext_lazy("Status"), "status", meant, words)


def words_in(statuses: type[Choices], *fields: str) -> Callable[[str], Q]:
    """The condition for one word of a search: it is in one of `fields`, or means an algorithm, owner or status."""

    def condition(word: str) -> Q:
        own = Q(**{f"{fields[0]}__icontains": word})
        for field in fields[1:]:
            own |= Q(**{f"{field}__icontains": word})
        return own | algorithms_named(word) | owners_named(word) | Q(status__in=statuses_named(statuses, word))

    return condition


def algorithm_property() -> Property:
    """The algorithm, by its name or title."""
    return properties.choice("algorithm", gettext_lazy("Algorithm"), "algorithm", algorithm_is, str)


def first_properties(statuses: type[Choices]) -> tuple[Property, ...]:
    """Name, status, algorithm and owner."""
    return (
        properties.field("name", gettext_lazy("Name"), Type.TEXT),
        status_property(statuses),
        algorithm_property(),
        properties.field("owner", gettext_lazy("Owner"), Type.TEXT, "owner__username", nullable=True),
    )


def model_property() -> Property:
    """The name of the job's model."""
    return properties.field("model", gettext_lazy("Model"), Type.TEXT, "model__name", nullable=True)


def instance_property() -> Property:
    """The instance type."""
    return properties.field("instance", gettext_lazy("Instance"), Type.TEXT, "instance_type")


def moment_properties() -> tuple[Property, ...]:
    """Created, started and ended."""
    return (
        properties.field("created", gettext_lazy("Created"), Type.MOMENT),
        properties.field("started", gettext_lazy("Started"), Type.MOMENT, nullable=True),
        properties.field("ended", gettext_lazy("Ended"), Type.MOMENT, nullable=True),
    )


def views_of(model: Any) -> Callable[[Any], tuple]:
    """The views of a list of jobs, for a person, by the statuses of `model`."""

    def views(user: Any) -> tuple:
        return (
            ("all", gettext_lazy("All"), Q()),
            ("running", gettext_lazy("In progress"), Q(status__in=model.LIVE)),
            ("attention", gettext_lazy("Needs attention"), Q(status=model.Status.FAILED)),
            ("done", gettext_lazy("Completed"), Q(status=model.Status.COMPLETED)),
            (MINE, gettext_lazy("Created by me"), Q(owner=user)),
        )

    return views


def owner_name(row: Any) -> str:
    """The owner's name, a dash without one."""
    return row.owner.username if row.owner else "-"


def origin(row: Any) -> SafeString | str:
    """Whose the row is: its owner's, or another client's."""
    return format_html('<span class="tag tag--line">{}</span>', _("external")) if row.external else owner_name(row)


def name_column(url: str, below: Callable[[Any], SafeString | str] = origin) -> Column:
    """The name, which leads to the page `url` of the row, over its owner or another line `below` it."""

    def cell(row: Any) -> SafeString:
        return linked(url, row.name, below(row))

    return Column("name", gettext_lazy("Name"), cell, lambda row: row.name, "c-name", "name")


def status_cell(row: Any) -> SafeString:
    """Icon and word, over what the row is at."""
    note = row.status_note
    drawn = format_html('<span class="t-note" title="{0}">{0}</span>', note) if note else ""
    return format_html('<span class="t-status">{}{}</span>', draw.status(row), drawn)


def status_column() -> Column:
    """The status."""
    title = gettext_lazy("Status")
    return Column("status", title, status_cell, lambda row: _(row.status_word), "c-status", "status")


def algorithm_cell(row: Any) -> Any:
    """The algorithm's title, a dash without one."""
    return draw.algorithm_title(row.algorithm) if row.algorithm else DASH


def algorithm_column() -> Column:
    """The algorithm."""
    title = gettext_lazy("Algorithm")
    return Column("algorithm", title, algorithm_cell, lambda row: row.algorithm, sort="algorithm")


def seconds_column(key: str, title: Any, sort: str = "") -> Column:
    """How long the job ran."""

    def cell(row: Any) -> Any:
        return DASH if row.seconds is None else amounts.duration(row.seconds)

    return Column(key, title, cell, lambda row: row.seconds, NUMBER, sort)


def cost_column(sort: str = "") -> Column:
    """What the job costs."""
    title = gettext_lazy("Cost")
    return Column("cost", title, lambda row: amounts.money(row.cost), lambda row: row.cost, NUMBER, sort)


def instance_column() -> Column:
    """The instance type."""

    def cell(row: Any) -> str:
        return row.instance_type

    return Column("instance", gettext_lazy("Instance"), cell, cell, "nowrap", "instance")


def owner_column() -> Column:
    """The owner."""
    title = gettext_lazy("Owner")
    return Column("owner", title, owner_name, lambda row: row.owner.username if row.owner else "", sort="owner")


def moment(at: Any) -> str:
    """A moment for a file, in UTC."""
    return at.isoformat(timespec="seconds") if at else ""


def moment_columns() -> tuple[Column, ...]:
    """Created, started and ended, as how long ago."""

    def column(key: str, title: Any) -> Column:
        def cell(row: Any) -> SafeString:
            return draw.ago(getattr(row, key))

        return Column(key, title, cell, lambda row: moment(getattr(row, key)), "nowrap sec", key)

    return (
        column("created", gettext_lazy("Created")),
        column("started", gettext_lazy("Started")),
        column("ended", gettext_lazy("Ended")),
    )


def job_list(
    model: Any,
    *,
    key: str,
    title: Any,
    room: str,
    rows: Callable[[], Any],
    properties: tuple[Property, ...],
    columns: tuple[Column, ...],
    default_columns: tuple[str, ...],
    words: Callable[[str], Q],
    job: str | None = None,
    figures: tuple[Figure, ...] = (),
    deferred: Mapping[str, str] | None = None,
    computed: Mapping[str, Any] | None = None,
) -> ListKind:
    """The list of the jobs of `model`, newest first; the arguments are those of ListKind."""
    return ListKind(
        key=key,
        title=title,
        room=room,
        topic=model.TOPICS[0],
        rows=rows,
        job=job,
        properties={each.key: each for each in properties},
        figures=figures,
        columns={each.key: each for each in columns},
        default_columns=default_columns,
        sort="-created",
        words=words,
        views=views_of(model),
        is_settled=lambda row: row.is_final,
        tagged=FIELDS[model],
        deferred=deferred or {},
        computed=computed or {},
    )
