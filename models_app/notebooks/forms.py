"""The form of a notebook instance, to create one and to change a stopped one."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs import instances as types
from models_app.aws import names

SIZES = ("ml.t3.medium", "ml.m5.xlarge", "ml.m5.2xlarge")
IDLE = {
    60: gettext_lazy("1 hour"),
    30: gettext_lazy("30 minutes"),
    240: gettext_lazy("4 hours"),
    0: gettext_lazy("Never"),
}
MAX_GB = 16_384
MAX_SCRIPT = 12_000  # bytes; AWS takes 16384 characters of Base64


class SettingsForm(forms.Form):
    """Size, idle stop, disk and script. `min_gb` is what the volume has already, and `current` its type."""

    instance_type = forms.ChoiceField(choices=[])
    idle_minutes = forms.TypedChoiceField(choices=list(IDLE.items()), coerce=int, required=False, empty_value="0")
    volume_gb = forms.IntegerField()
    script = forms.CharField(required=False, strip=False)

    def __init__(self, *args, min_gb: int = 5, current: str = "", **options):
        super().__init__(*args, **options)
        self.min_gb = min_gb
        self.fields["instance_type"].choices = [(name, name) for name in sizes(current)]  # type: ignore[attr-defined]

    def clean_volume_gb(self) -> int:
        """The size in GB, within what the volume may have."""
        size = self.cleaned_data["volume_gb"]
        if not self.min_gb <= size <= MAX_GB:
            raise forms.ValidationError(
                _("Enter a whole number from %(least)s to %(most)s. A volume can grow, and never shrinks.")
                % {"least": self.min_gb, "most": f"{MAX_GB:,}"}
            )
        return size

    def clean_script(self) -> str:
        """The script, if it is not longer than SageMaker takes."""
        script = self.cleaned_data["script"].strip()
        size = len(script.encode())
        if size > MAX_SCRIPT:
            words = _("The script has %(size)s bytes, and may have %(most)s. Put the rest into a file in a bucket.")
            raise forms.ValidationError(words % {"size": f"{size:,}", "most": f"{MAX_SCRIPT:,}"})
        return script


class CreateForm(SettingsForm):
    """The settings, and a name."""

    name = forms.CharField(strip=True, max_length=200)

    def clean_name(self) -> str:
        """The name, if SageMaker takes it."""
        name = self.cleaned_data["name"]
        if not names.is_valid(name):
            raise forms.ValidationError(str(names.rule(_("A notebook name"), "churn-work")))
        if name in names.RESERVED:
            raise forms.ValidationError(_("%(name)s is the address of a page. Choose another name.") % {"name": name})
        return name


def sizes(current: str = "") -> list[str]:
    """The types that are offered; `current` among them, whatever it is."""
    return [*SIZES, *([current] if current and current not in SIZES else [])]


def size_tiles(current: str = "") -> list[tuple[str, types.Instance | None]]:
    """(type, what is known of it) of each that is offered."""
    return [(name, types.BY_NAME.get(name)) for name in sizes(current)]


def defaults() -> dict:
    """What the form has at first. Idle stop is on where it is the engine that stops."""
    return {
        "instance_type": SIZES[0],
        "idle_minutes": 60 if settings.BACKEND == "engine" else 0,
        "volume_gb": 5,
        "script": "",
    }
