"""The migration history of notifications."""
