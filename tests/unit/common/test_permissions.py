"""The table of roles and actions, and the page that prints it."""

from pathlib import Path

import pytest

from common.permissions import ROLES, RULES, Action, lower, may, may_change

ROOT = Path(__file__).resolve().parents[3]


def test_every_action_has_a_rule_and_each_role_may_what_the_one_before_it_may():
    assert set(RULES) == set(Action)
    for action in Action:
        allowed = [may(role, action) for role in ROLES]
        assert allowed == sorted(allowed) and allowed[-1]


@pytest.mark.parametrize(
    ("role", "own", "others"), [("viewer", False, False), ("editor", True, False), ("administrator", True, True)]
)
def test_what_others_created_is_changed_by_administrators_alone(role, own, others):
    assert may_change(role, is_owner=True) is own
    assert may_change(role, is_owner=False) is others


def test_a_key_may_do_no_more_than_its_role_and_its_owner():
    assert lower("viewer", "administrator") == lower("administrator", "viewer") == "viewer"


def test_the_documentation_prints_the_table():
    text = (ROOT / "docs" / "permissions.md").read_text()
    for action, (_, meaning) in RULES.items():
        marks = " | ".join("yes" if may(role, action) else "no" for role in ROLES)
        assert f"| {meaning} | {marks} |" in text, action
