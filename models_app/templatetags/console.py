"""The console's template tags: pictures, status words, numbers. Each draws one component of the design."""

from datetime import UTC
from functools import lru_cache
from urllib.parse import unquote

from django import template
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from algorithms import ALGORITHMS
from common import amounts
from common.s3_uri import split_s3_uri
from jobs import instances
from jobs.code.kinds import ALGORITHM as CODE
from jobs.code.kinds import TITLE as CODE_TITLE
from jobs.tuning import search as tuning_search
from models_app.account import roles
from models_app.text import formats
from models_app.text.translations import gettext
from models_app.web import svg
from models_app.web.markup import format_html

register = template.Library()

register.simple_tag(svg.rail, name="rail")
register.simple_tag(svg.bar, name="bar")
register.simple_tag(svg.hist, name="hist")
register.filter("bytes", formats.size)
register.filter("money", amounts.money)
register.filter("rate", amounts.rate)
register.filter("duration", amounts.duration)
register.filter("milliseconds", formats.milliseconds)
register.filter("metric", formats.metric)
register.filter("metric_name", formats.metric_name)


@register.simple_tag
def prices_as_of() -> tuple[str, str]:
    """(day, Region) of the prices that the pages show."""
    return instances.PRICE_DATE


@register.simple_tag
@lru_cache(maxsize=128)
def icon(name: str) -> SafeString:
    """A stroke icon of the sprite, 16 px."""
    return format_html('<svg class="icon" width="16" height="16" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
@lru_cache(maxsize=32)
def sicon(tone: str) -> SafeString:
    """A status icon: its shape says what its colour says."""
    return format_html(
        '<svg class="sicon s-{0}" width="16" height="16" aria-hidden="true"><use href="#s-{0}"/></svg>', tone
    )


@register.simple_tag
@lru_cache(maxsize=256)
def badge(tone: str, word: str, raw: str = "") -> SafeString:
    """Shape, colour and word; `raw` is AWS's own value, shown as the tooltip."""
    title = format_html(' title="{}"', raw) if raw else ""
    return format_html('<span class="st st--{}"{}>{}<span>{}</span></span>', tone, title, sicon(tone), word)


@register.simple_tag
def status(thing) -> SafeString:
    """The status of a model, a job or an endpoint: anything with `tone` and `status_word`."""
    return badge(thing.tone, gettext(thing.status_word), getattr(thing, "status", ""))


@register.simple_tag
def spark(values, upto=1.0, tone: str = "") -> SafeString:
    """A small curve of `values`, drawn to the share `upto` of its width."""
    return svg.spark(values or (), upto, tone)


@register.inclusion_tag("partials/plot.html")
def plot(series, title: str, summary: str, x_end=None, goal=None, metric: str = "", table=None) -> dict:
    """A learning curve with legend, axes, its finding in words and its data; `metric` formats the legend's values."""
    series = list(series)
    legend = [(s, formats.metric(s.last, metric)) for s in series]
    drawn = svg.plot(series, title=title, summary=summary, x_end=x_end, goal=goal)
    return {"plot": drawn, "legend": legend, "summary": summary, "goal": goal, "title": title, "table": table}


@register.simple_tag
def ago(at) -> SafeString:
    """A moment as people say it; the exact one is in the tooltip. console.js keeps it fresh."""
    if at is None:
        return SafeString('<span class="dim">-</span>')
    return format_html('<time datetime="{}" title="{}" data-ago>{}</time>', at.isoformat(), moment(at), formats.ago(at))


@register.simple_tag
def at(moment_in_time, form: str = "Y-m-d H:i") -> SafeString:
    """A moment as Django's date `form` writes it, in the person's zone; the exact one, and UTC's, in the tooltip."""
    if not moment_in_time:
        return SafeString("-")
    words = date_format(localtime(moment_in_time), form)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment_in_time.isoformat(), moment(moment_in_time), words
    )


@register.filter
def moment(at) -> str:
    """An absolute moment, to the second, in the person's zone, and in UTC where that is another one."""
    if not at:
        return "-"
    here, utc = f"{localtime(at):%Y-%m-%d %H:%M:%S %Z}", f"{localtime(at, UTC):%Y-%m-%d %H:%M:%S %Z}"
    return here if here == utc else f"{here}, {utc}"


@register.filter
def clock(at) -> str:
    """The local time of day; "-" without one."""
    return f"{localtime(at):%H:%M:%S}" if at else "-"


@register.filter
def day_or_clock(at) -> str:
    """The time of a moment of today, in the person's zone; the day, and the time to the minute, of another one."""
    if not at:
        return "-"
    here = localtime(at)
    return f"{here:%H:%M:%S}" if here.date() == localtime().date() else f"{formats.month_day(here)} {here:%H:%M}"


@register.filter
def basename(uri: str) -> str:
    """The last part of an S3 address: "train.csv", or "weekly/" for a prefix."""
    return unquote(uri.rstrip("/").rpartition("/")[2] + ("/" if uri.endswith("/") else ""))


@register.filter
def bucket_of(uri: str) -> str:
    """The bucket of an S3 address."""
    return split_s3_uri(uri).bucket


@register.filter
def key_of(uri: str) -> str:
    """The key of an S3 address."""
    return split_s3_uri(uri).key


@register.filter
def changeable_by(thing, user) -> bool:
    """Whether `user` may change `thing`; buttons a person may not press are not shown."""
    return roles.may_change(user, thing)


@register.filter
def item(mapping, key):
    """An entry of a mapping; "" when there is none."""
    return mapping.get(key, "")


@register.filter
def algorithm_title(name: str) -> str:
    """The catalogue's title for an algorithm's name; a name it does not know is shown as it is."""
    if name == CODE:
        return gettext(CODE_TITLE)
    algorithm = ALGORITHMS.get(name)
    return algorithm.title if algorithm else name or "-"


@register.filter
def can_tune(name: str) -> bool:
    """True if a tuning job can be made of the algorithm of this name."""
    return name in ALGORITHMS and tuning_search.can_tune(ALGORITHMS[name])


@register.filter
def commas(count) -> str:
    """A count with separators between thousands; "-" for what is no number."""
    return f"{count:,}" if isinstance(count, int | float) else "-"


@register.filter
def curve_tone(thing) -> str:
    """The colour of a sparkline: red after a failure, grey after a stop, else the brand's."""
    return {"err": "bad", "stop": "mute"}.get(thing.tone, "")
