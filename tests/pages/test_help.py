"""Help: the project's documentation in the console, every link of it leading somewhere."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.staticfiles import finders

from models_app.help import markdown, pages
from tests.stack import ROOT


@pytest.fixture
def browser(signed_in, vera):
    return signed_in(vera)


@pytest.fixture
def written(settings, tmp_path):
    """written(text) renders `text` as the page docs/notes of a documentation that holds nothing else."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# All\n\n```{toctree}\n:caption: One\n\nnotes\n```\n")
    (tmp_path / "secret.md").write_text("# Secret\n")
    settings.BASE_DIR = tmp_path

    def render(text: str) -> str:
        (tmp_path / "docs" / "notes.md").write_text(text)
        pages.contents.cache_clear()
        pages.known.cache_clear()
        return markdown.render("docs/notes")

    yield render
    pages.contents.cache_clear()
    pages.known.cache_clear()


def test_the_first_page_lists_every_page(browser):
    text = browser.get("/help/").text
    assert len(pages.known()) > 30
    assert all(f'href="/help/{name}/"' in text for name in pages.known() if name != pages.INDEX)
    assert "{toctree}" not in text


def test_every_page_opens_and_every_link_in_it_leads_somewhere(browser):
    linked, lost = set(), []
    opened = {f"/help/{name}/": browser.get(f"/help/{name}/") for name in pages.known()}
    for name in pages.known():
        address = f"/help/{name}/"
        html = opened[address].text
        article = html[html.index("<article") : html.index("</article>")]
        for href in re.findall(r'href="([^"]+)"', article):
            target = urlsplit(urljoin(address, href))
            if not target.netloc:
                linked.add((name, target.path, target.fragment))
        lost += [(name, src) for src in re.findall(r'src="/static/([^"]+)"', article) if not finders.find(src)]
    opened |= {path: browser.get(path) for path in {path for _, path, _ in linked} - opened.keys()}
    lost += [link for link in linked if opened[link[1]].status_code != 200]
    lost += [link for link in linked if link[2] and f'id="{link[2]}"' not in opened[link[1]].text]
    assert len(linked) > 100 and lost == []


def test_the_papers_of_the_project_are_pages():
    assert {"README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG", "docs/reference/settings"} <= pages.known().keys()
    written = {f"docs/{file.relative_to(ROOT / 'docs').with_suffix('')}" for file in (ROOT / "docs").rglob("*.md")}
    assert {name for name in written if not name.startswith("docs/_build")} <= pages.known().keys()


@pytest.mark.parametrize("path", ["docs/none", "docs/../README", "../manage.py", "..%2fmanage", "/etc/passwd", "docs"])
def test_what_is_no_page_is_not_found(browser, path):
    assert browser.get(f"/help/{path}/").status_code == 404


def test_a_file_outside_the_table_of_contents_is_no_page(written, browser):
    written("# Notes\n")
    assert browser.get("/help/docs/notes/").status_code == 200
    assert browser.get("/help/secret/").status_code == 404


def test_raw_html_is_shown_and_not_obeyed(written):
    html = written("# Notes\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1))\n\n`<b>`\n")
    assert "<script" not in html and "&lt;script&gt;" in html
    assert 'href="javascript' not in html
    assert "<code>&lt;b&gt;</code>" in html


def test_code_has_a_button_that_copies_it(written):
    html = written('# Notes\n\n```python\nprint("a & b")\n```\n')
    assert 'data-copy="print(&quot;a &amp; b&quot;)\n"' in html
    assert "<i>print</i>(<u>&quot;a &amp; b&quot;</u>)" in html


def test_links_between_pages_lead_to_help_and_links_to_code_are_words(written):
    html = written("# Notes\n\n[all](index.md#x) [code](../common/a.py) [web](https://a.example) [here](#notes)\n")
    assert '<a href="/help/docs/index/#x">all</a>' in html
    assert '<span title="common/a.py">code</span>' in html
    assert '<a href="https://a.example" rel="noopener noreferrer">web</a>' in html
    assert '<a href="#notes">here</a>' in html


def test_headings_have_the_anchors_of_github(written):
    html = written("# Notes\n\n## What `it` *does*, and why\n\n## Twice\n\n## Twice\n")
    assert re.findall(r'id="([^"]+)"', html) == ["notes", "what-it-does-and-why", "twice", "twice-1"]


def test_the_top_bar_and_the_keyboard_dialog_lead_to_help(browser):
    text = browser.get("/").text
    assert text.count('href="/help/"') == 3
