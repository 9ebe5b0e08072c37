"""Cards owns candidate cards, their documents, share grants and view log.

So far only its place: settings, database, sealing keys, health. It offers nothing yet.
"""
