"""What the lists of all kinds of jobs have in common: status, owner, name, moments, views."""

from collections.abc import Callable
from typing import Any

from django.db.models import Choices, Q
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.templatetags import console as draw
from models_app.web.listing import MINE
from models_app.web.lists import properties
from models_app.web.lists.kind import Column, is_meant, linked
from models_app.web.lists.properties import Property, Type


def statuses_named(statuses: type[Choices], word: str) -> list[str]:
    """The statuses that a word of a search means: AWS's words, and ours in English and the person's language."""
    return [s.value for s in statuses if is_meant(word, s.value, s.label, _(s.label))]


def status_property(statuses: type[Choices]) -> Property:
    """The property `status` of a kind of job."""

    def meant(word: str) -> Q | None:
        folded = word.casefold()
        found = [s.value for s in statuses if folded in {t.casefold() for t in (s.value, s.label, _(s.label))}]
        return Q(status__in=found) if found else None

    def words() -> str:
        return ", ".join(dict.fromkeys(_(s.label) for s in statuses))

    return properties.choice("status", gettext_lazy("Status"), "status", meant, words)


def moment_properties() -> tuple[Property, ...]:
    """Created, started and ended."""
    return (
        properties.field("created", gettext_lazy("Created"), Type.MOMENT),
        properties.field("started", gettext_lazy("Started"), Type.MOMENT, nullable=True),
        properties.field("ended", gettext_lazy("Ended"), Type.MOMENT, nullable=True),
    )


def views_of(live: tuple, failed: str, completed: str) -> Callable[[Any], tuple]:
    """The views of a list of jobs, for a person, by its statuses."""

    def views(user: Any) -> tuple:
        return (
            ("all", gettext_lazy("All"), Q()),
            ("running", gettext_lazy("In progress"), Q(status__in=live)),
            ("attention", gettext_lazy("Needs attention"), Q(status=failed)),
            ("done", gettext_lazy("Completed"), Q(status=completed)),
            (MINE, gettext_lazy("Created by me"), Q(owner=user)),
        )

    return views


def owner_name(row: Any) -> str:
    """The owner's name, a dash without one."""
    return row.owner.username if row.owner else "-"


def name_column(url: str) -> Column:
    """The name, which leads to the page `url` of the row, over its owner."""

    def cell(row: Any) -> SafeString:
        tag = format_html('<span class="tag tag--line">{}</span>', _("external"))
        return linked(url, row.name, tag if row.external else owner_name(row))

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
