"""Papers that people send in: known by content, drawn anew in a child process, scanned, sealed, kept.

`pipeline.prepare` makes of a photo or PDF a copy that is safe to look at, `pipeline.combine` one PDF/A of several;
`scanner` asks ClamAV; `sealed` encrypts; `store` keeps. Nothing here knows what a paper is for.
"""
