"""The console as a Django application."""

from django.apps import AppConfig
from django.utils.translation import ngettext

from common import messages


class ModelsAppConfig(AppConfig):
    """The console: its rows, pages and tasks."""

    name = "models_app"
    verbose_name = "Sagewright"

    def ready(self) -> None:
        """Connect receivers, and install the translator of messages."""
        from models_app.account import sessions, sign_in_log  # noqa: F401  connect their receivers
        from models_app.notifications import announce  # noqa: F401  too
        from models_app.text.translations import gettext

        messages.use(gettext, ngettext)
