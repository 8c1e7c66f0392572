"""A fix does the same wherever it is pressed: on the Create model page and in the library."""

import json
import random
from dataclasses import fields

import pytest

from jobs import JobSpec
from jobs.hyperparameters import changed
from models_app.create import recipe_changes, recipe_form
from models_app.create.actions import apply_action, changes_hyperparameters, parse_fix
from preflight import InvalidFix, apply_fix
from preflight.fixes import HYPERPARAMETER
from tables import Recipe
from tests.corpus.bad import jobs

import algorithms  # isort: skip

BY_FORM = ("name", "algorithm", "data_uri", "instance_type", "max_runtime", "cost_limit", "deploy_when_done",
           "endpoint_name", "recipe", "hyperparameters")  # fmt: skip


def pressed(spec: JobSpec, changes: dict) -> JobSpec:
    """The job after the fix was pressed on the page that shows `spec`."""
    fields = {name: getattr(spec, name) for name in BY_FORM[:-2]}
    data = {name: str(value) for name, value in fields.items() if value not in (None, False)}
    data |= {HYPERPARAMETER + name: value for name, value in spec.hyperparameters.items()}
    data |= {recipe_form.FIELD: json.dumps(spec.recipe.as_json()), "target": spec.recipe.target}
    form, _label = apply_action(data | {"fix": json.dumps({"label": "Fix", "changes": changes})})
    return form.spec()


def answers_of(spec: JobSpec) -> dict:
    """What a form says of a job: hyperparameters at their default go without saying."""
    values = changed(algorithms.get(spec.algorithm), spec.hyperparameters)
    return {name: getattr(spec, name) for name in BY_FORM} | {"hyperparameters": values}


def fixed(spec: JobSpec, changes: dict) -> JobSpec:
    return apply_fix(spec, json.loads(json.dumps(changes)))


TABLE = Recipe(target="y", excluded=["a", "b"], types={"c": "text"}, bad_cells={"d": "drop"}, has_header=False)
PROBES = {
    "set a hyperparameter": {"hp-eta": "0.1"},
    "remove a hyperparameter": {"hp-max_depth": None},
    "rename a hyperparameter": {"hp-max_depth": None, "hp-gamma": "2"},
    "exclude a column": {"recipe.excluded": ["c"]},
    "exclude a column again": {"recipe.excluded": ["a"]},
    "take a column back": {"recipe.excluded": {"a": None}},
    "take all columns back": {"recipe.excluded": None},
    "retype a column": {"recipe.types": {"c": "number", "e": "category"}},
    "forget a column's type": {"recipe.types": {"c": None}},
    "read a header": {"recipe.has_header": True},
    "read the header as found": {"recipe.has_header": None},
    "give the file as it is": {"recipe.prepare": False},
    "hold out": {"recipe.validation": "share", "recipe.validation_share": 0.2},
    "another instance": {"instance_type": "ml.m5.xlarge"},
    "the default time": {"max_runtime": None},
    "the default of a tick": {"deploy_when_done": None},
    "no cost limit": {"cost_limit": None},
    "another algorithm": {"algorithm": "lightgbm"},
    "another algorithm with a hyperparameter": {"algorithm": "linear-learner", "hp-epochs": "3"},
    "a field that no job has": {"poem": "x"},
}


@pytest.mark.parametrize("name", PROBES)
def test_the_page_and_the_library_agree(name):
    own = {"num_round": "50", "max_depth": "4", "subsample": "0.5"}
    spec = JobSpec(data_uri="s3://b/t.csv", recipe=TABLE, hyperparameters=own, cost_limit=3.0, deploy_when_done=False)
    changes = PROBES[name]
    try:
        after = fixed(spec, changes)
    except InvalidFix:
        after = spec
    assert answers_of(pressed(spec, changes)) == answers_of(after)


def _random_changes(rng: random.Random, spec: JobSpec) -> dict:
    columns = [*spec.recipe.excluded, *spec.recipe.types, "a", "b", "c"]
    algorithm = algorithms.get(spec.algorithm)
    own = [*spec.hyperparameters, *(h.name for h in algorithm.hyperparameters if not h.internal)]
    column, name = rng.choice(columns), rng.choice(own)
    choices = [
        {f"hp-{name}": rng.choice(["1", "2", "0.5", "abc", None])},
        {"recipe.excluded": rng.choice([[column], [column, "z"], {column: None}, None])},
        {"recipe.types": rng.choice([{column: "number"}, {column: "text"}, {column: None}, None])},
        {"recipe.numbers": rng.choice([{column: "percent"}, {column: None}])},
        {"recipe.bad_cells": rng.choice([{column: "drop"}, {column: None}])},
        {"recipe.has_header": rng.choice([True, False, None])},
        {"recipe.prepare": rng.choice([True, False, None])},
        {"recipe.unlabelled": rng.choice(["drop", "refuse", None])},
        {"recipe.validation": rng.choice(["share", "none", None])},
        {"instance_type": rng.choice(["ml.m5.large", "ml.m5.4xlarge", None])},
        {"deploy_when_done": rng.choice([True, False, None])},
        {"algorithm": rng.choice([*algorithms.ALGORITHMS])},
    ]
    return {key: value for part in rng.sample(choices, 2) for key, value in part.items()}


def test_random_fixes_of_the_corpus_agree():
    rng = random.Random(7)
    known = [bad.job for bad in jobs() if not bad.job.channels and bad.job.algorithm in algorithms.ALGORITHMS]
    plain = [job for job in known if answers_of(pressed(job, {})) == answers_of(job)]  # a form shows all of it
    assert len(plain) > 100
    wrong = []
    for spec in rng.choices(plain, k=400):
        changes = _random_changes(rng, spec)
        if answers_of(pressed(spec, changes)) != answers_of(fixed(spec, changes)):
            wrong.append(changes)
    assert wrong == []


def test_a_fix_pressed_twice_changes_nothing_more():
    spec = JobSpec(recipe=TABLE, hyperparameters={"num_round": "50"})
    for changes in PROBES.values():
        if "poem" not in changes:
            once = apply_fix(spec, changes)
            assert apply_fix(once, changes) == once


def test_an_undo_takes_back_what_the_recipe_says():
    spec = JobSpec(recipe=TABLE)
    for fix in recipe_changes.undo_fixes(TABLE):
        spec = apply_fix(spec, fix.changes)
    assert spec.recipe == Recipe(target="y")


@pytest.mark.parametrize(
    "changes", [{"recipe.excluded": "a"}, {"max_runtime": "long"}, {"algorithm": "oracle"}, {"recipe": {}}]
)
def test_a_fix_of_nonsense_is_refused_and_changes_no_form(changes):
    spec = JobSpec(data_uri="s3://b/t.csv", recipe=TABLE)
    with pytest.raises(InvalidFix):
        apply_fix(spec, changes)
    assert answers_of(pressed(spec, changes)) == answers_of(spec)


def test_what_was_typed_and_cannot_be_read_stays():
    data = {"algorithm": "xgboost", "cost_limit": "three dollars", "hp-num_round": "50", "hp-eta": "fast"}
    form, _label = apply_action(data | {"fix": json.dumps({"label": "Fix", "changes": {"hp-max_depth": "3"}})})
    assert form["cost_limit"].value() == "three dollars" and form.values["eta"] == "fast"
    assert form.values["max_depth"] == "3"


STRANGE = [
    True, -1, 10**30, 1.5, float("nan"), "", "x" * 10_000, "\0", "\ud800", "%s", [], [1], [None], [["a"]], {}, {"a": 1},
    {"a": None}, {"a": ["b"]}, {"a": {"b": 1}}, {"": ""}, {"a": "comma"},
]  # fmt: skip


@pytest.mark.parametrize("name", [*(f"recipe.{f.name}" for f in fields(Recipe)), *(f.name for f in fields(JobSpec))])
def test_whatever_a_button_carries_the_form_can_be_shown(name):
    """A button's value comes from the browser, and the page's own code reads the recipe that is left."""
    spec = JobSpec(recipe=TABLE)
    for value in STRANGE:
        form, _label = apply_action(
            {"fix": json.dumps({"label": "", "changes": {name: value}}), "algorithm": "xgboost"}
        )
        assert form.recipe == recipe_form.valid(form.recipe.as_json())
        assert form.header_value in ("yes", "no", "") and form.shares
        recipe_changes.undo_fixes(form.recipe)
        try:
            after = apply_fix(spec, {name: value})
        except InvalidFix:
            continue
        assert after.recipe.has_header in (None, True, False)
        assert after.cost_limit is None or after.cost_limit > -2
        assert all(isinstance(item, str) for item in [*after.recipe.excluded, *after.recipe.types.values()])


@pytest.mark.parametrize(
    "text",
    [
        "", "[", '"x"', "1" * 5000, '{"label": "x"}', '{"label": "x", "changes": [[1, 2]]}',
        '{"label": "x", "changes": "ab"}', "[" * 200_000, '{"label": "x", "changes": ' + '{"a":' * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_fix_changes_nothing(text):
    assert parse_fix(text) == ("", {})
    data = {"algorithm": "xgboost", "hp-eta": "0.1", "fix": text}
    assert not changes_hyperparameters(data) and apply_action(data)[0].values == {"eta": "0.1"}
