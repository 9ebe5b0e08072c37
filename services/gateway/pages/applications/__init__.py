"""Applications: begun and sent, opened without an account, looked at, asked for, withdrawn; papers handed in."""

from services.gateway.pages.applications import applying, opening, papers, standing
from services.gateway.pages.applications.case import install

__all__ = ["ROUTERS", "install"]
# The links last: any second word would be a token.
ROUTERS = [applying.router, opening.router, papers.router, standing.router, opening.links]
