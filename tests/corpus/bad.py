"""Jobs that would fail, or train on garbage: each with the checks that must say so, and where the fault was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from jobs.spec import JobSpec
from tests.corpus.real import Rows

KINDS = ("binary", "classes", "regression")
SETTINGS: dict[str, dict[str, str]] = {
    "binary": {"num_round": "5", "objective": "binary:logistic"},
    "classes": {"num_round": "5", "objective": "multi:softmax", "num_class": "3"},
    "regression": {"num_round": "5", "objective": "reg:squarederror"},
}


@dataclass
class Bad:
    """One job. `expect`: ids of checks, each of which must object; `silent`: one of them says that it would train.

    `source` says where docs/containers.md has it: "failure 18" or "faulty tables". `account_facts` differ from
    those of an account in which all is well. A job that is not `predictable` fails for a reason that no check can know.
    """

    name: str
    job: JobSpec
    files: dict[str, bytes] = field(default_factory=dict)
    expect: tuple[str, ...] = ()
    silent: bool = False
    predictable: bool = True
    source: str = ""
    corruption: str = ""  # of the 13 silent corruptions
    account_facts: dict[str, Any] = field(default_factory=dict)


Maker = Callable[[], Iterator[Bad]]
MAKERS: list[Maker] = []


def maker(make: Maker) -> Maker:
    MAKERS.append(make)
    return make


def raw_job(kind: str, key: str = "train/", **more: Any) -> JobSpec:
    """A job that hands the objects over as they are."""
    from tables.recipe import Recipe

    settings: dict[str, Any] = {"hyperparameters": dict(SETTINGS[kind]), "data_uri": f"s3://corpus/{key}"}
    settings["recipe"] = Recipe(prepare=False, target=more.pop("target", ""))
    return JobSpec(**settings | more)


def changed(rows: Rows, row: int, column: int, cell: str) -> Rows:
    """`rows` with one cell replaced."""
    copy = [list(r) for r in rows]
    copy[row][column] = cell
    return copy


def jobs() -> list[Bad]:
    """The whole corpus; the same every time."""
    from tests.corpus import bad_jobs, bad_prepared, bad_requests, bad_tables

    assert bad_tables and bad_requests and bad_jobs and bad_prepared  # each fills MAKERS
    return [bad for make in MAKERS for bad in make()]
