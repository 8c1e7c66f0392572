"""Everything that can speak against a job of people's own code: its source, its hyperparameters, its data."""

from collections.abc import Iterator

from common.messages import _
from jobs import JobSpec
from jobs.code.check import check_entry, check_requirements
from jobs.code.kinds import CLASS
from jobs.code.spec import CodeSpec
from models_app.aws import s3_store
from models_app.create.sandbox_level import is_allowed, off_sentence
from models_app.problems import Problem
from preflight import Finding, as_problem
from tables import Inspection

TEXT, ENTRY, REQUIREMENTS = "code_text", "code_entry", "code_requirements"
DELIMITERS = (",", ";", "\t", "|")  # that the runtime of a class looks for
ENCODINGS = ("utf-8", "ascii", "utf-8-sig")


def examine(spec: JobSpec) -> tuple[list[Problem], Inspection | None]:
    """All problems of the code and the data of `spec`, and the table as inspected. Creates nothing."""
    problems: list[Problem] = []
    table = None
    try:
        table = s3_store.inspect(spec.data_uri, spec.recipe)
    except Problem as e:
        problems.append(e)
    code_problems = [as_problem(finding) for finding in findings(spec, table) if finding.level == "err"]
    return code_problems + problems, table


def findings(spec: JobSpec, table: Inspection | None) -> list[Finding]:
    """What there is to say of the code and of its data, as the checks of preflight say it."""
    code = CodeSpec.from_json(spec.code)
    of_data = _of_data(code, spec, table) if table else ()
    return [*_of_machine(), *_of_code(code), *_of_hyperparameters(code, spec), *of_data]


def _of_machine() -> Iterator[Finding]:
    if not is_allowed():
        yield Finding("code.machine", "err", _("People's own code is off here"), off_sentence(), TEXT)


def _of_code(code: CodeSpec) -> Iterator[Finding]:
    check = code.check
    for finding in check.findings:
        title = _("Line %(n)s", n=finding.line) if finding.line else _("Code")
        field = _field(finding.text, code)
        file = code.file if finding.line else ""
        yield Finding("code.source", finding.level, title, finding.text, field, file=file, line=finding.line or None)
    if not check.ok:
        return
    if code.kind == CLASS:
        words = _("Class %(name)s has train and predict.", name=check.name)
    else:
        words = _("%(file)s has %(n)s lines.", file=code.file, n=check.lines)
    yield Finding("code.source", "ok", _("The code reads as Python"), words)


def _field(text: str, code: CodeSpec) -> str:
    """The control that a problem without a line belongs to."""
    if text == check_requirements(code.requirements):
        return REQUIREMENTS
    return ENTRY if text == check_entry(code.kind, code.entry) else TEXT


def _of_hyperparameters(code: CodeSpec, spec: JobSpec) -> Iterator[Finding]:
    for problem in code.problems_of(spec.hyperparameters):
        yield Finding("code.hyperparameter", "err", _("Hyperparameter"), problem.message, problem.field)


def _of_data(code: CodeSpec, spec: JobSpec, table: Inspection) -> Iterator[Finding]:
    if code.kind == CLASS and (why := _unreadable(table)):
        title = _("train() cannot read this table")
        text = _(
            "%(why)s A class gets CSV in UTF-8 with commas, semicolons, tabs or bars, JSON Lines or Parquet. "
            "Write the table again, or use a script, which reads its files itself.",
            why=why,
        )
        yield Finding("code.data", "err", title, text, "data_uri")
        return
    title = _("train() gets the table as it is") if code.kind == CLASS else _("The script gets the file as it is")
    rows = (
        _("%(n)s rows", n=f"{table.rows_seen:,}")
        if table.complete
        else _("more than %(n)s rows", n=f"{table.rows_seen:,}")
    )
    text = _("%(rows)s, %(columns)s columns.", rows=rows, columns=len(table.columns))
    yield Finding("code.data", "ok", title, text)
    needed = [channel.name for channel in code.check.channels if channel.required][1:]
    has_validation = spec.recipe.validation == "location" and spec.recipe.validation_uri.strip()
    if len(needed) > 1 or (needed and not has_validation):
        text = _("train() has the channels %(names)s too. Give the second a location.", names=", ".join(needed))
        if len(needed) > 1:
            text = _("train() has more than two channels without a default. Give %(names)s a default.", names=needed[1])
        yield Finding("code.channels", "err", _("A channel has no data"), text, "validation_uri")


def _unreadable(table: Inspection) -> str:
    """Why the runtime of a class cannot read `table`, in a sentence; "" when it can."""
    if table.format == "libsvm":
        return _("It is LibSVM.")
    if table.format in ("csv", "tsv") and table.delimiter not in DELIMITERS:
        return _("Its cells end at %(sign)s.", sign=repr(table.delimiter))
    if table.format in ("csv", "tsv", "jsonlines") and table.encoding.lower() not in ENCODINGS:
        return _("It is written in %(encoding)s.", encoding=table.encoding.upper())
    if table.compression not in ("", "gzip"):
        return _("It is compressed with %(name)s.", name=table.compression)
    return ""
