"""The columns of the list of endpoints."""

from typing import Any

from django.contrib.auth.models import User
from django.template.defaultfilters import floatformat
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import amounts
from models_app.models import Endpoint, Model
from models_app.templatetags import console as draw
from models_app.text import formats
from models_app.training.list_parts import NUMBER, origin, status_cell
from models_app.web.addresses import address
from models_app.web.lists.kind import DASH, Column, unread
from models_app.web.markup import format_html

# Fields that the list does not read.
UNREAD = (
    "latency_p50",
    *("described", "old_configs", "masked_columns", "drift", "load_test", "intent", "artifact"),
    *unread(User, "owner", "username"),
    *unread(Model, "model", "name"),
)


def _name(endpoint: Endpoint) -> SafeString:
    link = format_html('<a class="t-name" href="{}">{}</a>', address("endpoint", endpoint.name), endpoint.name)
    return format_html('{}<span class="t-sub">{}</span>', link, origin(endpoint))


def _model(endpoint: Endpoint) -> SafeString:
    model = endpoint.model
    link = format_html('<a href="{}">{}</a>', address("model", model.name), model.name) if model else DASH
    return format_html('{}<span class="t-sub nowrap">{}</span>', link, endpoint.instance_type or "-")


def _requests(endpoint: Endpoint) -> SafeString:
    if not endpoint.traffic_at:
        return DASH
    curve = draw.spark(endpoint.hours) if endpoint.requests else ""
    words = '<a class="c-req" href="{}"><span>{}</span>{}</a>'
    return format_html(words, address("endpoint_traffic", endpoint.name), f"{endpoint.requests:,}", curve)


def _latency(endpoint: Endpoint) -> Any:
    return DASH if endpoint.latency_p95 is None else formats.milliseconds(endpoint.latency_p95)


def _errors(endpoint: Endpoint) -> SafeString:
    if not endpoint.requests:
        return DASH
    cls = SafeString(' class="is-down"') if endpoint.errors else ""
    share = floatformat(endpoint.error_share, 2)
    return format_html('<span{} title="{}%">{}</span>', cls, share, f"{endpoint.errors:,}")


def _cost(endpoint: Endpoint) -> Any:
    if endpoint.status == Endpoint.Status.FAILED:
        return DASH  # it has no instances
    price, so_far = amounts.money(endpoint.day_price), endpoint.price_so_far
    if so_far is None:
        return price
    words = _("%(cost)s so far") % {"cost": amounts.money(so_far)}
    return format_html('{}<span class="t-sub">{}</span>', price, words)


def _last_request(endpoint: Endpoint) -> SafeString:
    when = draw.ago(endpoint.last_request) if endpoint.last_request else None
    words = when or (_("Never") if endpoint.traffic_at else "-")
    if endpoint.is_idle:
        return format_html('<b class="is-w" title="{}">{}</b>', _("The endpoint is idle"), words)
    return when or format_html('<span class="dim">{}</span>', words)


COLUMNS = (
    Column("name", gettext_lazy("Name"), _name, cls="c-name"),
    Column("status", gettext_lazy("Status"), status_cell, cls="c-status"),
    Column("model", gettext_lazy("Model"), _model, cls="c-model"),
    Column("requests", gettext_lazy("Requests, 24 h"), _requests),
    Column("latency", gettext_lazy("Latency p95"), _latency, cls=NUMBER),
    Column("errors", gettext_lazy("Errors"), _errors, cls="num"),
    Column("cost", gettext_lazy("Cost per day"), _cost, cls=NUMBER),
    Column("last", gettext_lazy("Last request"), _last_request, cls="nowrap sec"),
    Column("created", gettext_lazy("Created"), lambda endpoint: draw.ago(endpoint.created), cls="nowrap sec"),
)
