"""The Create model form: from a query, an earlier model or a POST to a JobSpec, with every problem at its field."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

import algorithms
from common.s3_uri import split_s3_uri
from jobs import JobSpec
from models_app.create import hyperparameters, options, recipe_form
from models_app.create.algorithm_choices import grouped
from models_app.create.instances import BY_NAME, USUAL, Instance
from models_app.problems import Problem
from tables import Recipe


class CreateForm(options.OptionFields):
    """Reads types only; whether a name is free or a column exists is for `actions.models.check`."""

    intent = forms.UUIDField(required=False)
    name = forms.CharField(required=False, empty_value="")
    algorithm = forms.CharField(required=False)
    data_uri = forms.CharField(required=False)
    target = forms.CharField(required=False, strip=False)

    headers, delimiters, encodings = recipe_form.HEADERS, recipe_form.DELIMITERS, recipe_form.ENCODINGS
    raggeds, unlabelleds, duplicate_choices = recipe_form.RAGGED, recipe_form.UNLABELLED, recipe_form.DUPLICATES
    validations = recipe_form.VALIDATION

    def __init__(self, data=None, initial=None, given: dict[str, str] | None = None, how: Recipe | None = None):
        """`given` are the hyperparameters to start with, `how` the recipe; a POST brings its own of both."""
        self.upload_problem: Problem | None = None
        self.said_of_recipe: list[Problem] = []
        self.noted: dict[str, list[str]] = {}
        self.find = data.get("find", "") if data is not None else ""  # which columns are being looked at
        if data is not None:
            self.recipe, self.said_of_recipe = recipe_form.read(data)
        else:
            self.recipe = recipe_form.sane((how or Recipe()).as_json())
            initial = {"target": self.recipe.target} | (initial or {})
            self.recipe.target = initial["target"]
        super().__init__(data, initial={"intent": uuid.uuid4(), "algorithm": algorithms.DEFAULT} | (initial or {}))
        if data is not None:
            given = hyperparameters.given(data)
        elif given is None:
            given = hyperparameters.start(self.chosen)
        self.given = given

    @classmethod
    def from_model(cls, model) -> "CreateForm":
        """Filled with what `model` was made of; the name stays empty, since names are unique."""
        initial = {name: getattr(model, name) for name in ("algorithm", "data_uri", "target")} | options.of(model)
        return cls(initial=initial, given=dict(model.hyperparameters), how=model.how)

    @property
    def chosen(self):
        """The chosen algorithm; the first one while none, or one we do not know, is chosen."""
        known = algorithms.ALGORITHMS
        return known.get(self["algorithm"].value()) or known[algorithms.DEFAULT]

    @property
    def groups(self) -> list:
        return grouped()

    @property
    def recipe_text(self) -> str:
        """The hidden control that carries what no other control shows."""
        return json.dumps(self.recipe.as_json())

    @property
    def is_raw(self) -> bool:
        """The file goes to the algorithm as it is."""
        return not self.recipe.prepare

    @property
    def reads_wrong(self) -> bool:
        """Something under "How the file is read" is wrong or out of the ordinary, so it must be in sight."""
        return self.is_raw or any(name in self.said for name in recipe_form.READING)

    @property
    def header_value(self) -> str:
        return {True: "yes", False: "no", None: ""}[self.recipe.has_header]

    @property
    def delimiter_value(self) -> str:
        return "tab" if self.recipe.delimiter == "\t" else self.recipe.delimiter

    @property
    def share(self) -> str:
        return f"{self.recipe.validation_share:g}"

    @property
    def shares(self) -> list[tuple[str, str]]:
        """(value, percent) of the usual shares, and of the chosen one when it is none of them."""
        values = sorted({*recipe_form.SHARES, self.share}, key=float)
        return [(value, f"{100 * float(value):g}%") for value in values]

    @property
    def seed_text(self) -> str:
        """The seed as it was typed."""
        return self.data.get("seed", str(self.recipe.seed)) if self.is_bound else str(self.recipe.seed)

    @property
    def changed_count(self) -> int:
        """How many hyperparameters are not at their default."""
        return sum(row.is_changed for group in self.rows.values() for row in group)

    @property
    def presets(self) -> list[tuple[str, bool]]:
        """(name, is it what the form holds) of every preset."""
        now = hyperparameters.preset(self.chosen, self.given)
        return [(name, name == now) for name in self.chosen.presets]

    @property
    def said(self) -> dict[str, list[str]]:
        """{field: what is wrong with it}; what was noted on the way while nothing was sent."""
        return self._messages() if self.is_bound else self.noted

    @property
    def has_advanced(self) -> bool:
        """Something under Advanced was changed or is wrong, so it must be in sight."""
        return any(row.is_changed or row.errors for row in self.rows["advanced"])

    @property
    def location(self) -> tuple[str, str]:
        """(bucket, folder) of the data, for the link that shows it; ("", "") while there is none."""
        address = split_s3_uri(self["data_uri"].value() or "")
        return address.bucket, address.folder

    @property
    def instance(self) -> Instance:
        return BY_NAME.get(self["instance_type"].value()) or USUAL

    @property
    def upload_prefix(self) -> str:
        """Where this form's uploads go: a folder of their own, so that nobody's file is overwritten."""
        return f"uploads/{str(self['intent'].value())[:8]}/"

    @property
    def upload_bucket(self) -> str:
        return settings.DEFAULT_BUCKET

    @property
    def rows(self) -> dict[str, list[hyperparameters.Row]]:
        return hyperparameters.rows(self.chosen, self.given, self.said)

    def _messages(self) -> dict[str, list[str]]:
        return {field: [str(message) for message in messages] for field, messages in self.errors.items()}

    def spec(self) -> JobSpec:
        """The job as far as the form can be read; a field that cannot be read has its initial value."""
        # A copy is read, so that what is said of this form already stays said.
        answers = {name: self[name].value() for name in self.base_fields}
        copy = CreateForm({name: value for name, value in answers.items() if value is not None})
        copy.full_clean()
        read = {name: field.initial for name, field in self.base_fields.items() if field.initial is not None}
        read |= copy.cleaned_data
        return JobSpec(
            name=read["name"].strip(),
            algorithm=read["algorithm"],
            data_uri=read["data_uri"].strip(),
            recipe=recipe_form.sane(self.recipe.as_json()),
            hyperparameters=hyperparameters.changed(self.chosen, self.given),
            **options.read(read),
        )

    def unchecked(self, **changed) -> "CreateForm":
        """The same answers, some of them `changed`, without saying what is wrong with them yet."""
        answers = {name: self[name].value() for name in self.base_fields} | changed
        made = CreateForm(
            initial={name: value for name, value in answers.items() if value is not None},
            given=self.given,
            how=self.recipe,
        )
        made.find = self.find
        return made

    def having(self, changes: Mapping[str, Any], undo: bool = False) -> "CreateForm":
        """The same answers with a fix's `changes` put in, or taken back."""
        given = dict(self.given)
        for key, value in changes.items():
            if key.startswith(hyperparameters.PREFIX):
                given[key.removeprefix(hyperparameters.PREFIX)] = "" if undo or value is None else str(value)
        fields = {k: "" if undo or v is None else v for k, v in changes.items() if k in self.base_fields}
        how = recipe_form.changed(self.recipe, changes, undo)
        made = self.unchecked(**({"target": how.target} | fields))
        made.given = given
        made.recipe = how
        how.target = made.initial["target"]
        return made

    def note(self, problems) -> None:
        """Say `problems` at their fields while the form is being filled in."""
        for problem in problems:
            self.noted.setdefault(problem.field, []).append(str(problem))

    def add_problems(self, problems) -> None:
        """Put each of `problems` at its field; those of unknown hyperparameters get a row of their own."""
        for problem in problems:
            field = recipe_form.control_of(problem.field) or None
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
            "columns": _("Columns"),
            "target": _("Target column"),
            "header": _("First row"),
            "delimiter": _("Cells end at"),
            "encoding": _("Encoding"),
            "ragged": _("Rows of another width"),
            "unlabelled": _("Rows without a label"),
            "duplicates": _("Repeated rows"),
            "reading": _("How the file is read"),
            "validation": _("Validation data"),
            "validation_share": _("Validation data"),
            "validation_uri": _("Validation location"),
            "time_column": _("Time column"),
            "seed": _("Seed"),
        } | options.labels()
        order = [*labels]
        found = []
        for field, messages in self._messages().items():
            label = labels.get(field) or field.removeprefix(hyperparameters.PREFIX).replace("__all__", "")
            place = order.index(field) if field in order else len(order)
            found += [(place, "" if field == "__all__" else field, label, message) for message in messages]
        return [entry[1:] for entry in sorted(found, key=lambda entry: entry[0])]
