"""The engine's rows for staff: to look at, not to edit, because workers and callers depend on them."""

from django.contrib import admin

import engine.auth.admin  # noqa: F401  registers AccessKey
from engine.models import Endpoint, EndpointConfig, LogEvent, MetricDatum, Model, Tag, TrainingJob


class ReadOnly(admin.ModelAdmin):
    """Rows are made and changed by AWS's operations alone; here they may be read."""

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class Named(ReadOnly):
    """A resource with a name: newest first, found by name or day."""

    search_fields = ("name",)
    date_hierarchy = "created"
    ordering = ("-created",)


@admin.register(Model, EndpointConfig)
class PlainAdmin(Named):
    list_display = ("name", "region", "created")
    list_filter = ("region",)


@admin.register(TrainingJob)
class TrainingJobAdmin(Named):
    list_display = ("name", "region", "status", "secondary_status", "created", "ended", "attempt", "worker")
    list_filter = ("status", "region")


@admin.register(Endpoint)
class EndpointAdmin(Named):
    list_display = ("name", "region", "status", "config_name", "created", "modified", "attempt", "worker")
    list_filter = ("status", "region")


@admin.register(Tag)
class TagAdmin(ReadOnly):
    list_display = ("arn", "key", "value")
    search_fields = ("arn", "key", "value")
    ordering = ("arn", "key")


@admin.register(LogEvent)
class LogEventAdmin(ReadOnly):
    list_display = ("id", "group", "stream", "message")
    search_fields = ("stream", "message")
    ordering = ("-id",)
    show_full_result_count = False  # there may be millions


@admin.register(MetricDatum)
class MetricDatumAdmin(ReadOnly):
    list_display = ("timestamp", "namespace", "name", "dimensions", "count", "sum", "minimum", "maximum")
    list_filter = ("namespace",)
    search_fields = ("name", "dimensions")
    ordering = ("-id",)
    show_full_result_count = False
