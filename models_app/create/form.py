"""The Create model form: reads a query, an earlier model or a POST, and names every problem at its field."""

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
from jobs.hyperparameters import changed, preset_name, preset_values
from jobs.instances import BY_NAME, DEFAULT, Instance
from jobs.spec import OPTIONS
from models_app.aws import job_spec
from models_app.create import hyperparameters, options, recipe_form
from models_app.create.algorithm_choices import grouped
from models_app.problems import Problem
from preflight import InvalidFix, apply_fix
from tables import Recipe
from tables.recipe import FRESH


class CreateForm(options.OptionFields):
    """Reads types only; whether a name is free or a column exists is for `catalog.actions.check`."""

    intent = forms.UUIDField(required=False)
    target = forms.CharField(required=False, strip=False)
    origin = forms.CharField(required=False)  # the name of the model this form was filled from

    headers, delimiters, encodings = recipe_form.HEADERS, recipe_form.DELIMITERS, recipe_form.ENCODINGS
    label_word_choices, label_cases = recipe_form.LABEL_WORDS, recipe_form.LABEL_CASE
    quotings, alignments = recipe_form.QUOTING, recipe_form.ALIGN_NAMES
    raggeds, unlabelleds, duplicate_choices = recipe_form.RAGGED, recipe_form.UNLABELLED, recipe_form.DUPLICATES
    validations, unseen_choices = recipe_form.VALIDATION, recipe_form.UNSEEN
    refits, class_weightings = recipe_form.REFIT, recipe_form.CLASS_WEIGHTS

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
        return self.is_raw or any(name in self.messages for name in recipe_form.READING)

    @property
    def header_value(self) -> str:
        return {True: "yes", False: "no", None: ""}[self.recipe.has_header]

    @property
    def delimiter_value(self) -> str:
        return {sign: word for word, sign in recipe_form.SIGNS.items()}.get(
            self.recipe.delimiter, self.recipe.delimiter
        )

    @property
    def share(self) -> str:
        return f"{self.recipe.validation_share:g}"

    @property
    def test_share(self) -> str:
        return f"{self.recipe.test_share:g}"

    @property
    def shares(self) -> list[tuple[str, str]]:
        """(value, percent) of the usual shares, and of the chosen one when it is none of them."""
        return _percentages(recipe_form.SHARES, self.share)

    @property
    def test_shares(self) -> list[tuple[str, str]]:
        """As `shares`, of the test rows."""
        return _percentages(recipe_form.TEST_SHARES, self.test_share)

    @property
    def refit_choice(self) -> str:
        """The choice of `refits` that the recipe has."""
        return "yes" if self.recipe.refit else "no"

    @property
    def has_refit(self) -> bool:
        """The final model can learn from the validation rows, too."""
        return self.recipe.prepare and self.recipe.validation != "none" and self.selected_algorithm.refits

    @property
    def has_test_rows(self) -> bool:
        """Test rows can be held out: the table is prepared, and a label predicted."""
        return self.recipe.prepare and self.selected_algorithm.supervised

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
        return BY_NAME.get(self["instance_type"].value()) or DEFAULT

    @property
    def upload_prefix(self) -> str:
        """Where this form's uploads go: a folder of their own, so that nobody's file is overwritten."""
        return f"uploads/{str(self['intent'].value())[:8]}/"

    @property
    def upload_bucket(self) -> str:
        return settings.DEFAULT_BUCKET

    @property
    def rows(self) -> dict[str, list[hyperparameters.Row]]:
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
        return {
            "name": _("Name"),
            "algorithm": _("Algorithm"),
            "data_uri": _("Training data"),
            "files": _("Upload"),
            "columns": _("Columns"),
            "target": _("Target column"),
            "class_weights": _("Class weights"),
            "header": _("First row"),
            "delimiter": _("Cells end at"),
            "quoting": _("Quotes"),
            "align_names": _("Column names stand"),
            "encoding": _("Encoding"),
            "ragged": _("Rows of another width"),
            "unlabelled": _("Rows without a label"),
            "label_words": _("None, NA and the like as labels"),
            "label_case": _("Spellings of labels"),
            "duplicates": _("Repeated rows"),
            "reading": _("How the file is read"),
            "validation": _("Validation data"),
            "validation_share": _("Validation data"),
            "validation_uri": _("Validation location"),
            "time_column": _("Time column"),
            "group_column": _("Group column"),
            "test_share": _("Test rows"),
            "refit": _("Final model learns from"),
            "unseen": _("Unseen categories"),
            "seed": _("Seed"),
        } | options.labels()

    @property
    def summary_of_errors(self) -> list[tuple[str, str, str]]:
        """(id to jump to, label, message) of every problem, in the order of the page."""
        labels = self.labels
        order = [*labels]
        entries = []
        for field, messages in self._errors_by_field().items():
            label = labels.get(field) or field.removeprefix(hyperparameters.PREFIX).replace("__all__", "")
            position = order.index(field) if field in order else len(order)
            entries += [(position, "" if field == "__all__" else field, label, message) for message in messages]
        return [entry[1:] for entry in sorted(entries, key=lambda entry: entry[0])]


def _percentages(usual: list[str], chosen: str) -> list[tuple[str, str]]:
    """(value, percent) of each of the `usual` shares and the `chosen` one."""
    return [(value, f"{100 * float(value):g}%") for value in sorted({*usual, chosen}, key=float)]
