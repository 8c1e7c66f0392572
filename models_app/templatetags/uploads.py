"""The upload component: the words its script needs, and the list of what was begun and not finished."""

from django import template
from django.utils.translation import gettext as _

from models_app.account import roles
from models_app.data.sample_tables import offers
from models_app.data.views.uploads import unfinished

register = template.Library()


@register.inclusion_tag("data/_unfinished.html")
def unfinished_uploads(user, bucket: str = "", prefix: str = "") -> dict:
    """The uploads `user` may go on with by choosing the same file again."""
    return unfinished(user, bucket, prefix) if roles.may(user, roles.Action.WRITE_DATA) else {}


@register.inclusion_tag("data/_uploading.html")
def upload_list(extra: str = "") -> dict:
    """The list that static/upload.js fills, with everything it says."""
    words = {
        "pause": _("Pause"),
        "resume": _("Resume"),
        "waits": _("Waits"),
        "paused": _("Paused"),
        "again": _("No connection. It goes on by itself."),
        "lost": _("The connection was lost. Press Resume to go on where it stopped."),
        "left": _("%s left"),
        "onward": _("Goes on where it stopped"),
        "finishing": _("Putting the parts together"),
    }
    return {"words": words, "extra": extra}


@register.inclusion_tag("create/_samples.html")
def sample_tables(keeps_form: bool = False) -> dict:
    """A button for each sample table, to stand in a form; one that `keeps_form` sends it to its own address."""
    return {"offers": offers(), "keeps_form": keeps_form}
