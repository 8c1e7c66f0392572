"""Fragments: rendered once for what they name, blind to everything else of the page."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.translation import override

LOAD = "{% load fragments i18n %}"


def rendered(template: Template, **variables) -> str:
    return template.render(Context(variables))


class Counted:
    """A value that counts how often a template prints it."""

    def __init__(self):
        self.count = 0

    def __str__(self) -> str:
        self.count += 1
        return "printed"


def test_a_fragment_is_rendered_once_for_each_value_and_language():
    role, template = (
        Counted(),
        Template(LOAD + '{% fragment role %}{{ role }} {% translate "Delete" %}{% endfragment %}'),
    )
    with override("en"):
        assert {rendered(template, role=role) for _ in range(3)} == {"printed Delete"}
        assert role.count == 1
    with override("ko"):
        assert rendered(template, role=role) == "printed 삭제"
    assert rendered(template, role="viewer").startswith("viewer")


def test_nothing_that_is_not_named_gets_into_a_fragment():
    template = Template(LOAD + "{% fragment role %}{{ role }}{{ name }}{% endfragment %}")
    assert rendered(template, role="editor", name="alice") == "editor"


def test_what_differs_by_request_is_rendered_each_time_with_all_of_the_page():
    template = Template(LOAD + "{% fragment %}<b>{% per_request %}{{ name }}{% endper_request %}</b>{% endfragment %}")
    assert [rendered(template, name=name) for name in ("alice", "<bob>")] == ["<b>alice</b>", "<b>&lt;bob&gt;</b>"]
    assert rendered(Template(LOAD + "{% per_request %}{{ name }}{% endper_request %}"), name="alone") == "alone"


def test_what_looks_like_a_mark_is_text():
    template = Template(LOAD + "{% fragment a %}{{ a }}{% per_request %}!{% endper_request %}{% endfragment %}")
    assert rendered(template, a="\ue0040 0\ue005") == "\ue0040 0\ue005!"


def test_a_form_in_a_fragment_must_get_its_token_each_time():
    template = Template(LOAD + "{% fragment %}{% csrf_token %}{% endfragment %}")
    with pytest.raises(TemplateSyntaxError, match="per_request"):
        rendered(template, csrf_token="t")
    template = Template(LOAD + "{% fragment %}{% per_request %}{% csrf_token %}{% endper_request %}{% endfragment %}")
    assert 'value="t"' in rendered(template, csrf_token="t")


def test_a_fragment_keeps_few_values():
    template = Template(LOAD + "{% fragment n %}{{ n }}{% endfragment %}")
    assert [rendered(template, n=n) for n in range(200)] == [str(n) for n in range(200)]
    (fragment,) = [node for node in template.nodelist if hasattr(node, "rendered")]
    assert len(fragment.rendered) <= 64
