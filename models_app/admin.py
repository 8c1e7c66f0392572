"""Every row of the console for staff: people and roles are made here, everything else is read."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User

from models_app.models import Endpoint, Event, LogLine, MetricPoint, Model, Person, TrainingJob


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


class PersonInline(admin.StackedInline):
    model = Person
    can_delete = False
    verbose_name_plural = "Role in the console"


class PeopleAdmin(UserAdmin):
    """Users with their role; Django's groups and permissions mean nothing to the console's pages."""

    inlines = (PersonInline,)
    list_display = ("username", "role", "email", "is_active", "is_staff", "last_login")
    list_filter = ("person__role", "is_active", "is_staff")
    list_select_related = ("person",)

    @admin.display(ordering="person__role")
    def role(self, user: User) -> str:
        if user.is_superuser:
            return "Administrator"
        return user.person.get_role_display() if hasattr(user, "person") else "Viewer"

    def get_inlines(self, request, obj):
        return self.inlines if obj else ()  # the form for a new user asks for name and password only


admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.register(User, PeopleAdmin)


@admin.register(Model)
class ModelAdmin(Watched):
    list_display = ("name", "owner", "algorithm", "status_word", "endpoint", "created", "deleting")
    list_filter = ("algorithm", "deleting")
    list_select_related = ("owner", "job", "endpoint")
    search_fields = ("name", "owner__username", "data_uri")


@admin.register(TrainingJob)
class TrainingJobAdmin(Watched):
    list_display = ("name", "status", "secondary_status", "owner", "external", "created", "ended", "seen")
    list_filter = ("status", "external", "algorithm")
    list_select_related = ("owner",)
    search_fields = ("name", "arn", "owner__username")


@admin.register(Endpoint)
class EndpointAdmin(Watched):
    list_display = ("name", "status", "owner", "model", "external", "created", "seen")
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
