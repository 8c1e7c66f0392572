"""Checks people's code before it costs anything, from its source alone: nothing of it is ever imported or run here."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from dataclasses import dataclass

from common.messages import _
from jobs.code.finding import CodeFinding, error
from jobs.code.kinds import CLASS, CONTAINER
from jobs.code.older_python import newer_than_the_images
from jobs.code.parameter import Parameter
from jobs.code.script import check_script, functions_of, options_of, printed_metrics
from jobs.code.signature import ChannelArgument, read_class

MAX_SOURCE = 1024 * 1024  # bytes of one source file
MAX_REQUIREMENTS = 200  # lines
ENTRY_CLASS = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
ENTRY_SCRIPT = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.+-]*/)*[A-Za-z0-9_][A-Za-z0-9_.+-]*\.py")
RESERVED = {"train", "inference", "setup", "sagewright", "numpy", "pandas", "sklearn", "scipy", "joblib"}
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\s*(?:\[[^\]]*\])?\s*(?:[<>=!~@;(].*)?")


@dataclass(frozen=True)
class CodeCheck:
    """What the source of the entry point says. `name` is the class's, `methods` its methods or a script's functions."""

    name: str = ""
    lines: int = 0
    methods: tuple[str, ...] = ()
    channels: tuple[ChannelArgument, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    metrics: tuple[str, ...] = ()
    findings: tuple[CodeFinding, ...] = ()
    rows: str = "table"  # the kind of the rows that a class predicts

    @property
    def ok(self) -> bool:
        """Nothing keeps the code from being launched."""
        return not self.problems

    @property
    def problems(self) -> tuple[CodeFinding, ...]:
        """What keeps the code from being launched."""
        return tuple(finding for finding in self.findings if finding.level == "err")

    @property
    def warnings(self) -> tuple[CodeFinding, ...]:
        """What a person should look at."""
        return tuple(finding for finding in self.findings if finding.level == "warn")

    @property
    def marks(self) -> dict[int, str]:
        """{line: err | warn}, the worse of the two where a line has both."""
        lines: dict[int, str] = {}
        for finding in sorted(self.findings, key=lambda finding: finding.level, reverse=True):
            if finding.line:
                lines[finding.line] = finding.level
        return lines


def check_code(kind: str, text: str, entry: str = "") -> CodeCheck:
    """Check the source `text` of the entry point `entry`: "module:Class" for the kind class, else a file's name."""
    lines = len(text.splitlines())
    if kind == CONTAINER:
        return CodeCheck(findings=(error(0, container_needs()),))
    if not text.strip():
        return CodeCheck(
            lines=lines,
            findings=(error(0, _("There is no code yet. Type it, upload a file, or start from an example.")),),
        )
    if len(text.encode("utf-8", "replace")) > MAX_SOURCE:
        return CodeCheck(
            lines=lines, findings=(error(0, _("The file is larger than 1 MB. Move data and weights to S3.")),)
        )
    tree = _parse(text)
    if isinstance(tree, CodeFinding):
        return CodeCheck(lines=lines, findings=(tree,))
    newer = tuple(newer_than_the_images(tree))
    if kind == CLASS:
        read = read_class(tree, entry.partition(":")[2])
        return CodeCheck(
            read.name, lines, read.methods, read.channels, read.parameters, read.metrics, (*read.findings, *newer),
            read.rows,
        )  # fmt: skip
    findings = (*check_script(tree, text), *newer)
    return CodeCheck("", lines, functions_of(tree), (), options_of(tree), printed_metrics(tree), findings)


def check_entry(kind: str, entry: str) -> str:
    """What is wrong with an entry point, in words; "" when nothing is."""
    if kind == CLASS and not ENTRY_CLASS.fullmatch(entry):
        return _("An entry point is module:Class, for example churn:Churn.")
    module = entry.partition(":")[0].partition(".")[0]
    if kind == CLASS and (module in RESERVED or module in sys.stdlib_module_names):
        return _(
            "A module called %(name)s would hide one that the job needs. Name it otherwise, for example my_%(name)s.",
            name=module,
        )
    if kind not in (CLASS, CONTAINER) and not ENTRY_SCRIPT.fullmatch(entry):
        return _("An entry point is the name of a Python file, for example train.py.")
    return ""


def check_requirements(text: str) -> str:
    """What is wrong with the text of a requirements.txt, in words; "" when nothing is."""
    lines = text.splitlines()
    if len(lines) > MAX_REQUIREMENTS:
        return _("Requirements have up to 200 lines.")
    for number, line in enumerate(lines, 1):
        bare = line.partition(" #")[0].strip()
        if bare and not bare.startswith("#") and not bare.startswith("-") and not _REQUIREMENT.fullmatch(bare):
            return _(
                "Line %(n)s is no requirement: %(line)s. Write a package a line, such as pandas==2.3.",
                n=number,
                line=bare,
            )
    return ""


def container_needs() -> str:
    """What a container of people's own needs, which a form cannot give."""
    return _(
        "A container is an image in a registry whose programs train and serve follow SageMaker's contract. "
        "This page builds none. On Amazon SageMaker, name the image in create_training_job from your own program."
    )


def _parse(text: str) -> ast.Module | CodeFinding:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in people's text is no business of ours
            return ast.parse(text)
    except SyntaxError as e:
        words = _("Python does not parse this: %(message)s.", message=(e.msg or "invalid syntax").rstrip("."))
        return error(e.lineno or 0, words)
    except (ValueError, RecursionError, MemoryError):
        return error(0, _("Python does not parse this: it nests too deeply, or has a null byte."))
