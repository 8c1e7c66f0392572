"""`python -m console.restore QUEUE...`: puts back what killed workers of these queues took and never finished.

Only right while no worker of those queues is alive; the supervisor, which knows, calls it. Else they come back after
Celery's visibility timeout.
"""

import json
import sys

from console.celery import app


def restore(*queues: str) -> int:
    """Return the number of messages put back."""
    with app.connection_for_write() as connection, connection.channel() as channel:
        unacked = channel.client.zrange(channel.unacked_index_key, 0, -1)  # unlike HKEYS, sent with the prefix
        back = 0
        for tag in unacked:
            message = channel.client.hget(channel.unacked_key, tag)
            if message and json.loads(message)[2] in queues:
                channel.qos.restore_by_tag(tag)
                back += 1
        return back


if __name__ == "__main__":
    print(restore(*sys.argv[1:]))
