"""Renders docs/reference/statuses.md from the rows that have a status."""

from django.apps import apps

from common.db.status import StatusRow
from console.reference.markdown import NOTE, code, table

HEAD = f"""# Statuses

{NOTE}
A status value is AWS's own word where AWS has one. A row moves along the arrows only; a status with no next one is
final. `Stopped` is neither success nor failure.
"""
HALVES = {"models_app": "console", "engine": "engine"}


def render() -> str:
    """The page: a table of statuses for each kind of row."""
    parts = [HEAD]
    for model in sorted((m for m in apps.get_models() if issubclass(m, StatusRow)), key=lambda m: m._meta.label):
        words = dict(model._meta.get_field("status").choices or ())  # type: ignore[misc]  # a field of each subclass
        rows = [
            (code(status), str(word), ", ".join(code(n) for n in model.MOVES.get(status, ())) or "final")
            for status, word in words.items()
        ]
        title = f"{model.__name__} in the {HALVES[model._meta.app_label]}"
        parts.append(f"\n## {title}\n{table(('status', 'word for a person', 'next'), rows)}")
    return "".join(parts)
