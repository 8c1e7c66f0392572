"""The quick format_html answers as Django's does."""

import pytest
from django.utils import html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from common.messages import _
from models_app.web import markup

VALUES = ("", "plain", "<b>&\"'", SafeString("<b>"), gettext_lazy("Name"), _("Name"), 3, 2.5, None, "é&amp;")


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
def test_values_are_escaped_as_by_django(value):
    assert markup.conditional_escape(value) == html.conditional_escape(value)
    drawn = markup.format_html("<i>{}</i>", value)
    assert drawn == html.format_html("<i>{}</i>", value)
    assert isinstance(drawn, SafeString)
