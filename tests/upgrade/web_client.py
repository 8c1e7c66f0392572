"""A person at the console without a browser: signs in, reads pages, sends forms."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple

TIMEOUT = 120  # seconds


class Page(NamedTuple):
    """A response; `address` is the one after redirects."""

    status: int
    address: str
    text: str


class WebClient:
    """One signed-in person. `language` is the code of the language they chose."""

    def __init__(self, web: str, username: str, password: str, language: str = "en"):
        self.web = web
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))
        sign_in = self.get("/login/")
        self.post("/login/", controls(sign_in.text, "username") | {"username": username, "password": password})
        self.post("/preferences/", {"language": language})

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(self.web + path))

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        """Send a form. The CSRF token is the cookie's, whichever page the fields came from."""
        body = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": self._token()}).encode()
        return self._open(urllib.request.Request(self.web + path, body, {"Referer": self.web, **headers}))

    def put(self, path: str, body: bytes) -> Page:
        headers = {"Referer": self.web, "X-CSRFToken": self._token(), "Content-Type": "application/octet-stream"}
        return self._open(urllib.request.Request(self.web + path, body, headers, method="PUT"))

    def cookies(self) -> set[str]:
        """The names of the cookies it has."""
        return {cookie.name for cookie in self._cookies}

    def _token(self) -> str:
        return next((cookie.value or "" for cookie in self._cookies if cookie.name == "csrftoken"), "")

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=TIMEOUT) as response:
                return Page(response.status, response.url, response.read().decode(errors="replace"))
        except urllib.error.HTTPError as e:
            return Page(e.code, e.url or request.full_url, e.read().decode(errors="replace"))


def controls(html: str, having: str) -> dict[str, str]:
    """{name: value} that a browser would send of the form in `html` that has a control named `having`."""
    parser = _Forms()
    parser.feed(html)
    return next(form for form in parser.forms if having in form)


def buttons(html: str, name: str) -> dict[str, str]:
    """{label: value} of the submit buttons called `name`."""
    matches = re.findall(rf'<button[^>]* name="{name}" value="([^"]*)"[^>]*>([^<]*)', html)
    return {unescape(label).strip(): unescape(value) for value, label in matches}


def links(html: str) -> set[str]:
    """The paths that a page links to, without their fragments."""
    hrefs = (urllib.parse.unquote(href) for href in re.findall(r'href="(/[^"#]*)', html))
    return {href.replace("&amp;", "&") for href in hrefs}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        parameters = {name: value or "" for name, value in attrs}
        name = parameters.get("name", "")
        if tag == "form":
            self.forms.append({})
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea = name
            self._set(name, "")
        elif tag == "option" and self._select and self.forms:
            if "selected" in parameters or self._select not in self.forms[-1]:
                self._set(self._select, parameters.get("value", ""))
        elif tag == "input" and _is_sent(parameters):
            self._set(name, parameters.get("value", "on"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._set(self._textarea, self.forms[-1][self._textarea] + data)

    def _set(self, name: str, value: str) -> None:
        if name and self.forms:
            self.forms[-1][name] = value


def _is_sent(parameters: dict[str, str]) -> bool:
    kind = parameters.get("type", "text")
    return "checked" in parameters if kind in ("checkbox", "radio") else kind not in ("file", "submit")
