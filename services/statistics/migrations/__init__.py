"""The migration history of statistics."""
