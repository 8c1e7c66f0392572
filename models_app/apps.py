from django.apps import AppConfig
from django.utils.translation import gettext, ngettext

from common import messages


class ModelsAppConfig(AppConfig):
    name = "models_app"
    verbose_name = "Sagewright"

    def ready(self) -> None:
        messages.use(gettext, ngettext)
