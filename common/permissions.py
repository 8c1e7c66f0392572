"""Who may do what: the one table of actions and roles, for the console's pages and for access keys alike."""

from enum import StrEnum

ROLES = ("viewer", "editor", "administrator")  # each may do what the one before it may, and more
OWNER_TAG = "sagewright:owner"  # on a Create call of an administrator's key: the person for whom it creates
CREATED_BY_TAG = "aws:createdBy"  # what the engine's ListTags says of the person who owns a resource


class Action(StrEnum):
    """What a page or an operation does, as far as permissions tell things apart."""

    READ = "read"
    OWN_ACCOUNT = "own-account"
    INVOKE = "invoke"
    CREATE = "create"
    CHANGE = "change"
    WRITE_DATA = "write-data"
    CHANGE_OTHERS = "change-others"
    OVERRIDE_PROTECTION = "override-protection"
    ADMINISTER = "administer"


# The lowest role that may, and what the action covers.
RULES: dict[Action, tuple[str, str]] = {
    Action.READ: ("viewer", "See every list, page, log, metric, bucket and object."),
    Action.OWN_ACCOUNT: ("viewer", "Change one's own password, preferences and access keys."),
    Action.INVOKE: ("editor", "Send requests to endpoints."),
    Action.CREATE: ("editor", "Create models, training jobs, endpoint configurations, endpoints and notebooks."),
    Action.CHANGE: ("editor", "Deploy, update, tag, stop and delete what one created."),
    Action.WRITE_DATA: ("editor", "Create, write and delete buckets and objects, whoever created them."),
    Action.CHANGE_OTHERS: ("administrator", "Deploy, update, tag, stop and delete what others created."),
    Action.OVERRIDE_PROTECTION: (
        "administrator",
        "Override the retention of objects in governance mode.",
    ),
    Action.ADMINISTER: (
        "administrator",
        "Invite, change, disable and remove people; create and stop their keys; set the budget of a month.",
    ),
}


_ALLOWED = {
    role: frozenset(action for action, (lowest, _) in RULES.items() if ROLES.index(lowest) <= rank)
    for rank, role in enumerate(ROLES)
}


def lowest_role(action: Action) -> str:
    """The role that one needs at least for `action`."""
    return RULES[action][0]


def may(role: str, action: Action) -> bool:
    """Whether a person or a key with `role` may do `action`."""
    return action in _ALLOWED[role]


def may_change(role: str, *, is_owner: bool) -> bool:
    """Whether a person or a key with `role` may change a resource that is theirs, or is not."""
    return may(role, Action.CHANGE_OTHERS) or (is_owner and may(role, Action.CHANGE))


def lower(role: str, other: str) -> str:
    """The one of two roles that may do less."""
    return min(role, other, key=ROLES.index)
