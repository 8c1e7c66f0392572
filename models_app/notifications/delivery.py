"""The background work that sends a notification by e-mail or webhook, and tries again for two days."""

from common.db.work import Work
from common.messages import _
from models_app.models import Delivery

# Seconds until the next try after each one that failed.
BACK_OFF = (5, 60, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600)
TIME_LIMIT = 2 * 86400


class Sending(Work[Delivery]):
    """One delivery for each person, event and channel. A try that was cut short is sent again under the same id."""

    model = Delivery
    task = "models_app.notifications.tasks.deliver"
    runner = "models_app.notifications.senders.deliver"
    waiting = Delivery.DUE
    max_attempts = len(BACK_OFF) + 1

    def time_limit(self, row: Delivery) -> float:
        """Seconds after which a delivery is given up."""
        return TIME_LIMIT

    def give_up(self, row: Delivery, cause: Exception) -> None:
        """Mark the delivery as failed after its last try; the notification stays in the bell."""
        row.move_to(Delivery.Status.FAILED, problem=row.problem or _("It could not be sent."))


DELIVERY = Sending()
