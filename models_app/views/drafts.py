"""What goes along with the Create model form while it is filled in: kept, estimated, compared, shared, as code."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from models_app import code, differences, estimates, kept_forms, sharing
from models_app.create_page import look
from models_app.forms.create import CreateForm
from models_app.models import Model
from models_app.pages import render_page
from models_app.roles import editor


@require_POST
@editor
def create_aside(request):
    """Keep the form, and say about it: time, cost, limits, what it changes, its link. For htmx; else the page."""
    form = CreateForm(request.POST).unchecked()
    kept = kept_forms.keep(request.user, request.POST)
    if not request.htmx:
        return redirect(f"{reverse('model_create')}?{sharing.query(form)}")
    return render(request, "create/_aside_in.html", beside(request, form) | {"form": form, "kept": kept})


@require_POST
@editor
def draft_discard(request, intent):
    """Forget a form that was begun."""
    kept_forms.discard(request.user, str(intent))
    messages.success(request, _("The draft is discarded."))
    return redirect("model_create")


@require_http_methods(["GET", "POST"])
@editor
def create_code(request):
    """The form as programs: a dialog to htmx, a page to everyone else. A GET takes the query of a shared link."""
    form = CreateForm(request.POST).unchecked() if request.method == "POST" else sharing.filled(request.GET)
    found = look_at(form)
    plan = code.plan_of(form.draft(), found)
    context = {"plan": plan, "snippets": code.snippets(plan), "query": sharing.query(form)}
    return render_page(request, "create/code.html", context, part="create/_code_dialog.html")


def beside(request, form: CreateForm, found=None) -> dict:
    """What the part beside the form needs; `found` is the table where it was looked at already."""
    draft = form.draft()
    origin = Model.objects.filter(name=form["origin"].value() or "").first()
    query = sharing.query(form)
    address = reverse("model_create") + (f"?{query}" if query else "")
    return {
        "estimate": estimates.of(draft, found or look_at(form)),
        "origin": origin,
        "differences": differences.between(origin, draft) if origin else [],
        "share": request.build_absolute_uri(address),
    }


def look_at(form: CreateForm):
    """The table as the form reads it; None where there is none to be read."""
    draft = form.draft()
    return look(draft.data_uri, draft.recipe, form.chosen.supervised).get("inspection") if draft.data_uri else None
