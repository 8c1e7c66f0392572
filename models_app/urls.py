"""The console's addresses, by room. A name in the path is AWS's name of the thing; "-" can never be one."""

from django.urls import include, path

# `create` comes before `catalog`: models/create/ is no model's name; `lists`, because "-" is none either.
ROOMS = (
    "home", "costs", "create", "lists", "tagging", "catalog", "compare", "training", "tuning", "notebooks", "endpoints",
    "batch", "data", "account", "people", "notifications", "help",
)  # fmt: skip

urlpatterns = [path("", include(f"models_app.{room}.urls")) for room in ROOMS]
