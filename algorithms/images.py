"""Container images: what an image URI says, and the images of an algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

_DOMAINS = {"cn-": "amazonaws.com.cn", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov"}


class ImageUri(NamedTuple):
    """The parts of REGISTRY/REPOSITORY:TAG@DIGEST. `tag` and `digest` are "" where the URI has none."""

    registry: str
    repository: str
    tag: str
    digest: str


def parse_image_uri(uri: str) -> ImageUri:
    """Split an image URI. Never raises: what has no "/" is a repository without a registry."""
    registry, _slash, name = uri.rpartition("/")
    name, _at, digest = name.partition("@")
    repository, _colon, tag = name.partition(":")
    return ImageUri(registry, repository, tag, digest)


_OTHER_TAGS = {"1": ("latest",)}  # Amazon publishes the images of its own algorithms under both


@dataclass(frozen=True, eq=False)
class Images:
    """The registry accounts, repository and tag of the algorithm's container."""

    repository: str
    tag: str
    accounts: Mapping[str, str]  # region -> registry account
    other_repositories: tuple[str, ...] = ()  # for example of older images
    default_region: str = "us-east-1"  # its account stands in for a region missing from `accounts`

    def uri(self, region: str) -> str:
        """Return the image URI in `region`."""
        account = self.accounts.get(region) or self.accounts[self.default_region]
        domain = next((d for prefix, d in _DOMAINS.items() if region.startswith(prefix)), "amazonaws.com")
        return f"{account}.dkr.ecr.{region}.{domain}/{self.repository}:{self.tag}"

    def includes(self, image_uri: str) -> bool:
        """True if this is one of the algorithm's images, in any registry and with any tag or digest."""
        repository = parse_image_uri(image_uri).repository
        return repository == self.repository or repository in self.other_repositories

    def substitution(self, image_uri: str) -> str:
        """Say which version takes the place of the image's; "" if the image is the algorithm's own."""
        image = parse_image_uri(image_uri)
        own_tags = ("", self.tag, *_OTHER_TAGS.get(self.tag, ()))
        if image.repository == self.repository and image.tag in own_tags and not image.digest:
            return ""
        version = f"@{image.digest}" if image.digest else f":{image.tag or 'latest'}"
        own = f"{self.repository}:{self.tag}"
        return f"{image.repository}{version} is not available here; {own} takes its place, and results may differ."
