"""The interface of a model that answers invocations, whatever process holds it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from tables.unseen import UnseenCategories


class ServedModel(ABC):
    """A model of one variant. For one event loop."""

    size: int  # bytes of its files

    @abstractmethod
    async def start(self) -> None:
        """Make ready for the first request. Raises ModelLoadError."""

    @abstractmethod
    async def answer(
        self, headers: Mapping[str, str], body: bytes, unseen: UnseenCategories | None = None
    ) -> tuple[bytes, str]:
        """The answer's body and content type. Raises InvocationError.

        `unseen` counts the categories that the training data did not have.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of what it holds. Requests that are being answered may fail."""

    def abort(self) -> None:
        """Let go at once: the endpoint is gone. Requests that are being answered fail where they would hold it."""
        self.close()


class ModelLoadError(Exception):
    """The model cannot be loaded; the message says why in plain words."""
