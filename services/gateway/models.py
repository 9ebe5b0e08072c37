"""The gateway's tables: which tenants have a rush, and how many people took a place. They name nobody.

They have no policy: one transaction a second reads and writes the rows of all tenants.
"""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, MetaData, Table, Text

from shared.models import NAMING

metadata = MetaData(naming_convention=NAMING)

# Tenants whose waiting room is open now. A row that is gone: the rush is over.
rushes = Table(
    "rushes",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("opened_at", DateTime(timezone=True), nullable=False),
)

# How many took a place in a lane of a rush, by the second (since 1970).
rush_places = Table(
    "rush_places",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("opened_at", DateTime(timezone=True), primary_key=True),
    Column("quick", Boolean, primary_key=True),
    Column("second", BigInteger, primary_key=True, autoincrement=False),
    Column("people", Integer, nullable=False),
)
