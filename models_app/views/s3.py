"""Looking into S3 from the Create model form: a browser to choose from, and what a file holds."""

from urllib.parse import urlencode

from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from models_app import keys, storage
from models_app.create_page import acted, changes_hyperparameters, complaints, ended, look, seen
from models_app.models import KeptForm, Model
from models_app.models.person import Role
from models_app.pages import render_page
from models_app.problems import Problem
from models_app.roles import has_role, viewer

SORTS = {
    "name": lambda found: found.name.lower(),
    "modified": lambda found: found.modified,
    "size": lambda found: found.size,
}
MOST_RECENT = 5


@require_GET
@viewer
def s3_browse(request):
    """Buckets, folders and objects; `pick` is the chosen URI. The whole dialog to htmx, a page to everyone else."""
    bucket, prefix, find, token, pick, sort = (
        request.GET.get(name, "") for name in ("bucket", "prefix", "find", "token", "pick", "sort")
    )
    folders = keys.folders_of(prefix)
    context = {"bucket": bucket, "prefix": prefix, "find": find, "pick": pick, "folders": folders, "token": token}
    context["up"] = folders[-2][1] if len(folders) > 1 else ""
    context |= {"sort": sort, "sorts": [(name, f"-{name}" if sort == name else name) for name in SORTS]}
    try:
        if bucket:
            listing = storage.objects(bucket, prefix + find, token)
            found = [o for o in listing.objects if o.key != prefix]  # a folder's own marker is not in it
            if sort.lstrip("-") in SORTS:
                found.sort(key=SORTS[sort.lstrip("-")], reverse=sort.startswith("-"))
            context |= {"listing": listing, "rows": [(o, keys.unusable(o.key, o.size)) for o in found]}
        else:
            context["buckets"] = [b for b in storage.buckets() if b.name.startswith(find)]
            context["recent"] = _recent(request.user)
    except Problem as problem:
        context["problem"] = problem
    if pick:
        context |= look(pick)
    return render_page(request, "s3/browse.html", context, part="s3/_dialog.html")


def _recent(user) -> list[tuple[str, str, str]]:
    """(uri, bucket, folder) of what `user` learned from of late, and has begun to."""
    begun = KeptForm.objects.filter(owner=user).values_list("fields__data_uri", flat=True)[:MOST_RECENT]
    used = Model.objects.filter(owner=user).order_by("-created").values_list("data_uri", flat=True)[:20]
    uris = [uri for uri in dict.fromkeys([*begun, *used]) if uri and uri.startswith("s3://")][:MOST_RECENT]
    places = []
    for uri in uris:
        bucket, _slash, key = uri.removeprefix("s3://").partition("/")
        places.append((uri, bucket, key[: key.rfind("/") + 1]))
    return places


@require_http_methods(["GET", "POST"])
@viewer
def s3_inspect(request):
    """What the form's buttons and changes do to the page without leaving it: the Training data part for what was sent.

    With it come the parts elsewhere that follow from the data. Without htmx, the form itself.
    """
    data = request.POST if request.method == "POST" else request.GET
    if not request.htmx:
        query = {"data": data.get("data_uri", ""), "target": data.get("target", "")}
        return redirect(f"{reverse('model_create')}?{urlencode(query)}")
    ended(request.user, data.get("cancel", ""))
    form, done = acted(data)
    context = seen(form, request.user, again="rescan" in data and has_role(request.user, Role.EDITOR))
    if "preview" in context and not context["preview"].target_is_known:  # it was a column of the file before
        form = form.unchecked(target="")
        context = seen(form, request.user)
    context |= {"form": form, "done": done, "alone": True, "hp_alone": changes_hyperparameters(data)}
    if not context["hp_alone"]:
        form.note(complaints(context["report"]))
    response = render_page(request, "create/_live.html", context, part="create/_live.html")
    response["HX-Trigger-After-Settle"] = "looked"  # what stands beside the form follows from the data too
    return response
