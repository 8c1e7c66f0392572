"""Access keys: who may call the engine, and how much they may do."""

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet
from django.conf import settings
from django.db import models
from django.utils.timezone import now

from common.db.person import role_of
from common.permissions import lower


def _vault() -> Fernet:
    digest = hashlib.sha256(b"sagewright access keys" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


class AccessKey(models.Model):
    """A key pair for AWS clients. SigV4 needs the secret itself, so it is kept encrypted, not hashed."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "Viewer: describe, list, read objects"
        EDITOR = "editor", "Editor: everything on jobs, models, endpoints and objects"
        ADMINISTRATOR = "administrator", "Administrator: everything"

    access_key_id = models.CharField(max_length=128, unique=True)
    secret_encrypted = models.BinaryField(editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="access_keys"
    )
    role = models.CharField(max_length=16, choices=Role, default=Role.EDITOR)
    note = models.CharField(max_length=120, blank=True)
    created = models.DateTimeField(default=now)
    last_used = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.access_key_id

    @classmethod
    def issue(
        cls, owner, role: str, note: str = "", access_key_id: str = "", secret: str = ""
    ) -> tuple["AccessKey", str]:
        """A new key and its secret, which is shown this once."""
        secret = secret or secrets.token_urlsafe(30)
        access_key_id = access_key_id or "SWKIA" + base64.b32encode(secrets.token_bytes(10)).decode()
        key = cls.objects.create(
            access_key_id=access_key_id,
            secret_encrypted=_vault().encrypt(secret.encode()),
            owner=owner,
            role=role,
            note=note,
        )
        return key, secret

    @property
    def secret(self) -> str:
        """The secret access key, decrypted."""
        return _vault().decrypt(bytes(self.secret_encrypted)).decode()

    @property
    def effective_role(self) -> str:
        """What the key may do: what its owner may, and no more than the role it was issued with."""
        return self.role if self.owner is None else lower(self.role, role_of(self.owner))

    @property
    def is_active(self) -> bool:
        """True if the key is not revoked and its owner, if it has one, is not disabled."""
        return self.revoked is None and (self.owner is None or self.owner.is_active)
