"""The list of notebook instances by the URL: a view and a search, over what SageMaker listed."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from models_app.notebooks.notebook import Notebook
from models_app.web.listing import View


@dataclass(frozen=True)
class NotebookList:
    """The rows to show, the views with their counts, and how many there are at all."""

    rows: list[Notebook]
    views: list[View]
    q: str
    total: int

    @property
    def is_empty(self) -> bool:
        """There is none at all, as opposed to none that matches."""
        return not self.total


def listing(request, rows: list[Notebook]) -> NotebookList:
    """The list that the URL asks for; what it asks wrongly is ignored."""
    views: dict[str, tuple[str, Callable[[Notebook], bool]]] = {
        "all": (_("All"), lambda row: True),
        "serving": (_("In service"), lambda row: row.status == "InService"),
        "stopped": (_("Stopped"), lambda row: row.status == "Stopped"),
        "attention": (_("Needs attention"), lambda row: row.status == "Failed"),
        "own": (_("Mine"), lambda row: row.owner_id == request.user.pk),
    }
    view = request.GET.get("view", "all")
    view = view if view in views else "all"
    q = request.GET.get("q", "").strip()
    tabs = [View(key, title, str(sum(map(test, rows))), key == view) for key, (title, test) in views.items()]
    matching = [row for row in rows if views[view][1](row) and q.lower() in row.name.lower()]
    return NotebookList(matching, tabs, q, len(rows))
