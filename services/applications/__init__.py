"""Applications owns applications, their status history, checklists and uploaded documents.

So far only its place: settings, database, sealing keys, health. It offers nothing yet.
"""
