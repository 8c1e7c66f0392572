"""Looking into S3 from the Create model form: a browser to choose from, and what a file holds."""

from urllib.parse import urlencode

from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from models_app import keys, lake, storage
from models_app.forms.create import CreateForm
from models_app.forms.preview import preview
from models_app.pages import render_page
from models_app.problems import Problem
from models_app.roles import viewer
from tables import Recipe


@require_GET
@viewer
def s3_browse(request):
    """Buckets, folders and objects; `pick` is the chosen URI. The whole dialog to htmx, a page to everyone else."""
    bucket, prefix, find, token, pick = (
        request.GET.get(name, "") for name in ("bucket", "prefix", "find", "token", "pick")
    )
    context = {"bucket": bucket, "prefix": prefix, "find": find, "pick": pick, "folders": keys.folders_of(prefix)}
    try:
        if bucket:
            listing = storage.objects(bucket, prefix + find, token)
            context |= {"listing": listing, "rows": [(found, keys.is_table(found.key)) for found in listing.objects]}
        else:
            context["buckets"] = [b for b in storage.buckets() if b.name.startswith(find)]
    except Problem as problem:
        context["problem"] = problem
    if pick:
        context |= look(pick)
    return render_page(request, "s3/browse.html", context, part="s3/_dialog.html")


@require_GET
@viewer
def s3_inspect(request):
    """The Training data part of the form for the location in the query; without htmx, the form itself."""
    if not request.htmx:
        query = {"data": request.GET.get("data_uri", ""), "target": request.GET.get("target", "")}
        return redirect(f"{reverse('model_create')}?{urlencode(query)}")
    asked: dict = {name: request.GET[name] for name in CreateForm.base_fields if name in request.GET}
    asked["deploy_when_done"] = "deploy_when_done" in request.GET
    form = CreateForm(initial=asked)
    context = seen(form)
    if "preview" in context and not context["preview"].target_is_known:  # it was a column of the file before
        form = CreateForm(initial=asked | {"target": ""})
        context = seen(form)
    return render_page(request, "create/_data.html", context | {"form": form, "alone": True}, part="create/_data.html")


def seen(form: CreateForm) -> dict:
    """What the template needs of the form's data: its preview, or why there is none. A wrong target is not a reason."""
    uri, target = ((form[name].value() or "").strip() for name in ("data_uri", "target"))
    if not uri:
        return {}
    found = look(uri, form.has_header, target)
    if "data_problem" in found and found["data_problem"].field == "target":
        found = look(uri, form.has_header)
    return found | {"preview": preview(found["inspection"], target)} if "inspection" in found else found


def look(uri: str, has_header: bool | None = None, target: str = "") -> dict:
    """{"inspection"} of the table at `uri`, or {"data_problem"}."""
    try:
        return {"inspection": lake.inspect(uri, Recipe(has_header=has_header, target=target))}
    except Problem as problem:
        return {"data_problem": problem}
