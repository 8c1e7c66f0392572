"""Celery beat that several machines may run: only the one that holds a lease in Redis sends anything.

Run as `celery -A console.beat beat`. It has a Celery app of its own, which knows tasks by their names only: beat needs
Django's settings but none of its apps, and that is two thirds of its memory and most of its start.
"""

import logging
import os
import secrets
import socket

import redis
from celery import Celery
from celery.beat import Scheduler
from django.conf import settings
from django.utils.log import configure_logging
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.db import quiet
from console import celery_logging, liveness  # noqa: F401 (for their effects)
from console.beat_schedule import POLL

LEASE = "sagewright:beat"
SECONDS = 4  # how long nobody beats after the holder was killed, at worst
LOOK_AGAIN = 1.0

RENEW = """
if redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
return 0
"""
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

log = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
app = Celery("sagewright-beat", fixups=[])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_scheduler = "console.beat:LeasedScheduler"
configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


class LeasedScheduler(Scheduler):
    """Keeps its schedule in memory. All entries are due when it becomes the active one.

    Every entry is an interval, and none is harmed by being sent too early. If each start waited for the intervals to
    pass, an entry would never be sent where the process is restarted more often than that.
    """

    def __init__(self, *args, **kwargs):
        self.me = f"{socket.gethostname()}-{secrets.token_hex(8)}"
        self.redis = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, retry=Retry(NoBackoff(), 1)
        )
        self.holds = False
        super().__init__(*args, **kwargs)

    def tick(self, *args, **kwargs):
        """Send what is due if we hold the lease; seconds until the next look."""
        if not self._hold():
            return LOOK_AGAIN
        return min(super().tick(*args, **kwargs), SECONDS / 3)

    def apply_entry(self, entry, producer=None):
        """Send what is due, but no poll while nothing has changed since one that found nothing to do."""
        if entry.task == POLL and self._is_quiet():
            return
        super().apply_entry(entry, producer)

    def _is_quiet(self) -> bool:
        try:
            return quiet.is_quiet(self.redis)
        except redis.RedisError:
            return False

    def close(self):
        """Give the lease back, so that another clock goes on at once."""
        try:
            self.redis.eval(RELEASE, 1, LEASE, self.me)
        except redis.RedisError as e:
            log.warning("could not give the lease back, it ends by itself in %s s: %s", SECONDS, e)
        super().close()

    def _hold(self) -> bool:
        """Take or renew the lease. Without Redis nobody could receive what we send, so nobody holds it."""
        try:
            holds = bool(self.redis.eval(RENEW, 1, LEASE, self.me, SECONDS * 1000))
        except redis.RedisError as e:
            log.warning("cannot reach Redis: %s", e)
            holds = False
        if holds != self.holds:
            log.info("this beat is %s", "the active one" if holds else "waiting")
            self.holds = holds
            if holds:
                self._make_due()
        return holds

    def _make_due(self) -> None:
        for entry in self.schedule.values():
            entry.last_run_at -= entry.schedule.run_every
        self._heap = None  # the order of the entries, which `tick` makes anew
