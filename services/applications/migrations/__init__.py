"""The migration history of applications."""
