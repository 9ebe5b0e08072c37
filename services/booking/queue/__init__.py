"""The queue at an office: everybody who is there today, with an appointment or without, until they have been served.

Whoever changes anything of it holds the office's lock, so that no two desks ever get the same person.
"""
