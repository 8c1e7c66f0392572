"""The process that receives SageMaker's events: `python -m console.events`."""

import os

import django


def main() -> None:
    """Receive events until the process is ended."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    django.setup()
    import console.celery  # noqa: F401 (the app that sends tasks)
    from console.liveness import say_ready
    from models_app.sync.events import receive_for_ever

    say_ready()
    receive_for_ever()


if __name__ == "__main__":
    main()
