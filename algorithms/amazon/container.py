"""The container of Amazon's first-party algorithms: one image, whose tags are 1 and latest."""

from algorithms.container import Container, only_tags

CONTAINER = Container(version=only_tags("1", "latest"))
