"""Feedback owns call-back requests, satisfaction answers and staff suggestions.

So far only its place: settings, database, sealing keys, health. It offers nothing yet.
"""
