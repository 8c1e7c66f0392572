"""What the clock sends into which queue, and how often."""

from typing import Any

POLL = "models_app.sync.tasks.poll"
EVENTS_SECONDS = 60  # between two looks for what other clients did, where the engine's events tell of it at once
# (name, task, seconds between two, seconds after which nobody need begin any more); the poll has a setting of its own.
CONSOLE = (
    ("sweep-uploads", "models_app.data.tasks.sweep_uploads", 3600, 3600),
    ("sweep-drafts", "models_app.create.tasks.sweep_drafts", 3600, 3600),
    ("sweep-trials", "models_app.create.tasks.sweep_trials", 600, 600),
    ("clear-sessions", "models_app.account.tasks.clear_sessions", 3600, 3600),
    ("prune-notifications", "models_app.notifications.tasks.prune", 3600, 3600),
    ("reconcile", "models_app.sync.tasks.reconcile", 15, 15),
    ("find-others", "models_app.sync.tasks.find_others", 15, 15),
    ("idle", "models_app.endpoints.tasks.stop_idle_endpoints", 300, 60),
    ("drift", "models_app.endpoints.tasks.measure_all_drift", 3600, 600),
    ("traffic", "models_app.endpoints.tasks.refresh_all_traffic", 900, 600),
    ("budget", "models_app.costs.tasks.check_budget", 600, 600),
    ("retention", "models_app.retention.tasks.run_retention", 3600, 3600),
)
ENGINE = (
    ("reconcile", "engine.tasks.reconcile", 5, 10),
    ("expire-objects", "engine.tasks.expire_objects", 3600, 3600),
    ("expire-telemetry", "engine.tasks.expire_telemetry", 3600, 3600),
)


def beat_schedule(*, has_console: bool, has_engine: bool, poll_seconds: float) -> dict[str, Any]:
    """Celery's `beat_schedule` where these sides run; the console asks SageMaker every `poll_seconds`."""
    poll = ("poll", POLL, poll_seconds, 10)
    console = _entries("console", (poll, *CONSOLE)) if has_console else {}
    if has_console and has_engine:
        console["console-find-others"]["schedule"] = EVENTS_SECONDS
    return console | (_entries("engine", ENGINE) if has_engine else {})


def _entries(side: str, entries: tuple[tuple[str, str, float, float], ...]) -> dict[str, Any]:
    return {
        f"{side}-{name}": {"task": task, "schedule": seconds, "options": {"expires": expires}}
        for name, task, seconds, expires in entries
    }
