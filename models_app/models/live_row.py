"""A row with a status that pages follow: its moves and words go on its timeline, and each change nudges its pages."""

from typing import Any

from django.dispatch import Signal

from common.db.nudge import nudge
from common.db.status import StatusRow
from models_app.models.message_field import MessageField

row_moved = Signal()  # sent in the transaction of each move, with row, was, became and at


class LiveRow(StatusRow):
    """What a training job and an endpoint share. `events` is the timeline, by Event's foreign key."""

    EVENT_TEXTS: dict[str, str] = {}  # status -> what the timeline says of reaching it
    events: Any
    model_id: int | None
    TOPICS: tuple[str, str]  # of the list, and of one row, such as ("jobs", "job")

    note = MessageField(blank=True, help_text="What it waits for, in words.")

    class Meta:
        abstract = True

    def moved(self, was, became, at) -> None:
        """Write an event, announce the move, and have the pages that show the row ask again."""
        self.events.create(was=was, became=became, at=at, text=self.EVENT_TEXTS.get(became, ""))
        row_moved.send(type(self), row=self, was=was, became=became, at=at)
        self.changed()

    def say(self, text: str) -> None:
        """Put the message `text` on the timeline."""
        self.events.create(text=text)
        self.changed()

    def show_note(self, message: str) -> None:
        """Show on the row's pages what it waits for."""
        type(self)._default_manager.filter(pk=self.pk).update(note=message)
        self.note = message
        self.changed()

    def changed(self) -> None:
        """Nudge the pages that show this row, and those of the model it belongs to."""
        every, one = self.TOPICS
        nudge(every, f"{one}-{self.pk}", *(["models", f"model-{self.model_id}"] if self.model_id else []))
