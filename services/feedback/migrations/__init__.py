"""The migration history of feedback."""
