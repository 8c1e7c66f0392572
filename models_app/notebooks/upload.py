"""Puts a file into a running notebook instance by JupyterLab's own interface, which is the same on AWS and here."""

import json
import urllib.request
from http.cookiejar import CookieJar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit

from common.messages import _
from models_app.notebooks.documents import Document
from models_app.problems import Problem

SECONDS = 10.0


def put(link: str, document: Document) -> None:
    """Write `document` where the one-time `link` leads, unless a file of that name is there. Raises Problem."""
    cookies = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    try:
        with opener.open(_request(link), timeout=SECONDS) as page:
            base = urlsplit(page.url)._replace(query="", fragment="").geturl().rpartition("/lab")[0]
        file = f"{base}/api/contents/{quote(document.path)}"
        if _exists(opener, file):
            return
        body = {"type": "notebook", "format": "json", "content": document.content}
        headers = {"Content-Type": "application/json"}
        if token := next((cookie.value for cookie in cookies if cookie.name == "_xsrf"), None):
            headers["X-XSRFToken"] = token
        with opener.open(_request(file, json.dumps(body).encode(), headers, "PUT"), timeout=SECONDS):
            return
    except (URLError, OSError, ValueError) as e:
        raise Problem(
            _(
                "%(name)s could not be put into the notebook: %(why)s. Open JupyterLab, and try again from here.",
                name=document.path,
                why=str(e),
            )
        ) from e


def _exists(opener: urllib.request.OpenerDirector, file: str) -> bool:
    try:
        with opener.open(_request(f"{file}?content=0"), timeout=SECONDS):
            return True
    except HTTPError as e:
        if e.code == 404:
            return False
        raise


def _request(
    url: str, data: bytes | None = None, headers: dict[str, str] | None = None, method: str = "GET"
) -> urllib.request.Request:
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"{url.partition(':')[0]} is no scheme of the web")
    return urllib.request.Request(url, data, headers or {}, method=method)  # noqa: S310 (the scheme is checked)
