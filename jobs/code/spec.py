"""People's own code as a model's row, a draft and a launch have it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from common.messages import _
from common.problems import Problem
from jobs.code.check import CodeCheck, check_code, check_entry, check_requirements
from jobs.code.finding import error
from jobs.code.kinds import CLASS, KINDS
from jobs.code.parameter import Parameter


@dataclass(frozen=True)
class CodeSpec:
    """Code of one kind. `text` is the source of the entry point; `archive` is where the other files are, a zip in S3.

    `types` are those of hyperparameters that the source does not declare, {name: one of parameter.TYPES}.
    """

    kind: str = CLASS
    entry: str = ""
    text: str = ""
    archive: str = ""
    requirements: str = ""
    types: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Only what differs from the defaults."""
        plain = CodeSpec()
        return {name: value for name, value in asdict(self).items() if value != getattr(plain, name)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> CodeSpec:
        """The code of `as_json`; what is of another type is left out."""
        values = {f.name: stored[f.name] for f in fields(cls) if isinstance(stored.get(f.name), (str, dict))}
        return cls(**values)

    @property
    def check(self) -> CodeCheck:
        """What the source says, with what is wrong with the entry point and the requirements."""
        read = check_code(self.kind, self.text, self.entry)
        wrong = [text for text in (check_requirements(self.requirements),) if text]
        if self.kind in KINDS and KINDS[self.kind].entry and self.text.strip():
            wrong += [text for text in (check_entry(self.kind, self.entry),) if text]
        return CodeCheck(**vars(read) | {"findings": (*read.findings, *(error(0, text) for text in wrong))})

    @property
    def file(self) -> str:
        """The file of the entry point: churn.py for churn:Churn."""
        if self.kind != CLASS:
            return self.entry
        return f"{self.entry.partition(':')[0].replace('.', '/')}.py"

    @property
    def lines(self) -> int:
        """How many lines the source has."""
        return len(self.text.splitlines())

    def parameter(self, name: str, check: CodeCheck) -> Parameter:
        """The hyperparameter `name`: as the source declares it, else of the type that was chosen for it."""
        declared = {parameter.name: parameter for parameter in check.parameters}
        return declared.get(name) or Parameter(name, self.types.get(name, "str"))

    def encode(self, values: Mapping[str, str]) -> dict[str, str]:
        """{name: JSON} of the hyperparameters `values`, as script mode takes them.

        Raises Problem(field="hp-<name>") for the first that is missing, unknown or of another type.
        """
        problems = self.problems_of(values)
        if problems:
            raise problems[0]
        check = self.check
        return {name: json.dumps(self.parameter(name, check).parse(text)) for name, text in values.items()}

    def problems_of(self, values: Mapping[str, str]) -> list[Problem]:
        """What is wrong with the hyperparameters `values`, each at its field."""
        check, problems = self.check, []
        declared = {parameter.name for parameter in check.parameters}
        for name, text in values.items():
            if self.kind == CLASS and name not in declared:
                words = _("train() of %(cls)s has no %(name)s. Add it there, or clear it.", cls=check.name, name=name)
                problems.append(Problem(words, f"hp-{name}"))
                continue
            try:
                self.parameter(name, check).parse(text)
            except ValueError as e:
                problems.append(Problem(e.args[0], f"hp-{name}"))
        for parameter in check.parameters:
            if parameter.required and not values.get(parameter.name, "").strip():
                words = _("%(name)s has no default. Enter a value.", name=parameter.name)
                problems.append(Problem(words, f"hp-{parameter.name}"))
        return problems
