"""The migration history of cards."""
