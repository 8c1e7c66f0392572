"""Predict a file: choose a model and a table, see whether their columns match, begin."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.s3_uri import normalize_s3_uri
from common.tags import check_together, parse
from jobs import instances
from models_app.account.roles import Action, requires
from models_app.aws import s3_store
from models_app.batch import actions
from models_app.batch.lookup import can_predict, trained_models
from models_app.batch.match import TableMatch, match_table
from models_app.catalog.inputs import recipe_of_other_table
from models_app.models import Model, Tag
from models_app.problems import Problem
from models_app.web.render import render_page
from tables.inspection import Inspection

MAX_MODELS = 100  # in the list
MAX_NAME, MAX_URI, MAX_TAGS_TEXT = 63, 1200, 20_000  # characters


@dataclass
class PredictForm:
    """What a person chose. `problems` are {field: why}."""

    data: QueryDict
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def model_name(self) -> str:
        """The name of the chosen model, which may be none."""
        return self.data.get("model", "").replace("\0", "").strip()[:MAX_NAME]

    @cached_property
    def model(self) -> Model | None:
        """The chosen model; None without one that can predict a table."""
        row = trained_models().filter(name=self.model_name).first() if self.model_name else None
        return row if row and can_predict(row) else None

    @property
    def models(self) -> list[Model]:
        """Models to choose from: the newest, and the chosen one."""
        rows = [row for row in trained_models()[:MAX_MODELS] if can_predict(row)]
        return rows if self.model is None or self.model in rows else [self.model, *rows]

    @property
    def uri(self) -> str:
        """The S3 address as it was typed."""
        return self.data.get("uri", "").strip()[:MAX_URI]

    @property
    def intent(self) -> uuid.UUID:
        """The form's own key: sent twice, it begins one job."""
        try:
            return uuid.UUID(self.data.get("intent", ""))
        except ValueError:
            return uuid.uuid4()

    @property
    def tags_text(self) -> str:
        """The tags as they were typed, one key=value a line."""
        return self.data.get("tags", "").replace("\0", "")[:MAX_TAGS_TEXT]

    @cached_property
    def tags(self) -> dict[str, str]:
        """Those of the model, and those that were typed; {} for text that is none: see `problems`."""
        try:
            tags = (Tag.of(self.model) if self.model else {}) | parse(self.tags_text)
            check_together(tags)
        except Problem as problem:
            self.problems["tags"] = str(problem)
            return {}
        return tags

    @property
    def instance(self) -> instances.Instance:
        """The chosen instance type."""
        return instances.BY_NAME.get(self.data.get("instance_type", "")) or instances.DEFAULT

    @cached_property
    def inspection(self) -> Inspection | None:
        """The table; None while there is none, no model to read it for, or none that can be read: see `problems`."""
        if not self.uri:
            return None
        try:
            uri = normalize_s3_uri(self.uri)
            if self.model is None:
                s3_store.locate(uri)  # is there anything, at least
                return None
            return s3_store.inspect(uri, recipe_of_other_table(self.model), supervised=False)
        except (Problem, ValueError) as e:
            self.problems["uri"] = str(e)
            return None

    @cached_property
    def match(self) -> TableMatch | None:
        """How the columns of table and model match."""
        if self.inspection is None or self.model is None:  # a table is read without a model too: see `problems`
            return None
        needed = [column["name"] for column in self.model.schema["columns"] if column["role"] == "feature"]
        # By names: a choice for a column of another model means nothing for this one.
        chosen = {name: str(self.data.get(f"column-{name}", "")) for name in needed}
        return match_table(self.model.schema, self.inspection, chosen)

    def check_model(self) -> None:
        """Say in `problems` what is wrong with the chosen model. None chosen yet is no problem."""
        if self.model_name and self.model is None:
            words = _("There is no model %(name)s that can predict a file. Choose a model that is trained.")
            self.problems["model"] = words % {"name": self.model_name}

    def validate(self) -> bool:
        """True if a job can begin; else `problems` says what is missing."""
        self.check_model()
        if not self.model_name:
            self.problems["model"] = _("Choose a model that is trained.")
        if not self.uri:
            self.problems["uri"] = _("Choose the table to predict: a file, or its S3 location.")
        if self.match is not None and self.match.missing:
            self.problems["match"] = _("Say which column is meant for each that is missing, or choose another table.")
        self.tags  # noqa: B018  says in `problems` what is wrong
        return not self.problems and self.match is not None


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
def batch_create(request):
    """GET shows the form; POST begins, or with `check` shows how the columns match."""
    form = PredictForm(request.POST if request.method == "POST" else request.GET)
    begins = request.method == "POST" and "check" not in request.POST
    if begins and form.validate():
        assert form.model and form.inspection and form.match
        uri, etag = normalize_s3_uri(form.uri), form.inspection.etag
        row = actions.begin(
            request.user, form.model, uri, etag, form.match.names, form.intent, form.instance.name, form.tags
        )
        return redirect("transform", name=row.name)
    form.check_model()
    context: dict[str, Any] = {"form": form, "match": form.match, "problems": form.problems}
    context |= {"bucket": settings.DEFAULT_BUCKET, "prefix": f"uploads/{str(form.intent)[:8]}/"}
    context["families"] = [(_(family.title), family.types) for family in instances.FAMILIES]
    status = 422 if begins else 200
    return render_page(request, "batch/create.html", context, part="batch/_match.html", status=status)
