"""Booking's migration history."""
