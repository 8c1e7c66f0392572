"""What a Model class says of itself, read from its source by `ast` alone: channels, hyperparameters, metrics.

A class has `train(self, data, ..., *, alpha: float = 0.1)` and `predict(self, rows)`. The positional arguments of
`train` are its channels, the keyword-only ones its hyperparameters, and `self.log(auc=...)` names a metric. The rules
are those of `sagewright.runtime.signature`, which looks at the class itself and stands alone, for it travels with the
class into its job. A test compares the two.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from common.messages import _
from jobs.code.class_rules import check_class
from jobs.code.finding import CodeFinding, error, warning
from jobs.code.lineage import choose_class, lineage
from jobs.code.parameter import JSON_TYPES, TYPES, Parameter, type_of

CHANNEL_NAME = "[A-Za-z0-9_]{1,64}"
TABLE = "table"  # the kind of a channel without an annotation
KINDS = {"pandas": "pandas", "polars": "polars", "numpy": "numpy"}  # the package of an annotation, a kind of channel
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class ChannelArgument:
    """A positional argument of train(); `annotation` is its source, "" without one."""

    name: str
    annotation: str = ""
    required: bool = True
    kind: str = "table"  # table, pandas, polars or numpy, by the annotation


@dataclass(frozen=True)
class ClassSignature:
    """A Model class as its source has it; `metrics` are the names that it logs, in the order of the source."""

    name: str
    line: int = 0
    methods: tuple[str, ...] = ()
    channels: tuple[ChannelArgument, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    metrics: tuple[str, ...] = ()
    findings: tuple[CodeFinding, ...] = ()
    rows: str = "table"  # the kind of the rows that predict() takes


def read_class(tree: ast.Module, name: str = "") -> ClassSignature:
    """The signature of the class called `name`, or of the one that is meant where none is named."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    chosen = choose_class(classes, name)
    if chosen is None:
        return ClassSignature(name, findings=(error(0, _missing(classes, name)),))
    ancestry = lineage(classes, chosen)
    functions = {node.name: node for one in ancestry[::-1] for node in one.body if isinstance(node, _Function)}
    findings = [*check_class(tree, ancestry, functions)]
    channels: tuple[ChannelArgument, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    modules, rows = _imported(tree), TABLE
    if train := functions.get("train"):
        channels, parameters = _channels(train, modules), tuple(_parameters(train, findings))
        findings += [*_check_train(train, channels), *_check_keywords(train)]
    if predict := functions.get("predict"):
        rows = _kind((predict.args.posonlyargs + predict.args.args)[1:2], modules)
        findings += _check_predict(predict)
    metrics = tuple(dict.fromkeys(name for one in ancestry[::-1] for name in _logged(one)))
    return ClassSignature(
        chosen.name, chosen.lineno, tuple(functions), channels, parameters, metrics, tuple(findings), rows
    )


def _missing(classes: list[ast.ClassDef], name: str) -> str:
    there = ", ".join(node.name for node in classes)
    if name and there:
        return _("There is no class %(name)s. Name one of those that are here: %(there)s.", name=name, there=there)
    if name:
        return _("There is no class %(name)s. Write class %(name)s(Model) with train() and predict().", name=name)
    return _("There is no class with train() and predict(). Begin it with class MyModel(Model).")


def _required(function: _Function) -> list[ast.arg]:
    """The arguments without a default that are given by position."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    return arguments[: len(arguments) - len(function.args.defaults)]


def _channels(train: _Function, modules: dict[str, str]) -> tuple[ChannelArgument, ...]:
    arguments, required = [*train.args.posonlyargs, *train.args.args], _required(train)
    return tuple(
        ChannelArgument(
            argument.arg,
            ast.unparse(argument.annotation) if argument.annotation else "",
            argument in required,
            _kind([argument], modules),
        )
        for argument in arguments[1:]
    )


def _imported(tree: ast.Module) -> dict[str, str]:
    """{name in the module: the package that it comes from}: pd is pandas."""
    names: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {(alias.asname or alias.name).partition(".")[0]: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: node.module for alias in node.names}
    return {name: module.partition(".")[0] for name, module in names.items()}


def _kind(arguments: list[ast.arg], modules: dict[str, str]) -> str:
    """The kind of table that an argument's annotation asks for."""
    annotation = arguments[0].annotation if arguments else None
    return _kind_of(annotation, modules) if annotation else TABLE


def _kind_of(annotation: ast.expr, modules: dict[str, str]) -> str:
    """The first kind among the options of a union or the arguments of a generic type, else the type's own."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return TABLE
    if isinstance(annotation, ast.BinOp):
        parts = [annotation.left, annotation.right]
    elif isinstance(annotation, ast.Subscript):
        parts = [*getattr(annotation.slice, "elts", [annotation.slice]), annotation.value]
    else:
        head = ast.unparse(annotation).partition(".")[0]
        return KINDS.get(modules.get(head, head), TABLE)
    return next((kind for part in parts if (kind := _kind_of(part, modules)) != TABLE), TABLE)


def _check_train(train: _Function, channels: tuple[ChannelArgument, ...]) -> Iterator[CodeFinding]:
    if not train.args.args and not train.args.posonlyargs:
        yield error(train.lineno, _("train() has no self. Write def train(self, data)."))
    elif train.args.vararg:
        yield error(train.lineno, _("train() takes *%(name)s. Name each channel.", name=train.args.vararg.arg))
    elif not channels:
        yield error(train.lineno, _("train() has no argument for the data. Write def train(self, data)."))
    for channel in channels:
        if not re.fullmatch(CHANNEL_NAME, channel.name):
            words = _("SageMaker takes no channel called %(name)s. Use letters a-z, digits and _.", name=channel.name)
            yield error(train.lineno, words)


def _check_keywords(train: _Function) -> Iterator[CodeFinding]:
    if train.args.kwarg:
        words = _("train() takes **%(name)s. Name each hyperparameter after a *.", name=train.args.kwarg.arg)
        yield error(train.lineno, words)


def _check_predict(predict: _Function) -> Iterator[CodeFinding]:
    if len(predict.args.posonlyargs) + len(predict.args.args) < 2:
        yield error(predict.lineno, _("predict() has no argument for the rows. Write def predict(self, rows)."))
    elif len(_required(predict)) > 2:
        yield error(predict.lineno, _("predict() gets the rows alone. Give its other arguments a default."))
    if not any(isinstance(node, ast.Return | ast.Yield) for node in ast.walk(predict)):
        yield warning(predict.lineno, _("predict() returns nothing. Return one answer for each row."))


def _parameters(train: _Function, findings: list[CodeFinding]) -> Iterator[Parameter]:
    for argument, default in zip(train.args.kwonlyargs, train.args.kw_defaults, strict=True):
        try:
            value = ast.literal_eval(default) if default is not None else None
        except (ValueError, TypeError, SyntaxError):
            words = _(
                "The default of %(name)s is no constant. Write a number, a text, True or False.", name=argument.arg
            )
            findings.append(error(argument.lineno, words))
            value = None
        kind, options = _type(argument.annotation, value)
        if not kind:
            words = _(
                "%(name)s has a type that no hyperparameter can have. Use int, float, str, bool, list or Literal.",
                name=argument.arg,
            )
            findings.append(error(argument.lineno, words))
        elif default is not None and value is not None and not _fits(kind, options, value):
            words = _("The default of %(name)s is not of its type %(type)s.", name=argument.arg, type=kind)
            findings.append(error(argument.lineno, words))
        yield Parameter(argument.arg, kind or "str", value, default is None, options, argument.lineno)


def _type(annotation: ast.expr | None, default: object) -> tuple[str, tuple]:
    """(name in TYPES, options) of an argument; ("", ()) for a type that cannot be a hyperparameter's."""
    if annotation is None:
        return (type_of(default) if default is not None else "str"), ()
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):  # "int"
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return "", ()
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):  # int | None
        parts = [part for part in (annotation.left, annotation.right) if ast.unparse(part) != "None"]
        return _type(parts[0], default) if len(parts) == 1 else ("", ())
    if isinstance(annotation, ast.Subscript):
        head = ast.unparse(annotation.value).rpartition(".")[2]
        if head == "Optional":
            return _type(annotation.slice, default)
        if head == "Literal":
            return _literal(annotation.slice)
        return ("json" if head in JSON_TYPES else ""), ()
    name = ast.unparse(annotation)
    return (name if name in TYPES else "json" if name in JSON_TYPES else ""), ()


def _literal(node: ast.expr) -> tuple[str, tuple]:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return "", ()
    options = value if isinstance(value, tuple) else (value,)
    kinds = {type_of(option) for option in options}
    return (kinds.pop(), options) if len(kinds) == 1 else ("", ())


def _fits(kind: str, options: tuple, value: object) -> bool:
    if options:
        return value in options
    return type_of(value) == kind or (kind == "float" and type_of(value) == "int")


def _logged(node: ast.ClassDef) -> Iterator[str]:
    """The keywords of every self.log(...)."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "self.log":
            yield from (keyword.arg for keyword in call.keywords if keyword.arg)
