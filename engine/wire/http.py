"""A request and a response of HTTP, apart from any web server."""

from dataclasses import dataclass, field

MAX_BODY = 6 * 1024 * 1024  # bytes of a control-plane request; the largest SageMaker takes is far smaller


@dataclass(frozen=True)
class HttpRequest:
    """`path` and `query` are raw, as they came over the wire; header names are lower-case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; "" when none is given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass
class HttpResponse:
    """What the control plane sends back, whatever the protocol."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
