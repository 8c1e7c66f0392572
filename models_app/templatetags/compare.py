"""The tag of the comparison's cells."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from models_app.web.svg import n

register = template.Library()
FILL = {"up": "wb-g", "down": "wb-p", "": "wb-0"}


@register.simple_tag
def change_bar(share: float, tone: str) -> SafeString:
    """A bar from the middle to the left or the right, as long as `share` (-1 to 1) of the half says."""
    width = max(1.0, abs(share) * 50)
    return format_html(
        '<svg class="wbar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="M50,0V8"/><rect class="{}" x="{}" y="0" width="{}" height="8"/></svg>',
        *(FILL[tone], n(50 - width if share < 0 else 50), n(width)),
    )
