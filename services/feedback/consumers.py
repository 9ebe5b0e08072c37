"""The Kafka door of feedback."""

from shared.contracts.notifications import KeyAnnounced
from shared.sealing import on_key_announced

HANDLERS = {KeyAnnounced: on_key_announced}
