"""Celery's consumer, which outlives a broker that is killed."""

from contextlib import suppress

from celery.worker.consumer import Consumer as CeleryConsumer


class Consumer(CeleryConsumer):
    """Of Celery 5.7 and Kombu 5.7, whose worker ended when Redis was killed while messages were not acknowledged.

    They close the connection twice. The first time ends at the first channel that Redis does not answer, and others
    stay open; the second time these restore their messages, by a connection that is no more. Only in the first one is
    the AttributeError of that ignored, so one more comes before it.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        with suppress(Exception):
            self.connection.close()
        super().on_connection_error_after_connected(exc)
