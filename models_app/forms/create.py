"""The Create model form: from a query, an earlier model or a POST to a Draft, with every problem at its field."""

import uuid

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import algorithms
from models_app.draft import Draft
from models_app.forms import hyperparameters
from models_app.forms.instances import BY_NAME, INSTANCES
from models_app.problems import Problem
from tables import Recipe

SHARES = [
    ("0.1", gettext_lazy("Hold out 10% of the rows")),
    ("0.2", gettext_lazy("Hold out 20% of the rows")),
    ("0.3", gettext_lazy("Hold out 30% of the rows")),
    ("0", gettext_lazy("None, learn from every row")),
]
HEADERS = [
    ("", gettext_lazy("As found in the file")),
    ("yes", gettext_lazy("The first row is column names")),
    ("no", gettext_lazy("The first row is data")),
]
HAS_HEADER = {"yes": True, "no": False}
RUNTIMES = [
    (600, gettext_lazy("10 minutes")),
    (3600, gettext_lazy("1 hour")),
    (4 * 3600, gettext_lazy("4 hours")),
    (24 * 3600, gettext_lazy("24 hours")),
]


class CreateForm(forms.Form):
    """Reads types only; whether a name is free or a column exists is for `actions.models.check`."""

    intent = forms.UUIDField(required=False)
    name = forms.CharField(required=False, empty_value="")
    algorithm = forms.CharField(required=False)
    data_uri = forms.CharField(required=False)
    target = forms.CharField(required=False, strip=False)
    header = forms.ChoiceField(choices=HEADERS, required=False)
    validation_share = forms.TypedChoiceField(choices=SHARES, coerce=float, initial="0.2")
    instance_type = forms.ChoiceField(choices=[(i.name, i.name) for i in INSTANCES], initial="ml.m5.large")
    max_runtime = forms.TypedChoiceField(choices=RUNTIMES, coerce=int, initial=3600)
    deploy_when_done = forms.BooleanField(required=False, initial=True)
    endpoint_name = forms.CharField(required=False)

    def __init__(self, data=None, initial=None, given: dict[str, str] | None = None):
        """`given` are the hyperparameters to start with; a POST brings its own."""
        first = next(iter(algorithms.ALGORITHMS))
        self.upload_problem: Problem | None = None
        super().__init__(data, initial={"intent": uuid.uuid4(), "algorithm": first} | (initial or {}))
        if data is not None:
            prefix = hyperparameters.PREFIX
            given = {name.removeprefix(prefix): data[name] for name in data if name.startswith(prefix)}
        elif given is None:
            given = dict(hyperparameters.START)
        self.given = given

    @classmethod
    def from_model(cls, model) -> "CreateForm":
        """Filled with what `model` was made of; the name stays empty, since names are unique."""
        same = ("algorithm", "data_uri", "target", "instance_type", "max_runtime", "deploy_when_done")
        how = model.how
        share = f"{how.validation_share:g}" if how.validation == "share" else "0"
        initial = {name: getattr(model, name) for name in same} | {"validation_share": share}
        initial["header"] = "yes" if model.has_header else "no"
        return cls(initial=initial, given=hyperparameters.START | model.hyperparameters)

    @property
    def chosen(self):
        """The chosen algorithm; the first one while none, or one we do not know, is chosen."""
        known = algorithms.ALGORITHMS
        return known.get(self["algorithm"].value()) or next(iter(known.values()))

    @property
    def algorithms(self) -> list:
        return list(algorithms.ALGORITHMS.values())

    @property
    def share(self) -> str:
        """The validation share as its choice is written."""
        value = self["validation_share"].value()
        return value if isinstance(value, str) else f"{value:g}"

    @property
    def has_advanced(self) -> bool:
        """Something under Advanced was changed or is wrong, so it must be in sight."""
        return any(row.is_changed or row.errors for row in self.rows["advanced"])

    @property
    def location(self) -> tuple[str, str]:
        """(bucket, folder) of the data, for the link that shows it; ("", "") while there is none."""
        bucket, _slash, key = (self["data_uri"].value() or "").removeprefix("s3://").partition("/")
        return bucket, key[: key.rfind("/") + 1]

    @property
    def instance(self):
        return BY_NAME.get(self["instance_type"].value()) or INSTANCES[0]

    @property
    def has_header(self) -> bool | None:
        return HAS_HEADER.get(self["header"].value() or "")

    @property
    def upload_prefix(self) -> str:
        """Where this form's uploads go: a folder of their own, so that nobody's file is overwritten."""
        return f"uploads/{str(self['intent'].value())[:8]}/"

    @property
    def upload_bucket(self) -> str:
        return settings.DEFAULT_BUCKET

    @property
    def rows(self) -> dict[str, list[hyperparameters.Row]]:
        return hyperparameters.rows(self.chosen, self.given, self._messages() if self.is_bound else {})

    def _messages(self) -> dict[str, list[str]]:
        return {field: [str(message) for message in messages] for field, messages in self.errors.items()}

    def draft(self) -> Draft:
        """What was asked for, as far as it can be read; a field that cannot be read has its initial value."""
        self.full_clean()
        read = {name: field.initial for name, field in self.fields.items() if field.initial is not None}
        read |= self.cleaned_data
        return Draft(
            name=read["name"].strip(),
            algorithm=read["algorithm"],
            data_uri=read["data_uri"].strip(),
            recipe=Recipe(
                has_header=HAS_HEADER.get(read.get("header", "")),
                target=read.get("target", ""),
                validation="share" if float(read["validation_share"]) else "none",
                validation_share=float(read["validation_share"]),
            ),
            hyperparameters=hyperparameters.changed(self.chosen, self.given),
            instance_type=read["instance_type"],
            max_runtime=int(read["max_runtime"]),
            deploy_when_done=read["deploy_when_done"],
            endpoint_name=read["endpoint_name"].strip(),
            intent=read.get("intent") or uuid.uuid4(),
        )

    def unchecked(self, **changed) -> "CreateForm":
        """The same answers, some of them `changed`, without saying what is wrong with them yet."""
        answers = {name: self[name].value() for name in self.base_fields} | changed
        return CreateForm(
            initial={name: value for name, value in answers.items() if value is not None}, given=self.given
        )

    def add_problems(self, problems) -> None:
        """Put each of `problems` at its field; those of unknown hyperparameters get a row of their own."""
        for problem in problems:
            field = problem.field or None
            if field and field not in self.fields:
                self.fields[field] = forms.CharField(required=False)
            self.add_error(field, str(problem))

    @property
    def summary_of_errors(self) -> list[tuple[str, str, str]]:
        """(id to jump to, label, message) of every problem, in the order of the page."""
        labels = {
            "name": _("Name"),
            "algorithm": _("Algorithm"),
            "data_uri": _("Training data"),
            "files": _("Upload"),
            "target": _("Target column"),
            "header": _("First row"),
            "validation_share": _("Validation data"),
            "instance_type": _("Compute"),
            "max_runtime": _("Compute"),
            "endpoint_name": _("Endpoint name"),
        }
        order = [*labels]
        found = []
        for field, messages in self._messages().items():
            label = labels.get(field) or field.removeprefix(hyperparameters.PREFIX).replace("__all__", "")
            place = order.index(field) if field in order else len(order)
            found += [(place, "" if field == "__all__" else field, label, message) for message in messages]
        return [entry[1:] for entry in sorted(found, key=lambda entry: entry[0])]
