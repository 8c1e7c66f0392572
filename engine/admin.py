"""The engine's rows in the admin, read-only: workers and clients depend on them."""

from django.contrib import admin

from engine.models import (
    AccessKey,
    Endpoint,
    EndpointConfig,
    HyperParameterTuningJob,
    LogEvent,
    MetricDatum,
    Model,
    Tag,
    TrainingJob,
    TransformJob,
)


class ReadOnlyAdmin(admin.ModelAdmin):
    """A read-only admin: only AWS's operations create and change these rows."""

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class NamedResourceAdmin(ReadOnlyAdmin):
    """A named resource: newest first, searchable by name and day."""

    search_fields = ("name",)
    date_hierarchy = "created"
    ordering = ("-created",)


@admin.register(AccessKey)
class AccessKeyAdmin(ReadOnlyAdmin):
    """Keys are created and stopped on the page of keys, and by IAM's operations."""

    list_display = ("access_key_id", "owner", "role", "note", "created", "last_used", "revoked")
    list_filter = ("role", ("revoked", admin.EmptyFieldListFilter))
    search_fields = ("access_key_id", "note", "owner__username")
    ordering = ("-created",)
    exclude = ("secret_encrypted",)


@admin.register(Model, EndpointConfig)
class PlainAdmin(NamedResourceAdmin):
    list_display = ("name", "region", "created")
    list_filter = ("region",)


@admin.register(TrainingJob)
class TrainingJobAdmin(NamedResourceAdmin):
    list_display = ("name", "region", "status", "secondary_status", "created", "ended", "attempt", "worker")
    list_filter = ("status", "region")


@admin.register(TransformJob)
class TransformJobAdmin(NamedResourceAdmin):
    list_display = ("name", "region", "status", "created", "ended", "attempt", "worker")
    list_filter = ("status", "region")


@admin.register(HyperParameterTuningJob)
class TuningJobAdmin(NamedResourceAdmin):
    list_display = ("name", "region", "status", "created", "ended")
    list_filter = ("status", "region")


@admin.register(Endpoint)
class EndpointAdmin(NamedResourceAdmin):
    list_display = ("name", "region", "status", "config_name", "created", "modified", "attempt", "worker")
    list_filter = ("status", "region")


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    list_display = ("arn", "key", "value")
    search_fields = ("arn", "key", "value")
    ordering = ("arn", "key")


@admin.register(LogEvent)
class LogEventAdmin(ReadOnlyAdmin):
    list_display = ("id", "group", "stream", "message")
    search_fields = ("stream", "message")
    ordering = ("-id",)
    show_full_result_count = False  # there may be millions


@admin.register(MetricDatum)
class MetricDatumAdmin(ReadOnlyAdmin):
    list_display = ("timestamp", "namespace", "name", "dimensions", "count", "sum", "minimum", "maximum")
    list_filter = ("namespace",)
    search_fields = ("name", "dimensions")
    ordering = ("-id",)
    show_full_result_count = False
