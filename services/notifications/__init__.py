"""Notifications owns every message to a person, what became of it, and the keys recipients are sealed with.

Nobody else can open a sealed recipient.
"""
