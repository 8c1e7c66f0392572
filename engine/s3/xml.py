"""The small XML documents of S3's settings."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from engine.auth.errors import RequestError

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
MAX_DEPTH = 32  # elements within each other; S3's documents have at most eight
MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"


def malformed() -> RequestError:
    """Return the error for a body that is not the document that its operation takes."""
    return RequestError(MALFORMED, "MalformedXML", 400)


class _Shallow(ElementTree.TreeBuilder):
    """Builds the tree. Raises ValueError for one that whoever walks it by recursion would not come back from."""

    depth = 0

    def start(self, tag: str, attrs: dict) -> Element:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError("too deep")
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        self.depth -= 1
        return super().end(tag)


def parse(body: bytes, root: str) -> Element:
    """Return the element `root` that `body` is, names without namespaces. Raises RequestError (MalformedXML)."""
    if b"<!" in body:  # entities could grow without bound; S3 takes no document type
        raise malformed()
    try:
        element = ElementTree.fromstring(body, ElementTree.XMLParser(target=_Shallow()))  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError):
        raise malformed() from None
    for each in element.iter():
        each.tag = each.tag.rpartition("}")[2]
    if element.tag != root:
        raise malformed()
    return element


def flag(element: Element, path: str, default: bool = False) -> bool:
    """Return the boolean at `path` below `element`. Raises RequestError (MalformedXML)."""
    text = (element.findtext(path) or "").strip().lower()
    if text not in ("", "true", "false"):
        raise malformed()
    return text == "true" if text else default


def document(root: str, inner: str) -> bytes:
    """Return the document with the element `root` around `inner`, which is XML."""
    return f'{HEAD}<{root} xmlns="{NAMESPACE}">{inner}</{root}>'.encode()


def tag(name: str, value: str | bool) -> str:
    """Return the element `name` with a text or a boolean in it."""
    return f"<{name}>{escape(value) if isinstance(value, str) else str(value).lower()}</{name}>"
