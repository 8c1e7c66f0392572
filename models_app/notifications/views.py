"""A person's notifications: the panel of the bell, the page, and what marks them as read."""

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.models import Notification
from models_app.models.notification import Kind
from models_app.notifications.words import note_of
from models_app.web.errors import Gone
from models_app.web.render import render_page

IN_PANEL, ON_PAGE = 20, 50
SUBJECTS = ("job__model", "model", "endpoint", "tuning", "transform")
UNSHOWN = (
    "job__described", "tuning__described", "tuning__trials", "tuning__schema", "tuning__template", "tuning__preflight",
    "transform__described",
)  # fmt: skip
FAILURES = (Kind.JOB_FAILED, Kind.ENDPOINT_FAILED, Kind.LIMIT)
VIEWS = {
    "mine": (gettext_lazy("For me"), Q(of_another=False)),
    "all": (gettext_lazy("All"), Q()),
    "failures": (gettext_lazy("Failures"), Q(kind__in=FAILURES)),
}


@require_GET
@requires(Action.READ)
def notifications(request):
    """A person's notifications, newest first; the panel of the bell for htmx."""
    return _notes(request)


@require_GET
@requires(Action.READ)
def bell(request):
    """The bell alone, for a page that got a nudge."""
    return render(request, "partials/bell.html")


@post_only("notifications")
@requires(Action.READ)
def notifications_read(request):
    """Mark all as read."""
    _own(request).filter(read=None).update(read=now())
    return _notes(request, are_read=True) if request.htmx else redirect("notifications")


@post_only("notifications")
@requires(Action.READ)
def notification_open(request, pk):
    """Mark one as read and go to what it is about."""
    row = _own(request).filter(pk=pk).select_related(*SUBJECTS).first()
    if row is None:
        raise Gone(_("There is no such notification. It was deleted."), ("notifications", _("View notifications")))
    Notification.objects.filter(pk=pk, read=None).update(read=now())
    return redirect(note_of(row).url or "notifications")


def _own(request) -> QuerySet[Notification]:
    return Notification.objects.filter(user=request.user, in_bell=True)


def _notes(request, are_read: bool = False):
    own = _own(request)
    show = request.GET.get("show", "all")
    if show not in VIEWS:
        raise Http404(f"no notifications of the kind {show}")
    rows = own.filter(VIEWS[show][1]).select_related(*SUBJECTS).defer(*UNSHOWN)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    limit = IN_PANEL if request.htmx else ON_PAGE
    page = [*rows[: limit + 1]]
    notes = [note_of(row, as_html=True) for row in page[:limit]]
    context = {
        "new": [note for note in notes if note.is_new],
        "earlier": [note for note in notes if not note.is_new],
        "show": show,
        "views": [(key, label, own.filter(which).count()) for key, (label, which) in VIEWS.items()],
        "are_read": are_read,  # the bell changes then; else it must stay the element that gets the focus back
        "older": notes[-1].pk if len(page) > limit else None,
    }
    return render_page(request, "notifications/page.html", context, part="notifications/_panel.html")
