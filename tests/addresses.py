"""The console's addresses, read from its URL conf."""

from collections.abc import Iterator, Mapping

from django.urls import URLPattern, URLResolver, get_resolver, reverse


def addresses() -> list[URLPattern]:
    """Every address but the admin's."""
    return list(_inside(get_resolver().url_patterns))


def url_of(pattern: URLPattern, arguments: Mapping[str, Mapping[str, object]]) -> str:
    """The address with a value for each of its parts; `arguments` are by first word of the path, "" for all of them."""
    parameters = {**arguments.get("", {}), **arguments.get(str(pattern.pattern).split("/")[0], {})}
    return reverse(pattern.name, kwargs={name: parameters[name] for name in pattern.pattern.converters})


def _inside(patterns) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif isinstance(pattern, URLResolver) and pattern.app_name != "admin":
            yield from _inside(pattern.url_patterns)
