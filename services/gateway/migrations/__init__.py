"""The migration history of gateway."""
