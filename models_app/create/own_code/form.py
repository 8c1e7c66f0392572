"""The form of a model with people's own code: that of Create model, with the code in the place of an algorithm."""

import re
import zlib
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from algorithms.spec import Algorithm
from jobs import JobSpec
from jobs.code.check import CodeCheck, check_code
from jobs.code.declaration import declare
from jobs.code.kinds import ALGORITHM, CLASS, KINDS, Kind
from jobs.code.parameter import TYPES
from jobs.code.spec import CodeSpec
from models_app.create.form import CreateForm
from models_app.create.own_code.rows import CodeRow, code_rows, posted_free
from models_app.problems import Problem
from models_app.text import formats
from models_app.web.highlight import highlight_python
from tables import Recipe

FIELDS = ("kind", "entry", "text", "archive", "requirements")
PREFIX = "code_"  # before the name of a control
_MODULE = re.compile(r"[A-Za-z_]\w*")


def is_code(data) -> bool:
    """True if `data`, a POST, a query or a draft, is of this form."""
    return data.get("algorithm", "") == ALGORITHM


class CodeForm(CreateForm):
    """Reads types only, as CreateForm does."""

    code_kind = forms.CharField(required=False)
    code_text = forms.CharField(required=False, strip=False)
    code_entry = forms.CharField(required=False)
    code_archive = forms.CharField(required=False)
    code_requirements = forms.CharField(required=False, strip=False)
    kinds = list(KINDS.values())
    keeps_form, offers_distribution = True, False
    summary_template = "create/own_code/_summary.html"

    def __init__(self, data=None, initial=None, values: dict[str, str] | None = None, recipe: Recipe | None = None):
        self.types: dict[str, str] = {}
        self.extra_row = False
        self.code_problem: Problem | None = None
        self.trial_problem: Problem | None = None
        self._checked: tuple[CodeSpec, CodeCheck] | None = None
        if data is not None:
            data = followed(data)
        initial = {"algorithm": ALGORITHM, "code_kind": CLASS} | (initial or {})
        initial.setdefault("code_entry", KINDS.get(initial["code_kind"], KINDS[CLASS]).entry)
        super().__init__(data, initial=initial, values=values, recipe=recipe)
        if data is not None:
            free, self.types = posted_free(data)
            self.values = self._declared(self.values) | free

    def _declared(self, values: dict[str, str]) -> dict[str, str]:
        """`values` without those whose name the code had when the page was made, and has no more."""
        names = {parameter.name for parameter in self.check.parameters}
        return {name: text for name, text in values.items() if name in names} if self.check.ok else values

    @classmethod
    def from_spec(cls, spec: JobSpec, origin: str = "") -> "CodeForm":
        """Filled with `spec`, which is that of the model `origin`."""
        code = CodeSpec.from_json(spec.code)
        form = super().from_spec(spec, origin)
        form.initial |= {f"{PREFIX}{name}": getattr(code, name) for name in FIELDS}
        form.types = dict(code.types)
        return form

    @property
    def kind(self) -> Kind:
        """The chosen kind; a Model class while none that we know is chosen."""
        return KINDS.get(self["code_kind"].value() or "", KINDS[CLASS])

    @property
    def text(self) -> str:
        """The source, with the line ends of Python."""
        return source_text(self["code_text"].value() or "")

    @property
    def code(self) -> CodeSpec:
        """The code as it stands in the form."""
        values = {name: (self[f"{PREFIX}{name}"].value() or "").strip() for name in ("entry", "archive")}
        requirements = (self["code_requirements"].value() or "").replace("\r\n", "\n")
        return CodeSpec(self.kind.name, text=self.text, requirements=requirements, types=self.types, **values)

    @property
    def check(self) -> CodeCheck:
        """What the source says."""
        code = self.code
        if self._checked is None or self._checked[0] != code:
            self._checked = code, code.check
        return self._checked[1]

    @property
    def selected_algorithm(self) -> Algorithm:
        """The code as an algorithm."""
        return declare(self.code, self.check)

    @property
    def code_rows(self) -> list[CodeRow]:
        """The hyperparameters as the form shows them."""
        return code_rows(self.check, self.values, self.types, self.messages, self.extra_row)

    @property
    def lines(self) -> list[tuple[int, str]]:
        """(number, err | warn | "") of each line of the editor."""
        marks = self.check.marks
        return [(n, marks.get(n, "")) for n in range(1, max(1, self.text.count("\n") + 1) + 1)]

    @property
    def coloured(self):
        """The source as markup."""
        return highlight_python(self.text)

    @property
    def type_choices(self) -> list[tuple[str, str]]:
        """(value, label to be translated) of the types of a free hyperparameter."""
        return list(TYPES.items())

    @property
    def metric_choices(self) -> list[tuple[str, str]]:
        """(name, label) of the figures that the code logs."""
        signs = {"max": _("%(metric)s at least"), "min": _("%(metric)s at most")}
        chosen = self["deploy_metric"].value() or ""
        metrics = [(metric.name, metric.goal) for metric in self.selected_algorithm.metrics]
        names = [*metrics, *([(chosen, "max")] if chosen and chosen not in dict(metrics) else [])]
        return [(name, signs[goal] % {"metric": formats.metric_name(name)}) for name, goal in names]

    @property
    def signature(self) -> str:
        """What the hyperparameters' card follows from: it is rendered anew when this changes."""
        parts = [(p.name, p.type, p.default_text, p.required, *map(str, p.options)) for p in self.check.parameters]
        return str(zlib.crc32(repr((self.kind.name, parts)).encode()))

    @property
    def has_second_channel(self) -> bool:
        """train() takes more than the training data."""
        return len(self.check.channels) > 1

    def spec(self) -> JobSpec:
        """The job as far as the form can be read. Nothing is held out: the code gets the data as it is."""
        spec = super().spec()
        has_second = self.has_second_channel and spec.recipe.validation_uri.strip()
        validation = "location" if has_second else "none"
        recipe = replace(spec.recipe, validation=validation, test_share=0.0, refit=False, prepare=True)
        return spec.but(algorithm=ALGORITHM, code=self.code.as_json(), recipe=recipe)

    def unbound(self, **changes: Any) -> "CodeForm":
        """The same answers, some of them changed, without errors."""
        form = super().unbound(**changes)
        assert isinstance(form, CodeForm)
        form.types, form.extra_row = dict(self.types), self.extra_row
        return form

    def without_row(self, name: str) -> "CodeForm":
        """The same answers without the hyperparameter `name`."""
        form = self.unbound()
        form.values = {n: v for n, v in self.values.items() if n != name}
        form.types = {n: v for n, v in self.types.items() if n != name}
        return form

    @property
    def labels(self) -> dict[str, str]:
        """What a control is called where its mistakes are listed."""
        own = {
            "code_text": _("Code"),
            "code_entry": _("Entry point"),
            "code_requirements": _("Requirements"),
            "code_file": _("Upload"),
        }
        return own | super().labels


def source_text(typed: str) -> str:
    """What was typed or pasted, with the line ends of Python and without a byte order mark."""
    return typed.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def followed(data):
    """`data` with the entry point that suits its code, where a person left it as it was suggested."""
    kind = KINDS.get(data.get("code_kind", ""), KINDS[CLASS])
    entry, before = data.get("code_entry", "").strip(), data.get("code_suggested", "")
    if entry and entry != before:
        return data
    copy = data.copy()
    copy["code_entry"] = suggested_entry(kind, entry or before, data.get("code_text", ""))
    return copy


def suggested_entry(kind: Kind, before: str, text: str) -> str:
    """The entry point for the source `text`, in the module or file of the entry point `before`."""
    stem = before.partition(":")[0].removesuffix(".py").rpartition("/")[2]
    if kind.name != CLASS:
        return f"{stem}.py" if stem and ":" not in before and before.endswith(".py") else kind.entry
    module = stem if _MODULE.fullmatch(stem) and stem != "train" else kind.entry.partition(":")[0]
    name = check_code(kind.name, source_text(text)).name
    return f"{module}:{name or kind.entry.partition(':')[2]}"
