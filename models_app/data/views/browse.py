"""Looking into S3 from the Create model form: a browser to choose from, and what a file holds."""

from django.views.decorators.http import require_GET
from django_htmx.http import push_url

from common.s3_uri import is_s3_uri, split_s3_uri
from models_app.account.roles import Action, requires
from models_app.aws import s3
from models_app.data import keys
from models_app.data.inspection import inspect_table
from models_app.models import Draft, Model
from models_app.problems import Problem
from models_app.web.render import render_page

SORTS = {
    "name": lambda entries: entries.name.lower(),
    "modified": lambda entries: entries.modified,
    "size": lambda entries: entries.size,
}
MAX_RECENT = 5


@require_GET
@requires(Action.READ)
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
            listing = s3.objects(bucket, prefix + find, token)
            entries = [o for o in listing.objects if o.key != prefix]  # a folder's own marker is not in it
            if sort.lstrip("-") in SORTS:
                entries.sort(key=SORTS[sort.lstrip("-")], reverse=sort.startswith("-"))
            context |= {"listing": listing, "rows": [(o, keys.unusable(o.key, o.size)) for o in entries]}
        else:
            context["buckets"] = [b for b in s3.buckets() if b.name.startswith(find)]
            context["recent"] = _recent(request.user)
    except Problem as problem:
        context["problem"] = problem
    if pick:
        context |= inspect_table(pick)
    response = render_page(request, "data/browse.html", context, part="data/_dialog.html")
    return push_url(response, False) if request.htmx else response  # in the dialog the page stays the form's


def _recent(user) -> list[tuple[str, str, str]]:
    """(uri, bucket, folder) of what `user` learned from of late, and has begun to."""
    draft_uris = Draft.objects.filter(owner=user).values_list("fields__data_uri", flat=True)[:MAX_RECENT]
    model_uris = Model.objects.filter(owner=user).order_by("-created").values_list("data_uri", flat=True)[:20]
    uris = [uri for uri in dict.fromkeys([*draft_uris, *model_uris]) if uri and is_s3_uri(uri)][:MAX_RECENT]
    locations = []
    for uri in uris:
        address = split_s3_uri(uri)
        locations.append((uri, address.bucket, address.folder))
    return locations
