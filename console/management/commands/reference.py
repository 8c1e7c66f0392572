"""`manage.py reference`: writes the pages of docs/reference/ from the code."""

from django.conf import settings
from django.core.management.base import BaseCommand

from console.reference import pages


class Command(BaseCommand):
    help = "Write docs/reference/ from the code. A test fails while a page is not what this writes."

    def handle(self, *args, **options):
        folder = settings.BASE_DIR / "docs" / "reference"
        current = dict(pages())
        for path in sorted(folder.rglob("*.md")):
            if path.relative_to(folder).as_posix() not in current:
                path.unlink()
        for name, text in current.items():
            file = folder / name
            if not file.exists() or file.read_text() != text:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
                self.stdout.write(f"written: {name}")
