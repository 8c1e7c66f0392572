"""Uploads in parts, as static/upload.js asks for them: begin or go on, send a part, finish, cancel."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from models_app import aws
from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.data import uploads
from models_app.models import Upload
from models_app.problems import Problem
from models_app.web.errors import Gone


@post_only("bucket", "bucket")
@requires(Action.WRITE_DATA)
def upload_begin(request, bucket):
    """Begin the upload of a file, or find the one that was begun.

    The answer is {id, part_size, missing: [numbers], done: bytes, prefix: its folder}. `first` says that it may lie in
    any folder of an earlier form, being the first of its batch.
    """
    fields = request.POST
    try:
        size, modified = int(fields.get("size", "")), int(fields.get("modified", ""))
    except ValueError:
        return _refused(Problem(_("The file's size and time of change must be whole numbers.")), 400)
    try:
        file = uploads.File(fields.get("name", ""), size, modified)
        progress = uploads.begin(
            request.user, bucket, fields.get("prefix", ""), file, anywhere=bool(fields.get("first"))
        )
    except Problem as problem:
        return _refused(problem)
    return JsonResponse(
        {
            "id": progress.upload.pk,
            "part_size": progress.upload.part_size,
            "missing": progress.missing,
            "done": progress.done,
            "prefix": progress.upload.key.rpartition("/")[0],
        }
    )


@post_only("buckets", method="PUT")
@requires(Action.WRITE_DATA)
def upload_part(request, pk, number):
    """The raw bytes of one part, passed on to S3 while they come in. 204 when S3 has it."""
    upload = _own(request, pk)
    try:
        length = int(request.META.get("CONTENT_LENGTH") or -1)
        # Django's own `read` waits until it has all that it is asked for; PEP 3333 does not promise `read1`.
        read1 = getattr(request.environ["wsgi.input"], "read1", request.read)
        uploads.send(upload, number, read1, length)
    except Problem as problem:
        return _refused(problem)
    return HttpResponse(status=204)


@post_only("buckets")
@requires(Action.WRITE_DATA)
def upload_finish(request, pk):
    """Make the object of the parts: {uri}."""
    try:
        return JsonResponse({"uri": uploads.finish(_own(request, pk))})
    except Problem as problem:
        return _refused(problem)


@post_only("buckets")
@requires(Action.WRITE_DATA)
def upload_cancel(request, pk):
    """Give an upload up. Answers the list of those left to htmx, 204 to the upload script, a redirect to a form."""
    upload = _own(request, pk)
    try:
        uploads.cancel(upload)
    except Problem as problem:
        return _refused(problem)
    if request.htmx:
        return uploads_unfinished(request)
    if not request.headers.get("Accept", "").startswith("text/html"):
        return HttpResponse(status=204)
    return redirect(f"{reverse('bucket', args=[upload.bucket])}#uploads")


@requires(Action.WRITE_DATA)
def uploads_unfinished(request):
    """The uploads one has begun and not finished; `?bucket=` and `?prefix=` narrow them."""
    bucket, prefix = (request.GET.get(name, "") for name in ("bucket", "prefix"))
    return render(request, "data/_unfinished.html", unfinished(request.user, bucket, prefix))


def unfinished(user, bucket: str = "", prefix: str = "") -> dict:
    """What the list of unfinished uploads needs; a store that does not answer leaves it empty."""
    try:
        uploads_in_progress = uploads.unfinished(user, bucket, prefix)
    except Problem:
        uploads_in_progress = []
    return {"unfinished": uploads_in_progress, "bucket": bucket, "prefix": prefix}


def _own(request, pk) -> Upload:
    if upload := Upload.objects.filter(pk=pk, owner=request.user).first():
        return upload
    raise Gone(_("This upload was cancelled, or is complete."), ("buckets", _("View buckets")))


def _refused(problem: Problem, status: int = 422) -> JsonResponse:
    """{message}, with a status that says whether another try may help.

    503: later. 409: send it again. 410: begin anew. 507: when somebody has made room.
    """
    if isinstance(problem, aws.NoRoom):
        words = _("The disk of the object store is full. Make room, for example by deleting objects, then resume.")
        return JsonResponse({"message": words}, status=507)
    if isinstance(problem, aws.Unavailable):
        status = 503
    elif isinstance(problem, uploads.PartIncomplete):
        status = 409
    elif isinstance(problem, uploads.UploadExpired):
        status = 410
    return JsonResponse({"message": str(problem)}, status=status)
