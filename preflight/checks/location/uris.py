"""S3 URIs of a job's data, for the checks of the location."""

from __future__ import annotations

from common.s3_uri import is_s3_uri
from preflight.check_context import CheckContext


def data_uris(context: CheckContext) -> list[str]:
    """Return the S3 URIs of the training channels, or of the data, and of the validation data."""
    uris = [*context.job.channels.values()] or [context.job.data_uri]
    recipe = context.job.recipe
    if recipe.validation == "location" and recipe.validation_uri:
        uris.append(recipe.validation_uri)
    return [uri for uri in uris if is_s3_uri(uri)]


def lies_below(uri: str, file: str) -> bool:
    """Return True if `file` is `uri` or lies in the folder `uri`, with or without its slash at the end."""
    return file == uri or file.startswith(uri if uri.endswith("/") else f"{uri}/")
