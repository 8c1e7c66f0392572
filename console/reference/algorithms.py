"""Renders docs/reference/algorithms/ from the declarations of the algorithms."""

from collections.abc import Iterator
from importlib import import_module

from algorithms import BUILT_IN
from algorithms.parameters import Hyperparameter
from algorithms.spec import Algorithm
from console.reference.markdown import NOTE, code, table

INDEX = f"""# Algorithms

{NOTE}
Each has AWS's name, hyperparameters, channels, formats, metrics and log lines.
"""
PAGE = """# {title}

{note}
{help} Tasks: {tasks}.

- Image: `{repository}:{tag}`
- Content types of requests: {content_types}
- Content types of responses: {accepts}
- What equals AWS's and what differs: [README](../../../algorithms/{folder}/README.md)
{on_aws}"""


def pages() -> Iterator[tuple[str, str]]:
    """(path, Markdown) of the index and of a page for each algorithm of this project."""
    catalogue = {folder: import_module(f"algorithms.{folder}").ALGORITHM for folder in BUILT_IN}
    rows = [(f"[{a.title}]({folder}.md)", code(a.name), ", ".join(a.tasks), a.help) for folder, a in catalogue.items()]
    yield "algorithms/index.md", INDEX + table(("algorithm", "name", "tasks", "what it is"), rows)
    yield from ((f"algorithms/{folder}.md", _page(folder, algorithm)) for folder, algorithm in catalogue.items())


def _page(folder: str, algorithm: Algorithm) -> str:
    head = PAGE.format(
        note=NOTE,
        title=algorithm.title,
        help=algorithm.help,
        folder=folder,
        tasks=", ".join(algorithm.tasks).lower(),
        repository=algorithm.images.repository,
        tag=algorithm.images.tag,
        content_types=_codes(algorithm.content_types),
        accepts=_codes(algorithm.accepts),
        on_aws=f"- {algorithm.needs_on_aws}\n" if algorithm.needs_on_aws else "",
    )
    return head + _hyperparameters(algorithm) + _channels(algorithm) + _metrics(algorithm)


def _hyperparameters(algorithm: Algorithm) -> str:
    rows = [
        (code(h.name) + (" (required)" if h.required else ""), h.describe_range(), code(_default(h)), h.help)
        for h in algorithm.hyperparameters
        if not h.internal
    ]
    return f"\n## Hyperparameters\n{table(('name', 'accepts', 'default', 'meaning'), rows)}"


def _default(hyperparameter: Hyperparameter) -> object:
    return "" if hyperparameter.default is None else hyperparameter.default


def _channels(algorithm: Algorithm) -> str:
    rows = [
        (code(c.name) + (" (required)" if c.required else ""), _codes(c.content_types), _codes(c.input_modes), c.help)
        for c in algorithm.channels
    ]
    return f"\n## Channels\n{table(('channel', 'content types', 'input modes', 'meaning'), rows)}"


def _metrics(algorithm: Algorithm) -> str:
    better = {"max": "higher is better", "min": "lower is better"}
    rows = [
        (code(m.name), better[m.goal] if m.quality else "progress", "yes" if m.tunable else "no")
        for m in algorithm.metrics
    ]
    return f"\n## Metrics\n{table(('metric', 'direction', 'tuning objective'), rows)}"


def _codes(words: tuple[str, ...]) -> str:
    return ", ".join(code(word) for word in words)
