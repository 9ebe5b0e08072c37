"""Papers as files: they come in piece by piece, are checked, and can then be looked at.

`sessions` keeps what has come in, `receiving` reads it from a connection, `checking` makes of it a copy that is safe
to look at, `copies` names and reads what lies in the store, `tidying` deletes what is not needed any more and counts.
"""
