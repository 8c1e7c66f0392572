"""Hyperparameters: all problems at once, each with the container's message, the rule and a fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from algorithms.contract import HyperparameterProblem, InvalidHyperparameters
from algorithms.parameters import Hyperparameter
from algorithms.spec import Algorithm
from common.messages import _, gettext_noop
from preflight.check_context import CheckContext
from preflight.finding import Finding, Fix
from preflight.raw_table import LIBSVM
from preflight.registry import check, err, hold_out, warn

# Names in other libraries, and the names that the containers use.
_OTHER_NAMES = {
    "n_estimators": "num_round",
    "num_boost_round": "num_round",
    "num_rounds": "num_round",
    "nrounds": "num_round",
    "iterations": "num_round",
    "lr": "eta",
    "random_state": "seed",
    "n_jobs": "nthread",
    "num_classes": "num_class",
    "n_clusters": "k",
    "n_neighbors": "k",
    "n_components": "num_components",
    "batch_size": "mini_batch_size",
    "metric": "eval_metric",
    "max_iter": "epochs",
}


@check(
    "hyperparameters.values",
    gettext_noop("Every hyperparameter is one the container takes"),
    ok=gettext_noop("The container takes every hyperparameter"),
)
def values(context: CheckContext) -> Iterator[Finding]:
    """The algorithm's declaration accepts every hyperparameter; all problems are reported at once."""
    texts = dict(context.effective_hyperparameters)
    if not context.is_raw and not (context.inspection or context.profile):
        texts = context.algorithm.settle(context.job.hyperparameters, context.facts)
    try:
        context.algorithm.parse(texts)
    except InvalidHyperparameters as e:
        for problem in e.problems:
            if problem.message.startswith("Extraneous") and not context.image.strict_hyperparameters:
                continue
            yield _finding(context.algorithm, problem, texts, context)


@check(
    "hyperparameters.rows",
    gettext_noop("The rows hold what the objective learns from"),
    ok=gettext_noop("The rows hold what the objective learns from"),
)
def rows(context: CheckContext) -> Iterator[Finding]:
    """An objective that learns from more than a label, such as groups of rows, gets it."""
    raw, table = context.train_table, context.inspection
    if (raw and LIBSVM in (raw.kind, raw.apparent_kind)) or (table and table.format == "libsvm"):
        return  # which may hold it
    texts = context.effective_hyperparameters
    for rule in context.algorithm.row_rules:
        for problem in rule(texts):
            yield err(
                _("%(value)s cannot learn from this table", value=texts.get(problem.name, "")),
                problem.message,
                field=f"hp-{problem.name}",
                value=texts.get(problem.name, ""),
                fixes=(Fix(_("Choose %(name)s by the target", name=problem.name), {f"hp-{problem.name}": None}),),
                silent=True,
            )


def _finding(
    algorithm: Algorithm, problem: HyperparameterProblem, texts: Mapping[str, str], context: CheckContext
) -> Finding:
    try:
        spec = algorithm.hyperparameter(problem.name)
    except KeyError:
        return _unknown(algorithm, problem, texts, context)
    value = str(texts.get(problem.name, ""))
    takes = {"integer": _("a whole number, "), "continuous": _("a number, ")}.get(spec.kind, "") + spec.describe_range()
    if "Missing required" in problem.message:
        title = _("%(name)s is required", name=spec.name)
        fixes = _suggestions(algorithm, spec, "", context)
    elif problem.name not in texts:
        title = _("%(name)s is needed too", name=spec.name)
        fixes = _suggestions(algorithm, spec, "", context)
    else:
        title = _("%(name)s cannot be %(value)s", name=spec.name, value=value or "''")
        fixes = _suggestions(algorithm, spec, value, context)
    ranged = any(
        words in problem.message for words in (" is not in ", "could not parse", "not in range", "Missing required")
    )
    rule = (
        _("%(title)s takes %(takes)s.", title=spec.title, takes=takes) if ranged else problem.message.rstrip(".") + "."
    )
    return err(title, rule, field=f"hp-{problem.name}", value=value, raw=problem.message, fixes=fixes)


def _unknown(
    algorithm: Algorithm, problem: HyperparameterProblem, texts: Mapping[str, str], context: CheckContext
) -> Finding:
    names = [h.name for h in algorithm.hyperparameters if not h.internal]
    other = _OTHER_NAMES.get(problem.name, "")
    near = [other] if other in names else difflib.get_close_matches(problem.name, names, 1, 0.75)
    fixes = [Fix(_("Remove %(name)s", name=problem.name), {f"hp-{problem.name}": None})]
    rule = _("%(title)s has no hyperparameter of this name.", title=algorithm.title)
    if near and near[0] not in context.job.hyperparameters:
        change = {f"hp-{problem.name}": None, f"hp-{near[0]}": str(texts.get(problem.name, ""))}
        fixes.insert(0, Fix(_("Rename it to %(name)s", name=near[0]), change))
        rule = _(
            "%(title)s has no hyperparameter of this name; %(near)s is meant.", title=algorithm.title, near=near[0]
        )
    return err(
        _("There is no hyperparameter %(name)s", name=problem.name),
        rule,
        field=f"hp-{problem.name}",
        value=str(texts.get(problem.name, "")),
        raw=problem.message,
        fixes=tuple(fixes),
    )


def _suggestions(algorithm: Algorithm, spec: Hyperparameter, value: str, context: CheckContext) -> tuple[Fix, ...]:
    """Fixes: the nearest option, the nearest bound, the whole number, else the default."""
    better = ""
    if spec.name in ("num_class", "num_classes") and context.facts.classes >= 2:
        better = str(context.facts.classes)
    elif spec.options and spec.kind == "categorical":
        near = difflib.get_close_matches(value, [str(option) for option in spec.options], 1, 0.6) if value else []
        better = near[0] if near else ""
    elif spec.kind in ("integer", "continuous") and value:
        better = _nearest(spec, value)
    if not better:
        better = algorithm.settle({}, context.facts).get(spec.name, "") if spec.required else ""
    fixes = []
    if better and better != value and _is_fine(spec, better):
        fixes.append(Fix(_("Set %(name)s to %(value)s", name=spec.name, value=better), {f"hp-{spec.name}": better}))
    if value and not spec.required and _can_go(algorithm, spec.name, context.effective_hyperparameters):
        fixes.append(Fix(_("Leave %(name)s out", name=spec.name), {f"hp-{spec.name}": None}))
    return tuple(fixes)


def _can_go(algorithm: Algorithm, name: str, texts: Mapping[str, str]) -> bool:
    """Return True if the hyperparameters are valid without `name`, as far as `name` goes."""
    try:
        algorithm.parse({key: value for key, value in texts.items() if key != name})
    except InvalidHyperparameters as e:
        return all(problem.name != name for problem in e.problems)
    return True


def _nearest(spec: Hyperparameter, value: str) -> str:
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        return ""
    low, high = getattr(spec, "low", None), getattr(spec, "high", None)
    if low is not None and number < low:
        number = low
    if high is not None and number > high:
        number = high
    if number != number or number in (float("inf"), float("-inf")):
        return ""
    whole = spec.kind == "integer" or number == int(number)
    return str(int(number)) if whole else f"{number:g}"


def _is_fine(spec: Hyperparameter, text: str) -> bool:
    try:
        spec.parse(text)
    except ValueError:
        return False
    return True


@check(
    "hyperparameters.data",
    gettext_noop("Hyperparameters fit the size of the data"),
    needs="table",
    ok=gettext_noop("Hyperparameters fit the size of the data"),
)
def data(context: CheckContext) -> Iterator[Finding]:
    """Hyperparameters that count rows or columns fit the table."""
    texts, facts = context.effective_hyperparameters, context.facts
    width = facts.features if context.is_raw else context.feature_count
    yield from _feature_dim(context, texts, width)
    rows = facts.rows
    if context.complete and rows:
        for name, what in (
            ("k", _("groups or neighbours")),
            ("mini_batch_size", _("rows a step")),
        ):
            number = texts.get(name, "")
            if number.isdigit() and int(number) > rows and name in {h.name for h in context.algorithm.hyperparameters}:
                yield err(
                    _(
                        "%(name)s is %(number)s, but there are %(rows)s rows to learn from",
                        name=name,
                        number=number,
                        rows=f"{rows:,}",
                    ),
                    _("It counts %(what)s and cannot be larger than the table.", what=what),
                    field=f"hp-{name}",
                    value=number,
                    fixes=(Fix(_("Set %(name)s to %(rows)s", name=name, rows=rows), {f"hp-{name}": str(rows)}),),
                )
    components = texts.get("num_components", "")
    if components.isdigit() and width > 1 and int(components) > width:
        yield err(
            _("num_components is %(number)s, but there are %(width)s features", number=components, width=width),
            _("There cannot be more components than features."),
            field="hp-num_components",
            value=components,
            fixes=(Fix(_("Set num_components to %(width)s", width=width), {"hp-num_components": str(width)}),),
        )
    constraints = texts.get("monotone_constraints", "")
    if constraints.count(",") and width > 1:
        named = len([part for part in constraints.strip("() ").split(",") if part.strip()])
        if named > width:
            yield err(
                _("monotone_constraints names %(number)s columns, the data has %(width)s", number=named, width=width),
                _("Give one of 1, 0 and -1 for each feature, in their order."),
                field="hp-monotone_constraints",
                value=constraints,
            )
    if "early_stopping_rounds" in texts and not facts.validation:
        yield warn(
            _("Early stopping has nothing to watch"),
            _("No rows are held out, so training runs through all rounds."),
            field="hp-early_stopping_rounds",
            fixes=(
                *(() if context.is_raw else (hold_out(),)),
                Fix(_("Leave early_stopping_rounds out"), {"hp-early_stopping_rounds": None}),
            ),
        )


def _feature_dim(context: CheckContext, texts: Mapping[str, str], width: int) -> Iterator[Finding]:
    text = texts.get("feature_dim", "")
    raw = context.train_table if context.is_raw else None
    if raw is None or not text.isdigit() or not raw.width or raw.kind != "csv":
        return
    real = context.facts.features
    if int(text) != real:
        yield err(
            _("feature_dim is %(given)s, but a row has %(real)s features", given=text, real=real),
            _("It must be the number of columns without the label."),
            field="hp-feature_dim",
            value=text,
            fixes=(Fix(_("Set feature_dim to %(real)s", real=real), {"hp-feature_dim": str(real)}),),
        )
