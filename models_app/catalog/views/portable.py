"""Hands out a model as an archive that predicts without Sagewright."""

from django.contrib import messages
from django.http import StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from models_app.account.roles import Action, requires
from models_app.catalog import portable
from models_app.catalog.views.lookup import model_called
from models_app.problems import Problem


@require_GET
@requires(Action.READ)
def model_portable(request, name):
    """Stream the portable archive; if that is refused, redirect to the model's page with the reason."""
    try:
        archive = portable.archive_of(model_called(name))
    except Problem as problem:
        messages.error(request, str(problem))
        return redirect("model", name=name)
    response = StreamingHttpResponse(archive.pieces, content_type=portable.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{archive.filename}"'
    response["Content-Length"] = str(archive.size)
    return response
