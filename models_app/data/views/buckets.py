"""Buckets and the objects in them: list, create, delete, upload, download."""

from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from models_app import aws
from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.aws import s3
from models_app.data import files, keys
from models_app.data.inspection import inspect_table
from models_app.problems import Missing, Problem


@require_GET
@requires(Action.READ)
def buckets(request):
    """Every bucket; a store that does not answer leaves an alert, not an error page."""
    return _bucket_list(request)


@post_only("buckets")
@requires(Action.WRITE_DATA)
def bucket_create(request):
    """POST creates a bucket; the page of buckets says what came of it."""
    name = request.POST.get("name", "").strip()
    try:
        s3.create_bucket(name)
    except Problem as problem:
        return _bucket_list(request, name=name, problem=problem, status=422)
    messages.success(request, _("Successfully created bucket %(name)s.") % {"name": name})
    return redirect("bucket", bucket=name)


@require_http_methods(["GET", "POST"])
@requires(Action.WRITE_DATA)
def bucket_delete(request, bucket):
    """A page that asks; the POST deletes the bucket if it is empty."""
    problem = None
    if request.method == "POST":
        try:
            s3.delete_bucket(bucket)
        except Missing:
            return _missing(request, bucket)
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, _("Successfully deleted bucket %(name)s.") % {"name": bucket})
            return redirect("buckets")
    else:
        try:
            listing = s3.objects(bucket, "")
        except Missing:
            return _missing(request, bucket)
        except Problem as refused:
            problem = refused
        else:
            if listing.objects or listing.prefixes:
                problem = Problem(_("Bucket %(name)s is not empty. Delete its objects first.") % {"name": bucket})
    return render(
        request,
        "data/delete.html",
        {"bucket": bucket, "problem": problem},
        status=422 if problem and request.method == "POST" else 200,
    )


@require_GET
@requires(Action.READ)
def bucket(request, bucket):
    """One folder of a bucket; `find` narrows it by the start of the name, `token` pages on, `key` opens a file."""
    prefix, find, token, key = (request.GET.get(name, "") for name in ("prefix", "find", "token", "key"))
    listing, problem = None, None
    try:
        listing = s3.objects(bucket, prefix + find, token)
    except Missing:
        return _missing(request, bucket)
    except Problem as refused:
        problem = refused
    context = {"bucket": bucket, "prefix": prefix, "find": find, "token": token, "key": key}
    context |= {"folders": keys.folders_of(prefix), "listing": listing, "problem": problem}
    if listing:
        context["objects"] = [(entry, keys.kind_of(entry.key)) for entry in listing.objects if entry.key != prefix]
    if key:
        context |= {"uri": f"s3://{bucket}/{key}"} | inspect_table(f"s3://{bucket}/{key}")
    return render(request, "data/bucket.html", context)


@post_only("bucket", "bucket")
@requires(Action.WRITE_DATA)
def objects_upload(request, bucket):
    """Store the posted files under `prefix`. Answers JSON to the upload script, a redirect to a plain form."""
    prefix = request.POST.get("prefix", "")
    scripted = request.headers.get("Accept", "").startswith("application/json")
    back = _folder_url(bucket, prefix)
    try:
        uploaded = files.store(bucket, prefix, request.FILES.getlist("files"))
    except Problem as problem:
        if scripted:
            return JsonResponse({"message": str(problem)}, status=422)
        messages.error(request, str(problem))
        return redirect(back)
    if scripted:
        return JsonResponse({"uris": [f"s3://{bucket}/{key}" for key in uploaded]})
    messages.success(
        request, ngettext("Uploaded %(n)d object.", "Uploaded %(n)d objects.", len(uploaded)) % {"n": len(uploaded)}
    )
    return redirect(back)


@post_only("bucket", "bucket")
@requires(Action.WRITE_DATA)
def objects_delete(request, bucket):
    """Ask first (with the list of what goes), then delete the chosen keys and everything in the chosen folders."""
    prefix, selected = request.POST.get("prefix", ""), request.POST.getlist("key")
    if not selected:
        messages.warning(request, _("Choose the objects to delete first."))
        return redirect(_folder_url(bucket, prefix))
    asking = request.POST.get("confirmed") != "yes"
    try:
        doomed_keys = files.keys_under(bucket, selected)
        if not asking:
            s3.delete_objects(bucket, doomed_keys)
    except Problem as problem:
        messages.error(request, str(problem))
        return redirect(_folder_url(bucket, prefix))
    if asking:
        return render(
            request,
            "data/delete_objects.html",
            {
                "bucket": bucket,
                "prefix": prefix,
                "chosen": selected,
                "keys": doomed_keys,
                "folders": keys.folders_of(prefix),
            },
        )
    messages.success(
        request, ngettext("Deleted %(n)d object.", "Deleted %(n)d objects.", len(doomed_keys)) % {"n": len(doomed_keys)}
    )
    return redirect(_folder_url(bucket, prefix))


@require_GET
@requires(Action.READ)
def object_download(request, bucket):
    """The object `?key=`, streamed. It is always a download: what people upload is never shown as a page of ours."""
    key = request.GET.get("key", "")
    if not key:
        raise Http404("no key")  # S3 would be asked for the bucket itself
    try:
        download = s3.open_object(bucket, key)
    except Missing as missing:
        raise Http404(str(missing)) from missing
    except Problem as problem:
        status = 503 if isinstance(problem, aws.Unavailable) else 422
        return render(request, "data/problem.html", {"bucket": bucket, "problem": problem}, status=status)
    response = StreamingHttpResponse(download.body_iter, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(download.filename)}"
    response["Content-Length"] = str(download.size)
    return response


def _bucket_list(request, name: str = "", problem: Problem | None = None, status: int = 200) -> HttpResponse:
    bucket_rows, outage = [], None
    try:
        bucket_rows = s3.buckets()
    except Problem as unavailable:
        outage = unavailable
    return render(
        request,
        "data/list.html",
        {
            "buckets": bucket_rows,
            "down": outage,
            "name": name,
            "problem": problem,
            "default_bucket": settings.DEFAULT_BUCKET,
        },
        status=status,
    )


def _missing(request, bucket: str) -> HttpResponse:
    return render(request, "data/missing.html", {"bucket": bucket}, status=404)


def _folder_url(bucket: str, prefix: str) -> str:
    query = f"?{urlencode({'prefix': prefix})}" if prefix else ""
    return reverse("bucket", args=[bucket]) + query
