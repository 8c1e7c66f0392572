"""`manage.py messages`: brings locale/*/django.po up to date with the sources and compiles them.

Babel does it, in Python alone: Django's own makemessages needs GNU gettext on the machine. The compiled catalogues are
committed, so that a start needs neither.
"""

import ast
import io
from collections.abc import Iterator

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.template import templatize

import algorithms
from console import samples
from jobs import instances
from models_app.text import failure_categories, failure_causes

FOLDERS = ("algorithms", "common", "console", "evaluation", "jobs", "models_app", "preflight", "tables")
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
# What the arguments of each of these are.
PYTHON: dict[str, tuple[str, ...]] = dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), ("one",))
PYTHON |= dict.fromkeys(("ngettext", "ngettext_lazy"), ("one", "many"))
PYTHON |= dict.fromkeys(("pgettext", "pgettext_lazy"), ("context", "one"))
PYTHON |= dict.fromkeys(("npgettext", "npgettext_lazy"), ("context", "one", "many"))


class Command(BaseCommand):
    help = "Update and compile the translations; --check only says whether they are current."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing, fail if a catalogue is not current")

    def handle(self, *args, check=False, **options):
        from babel.messages import mofile, pofile

        template, stale = catalogue(), []
        for path in sorted((settings.BASE_DIR / "locale").glob("*/LC_MESSAGES/django.po")):
            with path.open("rb") as file:
                translations = pofile.read_po(file, locale=path.parts[-3])
            translations.update(template, no_fuzzy_matching=True, update_creation_date=False)
            translations.obsolete.clear()
            text, compiled = io.BytesIO(), io.BytesIO()
            pofile.write_po(text, translations, width=120, no_location=True, omit_header=False, sort_output=True)
            mofile.write_mo(compiled, translations)
            for target, rendered in ((path, text), (path.with_suffix(".mo"), compiled)):
                if not target.exists() or target.read_bytes() != rendered.getvalue():
                    stale.append(str(target.relative_to(settings.BASE_DIR)))
                    if not check:
                        target.write_bytes(rendered.getvalue())
            missing = sum(1 for message in translations if message.id and not _translated(message))
            self.stdout.write(f"{path.parts[-3]}: {len(translations)} messages, {missing} not translated")
        if check and stale:
            raise SystemExit(f"not current: {', '.join(stale)}. Run `python3 run manage messages`.")


def catalogue():
    """Every message of the sources, templates and algorithm declarations."""
    from babel.messages.catalog import Catalog

    catalog = Catalog(charset="utf-8")
    for line_of_messages in (_python(), _templates(), _declared()):
        for message, context in line_of_messages:
            catalog.add(message, context=context)
    return catalog


def _python() -> Iterator[tuple]:
    """The calls of gettext's names with literal texts; read from the syntax tree, since values may be f-strings."""
    for folder in FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and (spec := PYTHON.get(_name(node.func))):
                    texts = [getattr(raw, "value", None) for raw in node.args[: len(spec)]]
                    if len(texts) == len(spec) and all(isinstance(text, str) for text in texts):
                        arguments = dict(zip(spec, texts, strict=True))
                        many = arguments.get("many")
                        yield (arguments["one"], many) if many else arguments["one"], arguments.get("context")


def _name(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")


def _templates() -> Iterator[tuple]:
    from babel.messages.extract import extract

    for path in sorted((settings.BASE_DIR / "templates").rglob("*.html")):
        source = io.BytesIO(templatize(path.read_text(), origin=str(path)).encode())
        # What templatize makes is calls between filler; only the JavaScript reader takes that without a syntax tree.
        for _line, message, _comments, context in extract("javascript", source, keywords=KEYWORDS):
            yield message, context


def _declared() -> Iterator[tuple]:
    """What the catalogue of algorithms says to a person; the pages translate it when they show it."""
    for algorithm in algorithms.ALGORITHMS.values():
        yield from ((text, None) for text in (algorithm.help, algorithm.group, algorithm.needs_on_aws) if text)
        yield from ((task, None) for task in algorithm.tasks)
        yield from ((preset, None) for preset in algorithm.presets)
        for spec in algorithm.hyperparameters:
            yield spec.help, None
    yield from ((text, None) for text in (*failure_causes.messages(), *failure_categories.messages()))
    for offer in samples.OFFERS:
        yield offer.title, None
    for family in instances.FAMILIES:
        yield family.title, None


def _translated(message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)
