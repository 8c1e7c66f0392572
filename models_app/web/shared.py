"""Works out once what many people ask for at the same moment: after a nudge, every open page asks.

Each process keeps a few results for a moment. A result is good for requests that come after the last nudge of its
topics was read, so nobody is shown what was true before the nudge that made their page ask.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from redis.exceptions import RedisError

from common.db.nudge import version

T = TypeVar("T")
MAX_AGE = 2.0  # seconds; for changes that nobody is nudged about
MAX_ENTRIES = 128


@dataclass
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    version: Hashable = None
    read_at: float = float("-inf")  # on the monotonic clock, before the rows were read
    value: Any = None


_entries: OrderedDict[Hashable, _Entry] = OrderedDict()
_lock = threading.Lock()


def shared(topics: tuple[str, ...], key: Hashable, make: Callable[[], T]) -> T:
    """`make()`, or what it returned to another request since the last nudge of `topics`, MAX_AGE seconds ago at most.

    `key` holds everything that `make` depends on, except for the rows that `topics` are about. The result must not be
    changed. Requests with one key wait for the first of them. While Redis does not answer nothing is shared.
    """
    try:
        current = version(topics)
    except RedisError:
        return make()
    entry = _entry((topics, key))
    with entry.lock:
        began = time.monotonic()
        if entry.version != current or began - entry.read_at > MAX_AGE:
            entry.value = make()
            entry.version, entry.read_at = current, began
        return entry.value


def _entry(key: Hashable) -> _Entry:
    with _lock:
        entry = _entries.setdefault(key, _Entry())
        _entries.move_to_end(key)
        if len(_entries) > MAX_ENTRIES:
            _entries.popitem(last=False)
        return entry
