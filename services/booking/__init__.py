"""Booking owns offices, desks, opening plans, concerns, availability and appointments.

Its one promise: no desk is ever booked twice for the same time.
"""
