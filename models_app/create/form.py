"""The Create model form: reads a query, an earlier model or a POST, and names every problem at its field."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings

import algorithms
from common.s3_uri import split_s3_uri
from jobs import JobSpec
from jobs.hyperparameters import changed, preset_name, preset_values
from jobs.instances import BY_NAME, DEFAULT, Instance
from jobs.spec import OPTIONS
from models_app.aws import job_spec
from models_app.create import hyperparameters, options, recipe_form
from models_app.create.algorithm_choices import grouped
from models_app.create.error_summary import control_labels, summary
from models_app.create.recipe_controls import RecipeControls
from models_app.problems import Problem
from preflight import InvalidFix, apply_fix
from tables import Recipe
from tables.recipe import FRESH


class CreateForm(RecipeControls, options.OptionFields):
    """Reads types only; whether a name is free or a column exists is for `catalog.actions.check`."""

    intent = forms.UUIDField(required=False)
    target = forms.CharField(required=False, strip=False)
    origin = forms.CharField(required=False)  # the name of the model this form was filled from

    offers_distribution = True
    is_tuning = keeps_form = False  # keeps_form: the button of a sample table sends the form to its own address
    summary_template, aside_template = "create/_summary.html", "create/_aside_in.html"

    def __init__(self, data=None, initial=None, values: dict[str, str] | None = None, recipe: Recipe | None = None):
        """`values` are the hyperparameters to start with; a POST brings its own of both."""
        self.upload_problem: Problem | None = None
        self.recipe_problems: list[Problem] = []
        self.notes: dict[str, list[str]] = {}
        self.find = data.get("find", "") if data is not None else ""  # which columns are being looked at
        if data is not None:
            self.recipe, self.recipe_problems = recipe_form.read(data)
        else:
            self.recipe = recipe_form.valid((recipe or FRESH).as_json())
            initial = {"target": self.recipe.target} | (initial or {})
            self.recipe.target = initial["target"]
        super().__init__(data, initial={"intent": uuid.uuid4(), "algorithm": algorithms.DEFAULT} | (initial or {}))
        if data is not None:
            values = hyperparameters.posted(data)
        elif values is None:
            values = preset_values(self.selected_algorithm)
        self.values = values

    @classmethod
    def from_spec(cls, spec: JobSpec, origin: str = "") -> "CreateForm":
        """Filled with `spec`, which is that of the model `origin`."""
        initial = options.of_spec(spec) | {"target": spec.recipe.target, "origin": origin}
        return cls(initial=initial, values=dict(spec.hyperparameters), recipe=spec.recipe)

    @classmethod
    def from_model(cls, model) -> "CreateForm":
        """Filled with what `model` was made of; the names stay empty, since they are unique."""
        return cls.from_spec(job_spec.of_model(model).but(name="", endpoint_name=""), model.name)

    @property
    def selected_algorithm(self):
        """The chosen algorithm; the first one while none, or one we do not know, is chosen."""
        known = algorithms.ALGORITHMS
        return known.get(self["algorithm"].value()) or known[algorithms.DEFAULT]

    @property
    def groups(self) -> list:
        """Algorithms by what they predict."""
        return grouped()

    @property
    def reads_wrong(self) -> bool:
        """Something under "How the file is read" is wrong or out of the ordinary, so it must be in sight."""
        return self.is_raw or any(name in self.messages for name in recipe_form.READING)

    @property
    def changed_count(self) -> int:
        """How many hyperparameters are not at their default."""
        return sum(row.is_changed for group in self.rows.values() for row in group)

    @property
    def presets(self) -> list[tuple[str, bool]]:
        """(name, is it what the form holds) of every preset."""
        now = preset_name(self.selected_algorithm, self.values)
        return [(name, name == now) for name in self.selected_algorithm.presets]

    @property
    def messages(self) -> dict[str, list[str]]:
        """{field: what is wrong with it}: the notes while nothing was sent."""
        return self._errors_by_field() if self.is_bound else self.notes

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
        """The chosen instance type, or the default for a name that is none."""
        return BY_NAME.get(self["instance_type"].value()) or DEFAULT

    @property
    def upload_prefix(self) -> str:
        """Where this form's uploads go: a folder of their own, so that nobody's file is overwritten."""
        return f"uploads/{str(self['intent'].value())[:8]}/"

    @property
    def upload_bucket(self) -> str:
        """The bucket that files are uploaded to."""
        return settings.DEFAULT_BUCKET

    @property
    def rows(self) -> dict[str, list[hyperparameters.Row]]:
        """{group: rows} of the chosen algorithm's hyperparameters."""
        uri = (self["data_uri"].value() or "").strip()
        return hyperparameters.rows(self.selected_algorithm, self.values, self.messages, uri)

    def _errors_by_field(self) -> dict[str, list[str]]:
        return {field: [str(message) for message in messages] for field, messages in self.errors.items()}

    def spec(self) -> JobSpec:
        """The job as far as the form can be read; a field that cannot be read has its initial value."""
        # A copy is read, so that the errors of this form stay as they are.
        typed = {name: self[name].value() for name in self.base_fields}
        copy = CreateForm({name: value for name, value in typed.items() if value is not None})
        copy.full_clean()
        return JobSpec(
            recipe=recipe_form.valid(self.recipe.as_json()),
            hyperparameters=changed(self.selected_algorithm, self.values),
            **options.read(copy.cleaned_data),
        )

    def unbound(self, **changes) -> "CreateForm":
        """The same answers, some of them changed, without errors."""
        typed = {name: self[name].value() for name in self.base_fields} | changes
        form = type(self)(
            initial={name: value for name, value in typed.items() if value is not None},
            values=self.values,
            recipe=self.recipe,
        )
        form.find = self.find
        return form

    def with_fix(self, changes: Mapping[str, Any]) -> "CreateForm":
        """The same answers with a fix's `changes`; text that the fix does not concern stays as it was typed.

        The changes come from the browser, so those that fit no job change nothing.
        """
        before = self.spec().but(algorithm=self.selected_algorithm.name)
        try:
            after = apply_fix(before, changes)
        except InvalidFix:
            return self
        names = [option.name for option in OPTIONS if option.name in self.base_fields]
        fields = {n: getattr(after, n) for n in names if getattr(after, n) != getattr(before, n)}
        form = self.unbound(**fields, target=after.recipe.target)
        form.recipe = recipe_form.valid(after.recipe.as_json())
        if after.algorithm != before.algorithm:
            form.values = after.hyperparameters
        else:
            was, now = before.hyperparameters, after.hyperparameters
            form.values = self.values | {n: now.get(n, "") for n in {**was, **now} if was.get(n) != now.get(n)}
        return form

    def note(self, problems) -> None:
        """Show `problems` at their fields while the form is being filled in."""
        for problem in problems:
            self.notes.setdefault(problem.field, []).append(str(problem))

    @property
    def problems(self) -> list[Problem]:
        """What keeps a form that was sent from being read as it was meant."""
        errors = [Problem(m, field) for field, messages in self._errors_by_field().items() for m in messages]
        return errors + self.recipe_problems

    def add_problems(self, problems) -> None:
        """Put each of `problems` at its field; those of unknown hyperparameters get a row of their own."""
        for problem in problems:
            field = recipe_form.control_of(problem.field) or None
            if field and field not in self.fields:
                self.fields[field] = forms.CharField(required=False)
            self.add_error(field, str(problem))

    @property
    def labels(self) -> dict[str, str]:
        """What a control is called where its mistakes are listed, in the order of the page."""
        return control_labels()

    @property
    def summary_of_errors(self) -> list[tuple[str, str, str]]:
        """(id to jump to, label, message) of every problem, in the order of the page."""
        return summary(self._errors_by_field(), self.labels)
