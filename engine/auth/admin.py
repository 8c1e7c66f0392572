"""Access keys in the admin: issue one (its secret is shown once), revoke, restore."""

from django.contrib import admin
from django.template.response import TemplateResponse
from django.utils.timezone import now

from engine.models import AccessKey


@admin.register(AccessKey)
class AccessKeyAdmin(admin.ModelAdmin):
    """Keys are issued and revoked, never edited: clients in use depend on them."""

    list_display = ("access_key_id", "owner", "role", "note", "created", "last_used", "revoked")
    list_filter = ("role", ("revoked", admin.EmptyFieldListFilter))
    search_fields = ("access_key_id", "note", "owner__username")
    ordering = ("-created",)
    actions = ("revoke", "restore")
    autocomplete_fields = ("owner",)

    def get_fields(self, request, obj=None):
        read_only = ("access_key_id", "created", "last_used", "revoked") if obj else ()
        return (*read_only, "owner", "role", "note")

    def get_readonly_fields(self, request, obj=None):
        return ("access_key_id", "created", "last_used", "revoked", "owner") if obj else ()

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        if change:
            obj.save(update_fields=["role", "note"])
            return
        key, secret = AccessKey.issue(obj.owner, obj.role, obj.note)
        # The admin continues with `obj`, so it becomes the row that was issued. Only the response shows the secret.
        obj.pk, obj.access_key_id, obj.secret_encrypted, obj.created = (
            key.pk, key.access_key_id, key.secret_encrypted, key.created,
        )  # fmt: skip
        obj._state.adding = False
        request.issued_secret = secret

    def response_add(self, request, obj, post_url_continue=None):
        """The secret in the answer itself: a redirect would have to carry it through a cookie or the database."""
        context_of_key = {"title": "Access key issued", "opts": self.opts, "key": obj, "secret": request.issued_secret}
        context = self.admin_site.each_context(request) | context_of_key
        return TemplateResponse(request, "admin/engine/accesskey/issued.html", context)

    @admin.action(description="Revoke: refuse these keys within five seconds", permissions=["change"])
    def revoke(self, request, queryset):
        count = queryset.filter(revoked=None).update(revoked=now())
        self.message_user(request, f"{count} access keys revoked.")

    @admin.action(description="Restore: accept these keys again", permissions=["change"])
    def restore(self, request, queryset):
        count = queryset.exclude(revoked=None).update(revoked=None)
        self.message_user(request, f"{count} access keys restored.")
