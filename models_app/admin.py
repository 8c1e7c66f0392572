"""Every row of the console for staff, read-only: people and roles are changed on the page of people."""

from django.contrib import admin
from django.contrib.auth.models import Group, User

from common.db.person import Role, role_of
from models_app.models import Endpoint, Event, Invitation, LogLine, MetricPoint, Model, TrainingJob


class Watched(admin.ModelAdmin):
    """Rows that follow what SageMaker says: to be read, never edited, since nobody would tell SageMaker."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class PeopleAdmin(Watched):
    """Users with their role; Django's groups and permissions mean nothing to the console's pages."""

    fields = ("username", "role", "is_active", "is_staff", "is_superuser", "date_joined", "last_login")
    list_display = ("username", "role", "is_active", "is_staff", "last_login")
    search_fields = ("username",)
    list_filter = ("person__role", "is_active", "is_staff")
    list_select_related = ("person",)

    @admin.display(ordering="person__role")
    def role(self, user: User) -> str:
        return str(Role(role_of(user)).label)


admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.register(User, PeopleAdmin)


@admin.register(Invitation)
class InvitationAdmin(Watched):
    list_display = ("user", "created_by", "created", "expires")
    list_select_related = ("user", "created_by")


@admin.register(Model)
class ModelAdmin(Watched):
    list_display = ("name", "owner", "algorithm", "status_word", "endpoint", "created", "deleting")
    list_filter = ("algorithm", "deleting")
    list_select_related = ("owner", "job", "endpoint")
    search_fields = ("name", "owner__username", "data_uri")


@admin.register(TrainingJob)
class TrainingJobAdmin(Watched):
    list_display = ("name", "status", "secondary_status", "owner", "external", "created", "ended", "last_synced")
    list_filter = ("status", "external", "algorithm")
    list_select_related = ("owner",)
    search_fields = ("name", "arn", "owner__username")


@admin.register(Endpoint)
class EndpointAdmin(Watched):
    list_display = ("name", "status", "owner", "model", "external", "created", "last_synced")
    list_filter = ("status", "external")
    list_select_related = ("owner", "model")
    search_fields = ("name", "arn", "owner__username")


@admin.register(Event)
class EventAdmin(Watched):
    list_display = ("at", "job", "endpoint", "was", "became", "text")
    list_select_related = ("job", "endpoint")
    search_fields = ("job__name", "endpoint__name", "text")


@admin.register(LogLine)
class LogLineAdmin(Watched):
    list_display = ("job", "number", "at", "text")
    list_select_related = ("job",)
    search_fields = ("job__name",)


@admin.register(MetricPoint)
class MetricPointAdmin(Watched):
    list_display = ("job", "name", "round", "value")
    list_select_related = ("job",)
    search_fields = ("job__name", "name")
