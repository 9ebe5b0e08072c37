"""The Kafka door of feedback."""

from shared.contracts.notifications import KeyAnnounced
from shared.inbox import Handlers
from shared.sealing import on_key_announced

HANDLERS: Handlers = {KeyAnnounced: on_key_announced}
