"""The gateway's tables: accounts of staff and their sessions; kiosks and displays; the waiting room of a rush.

Those of the waiting room name nobody and have no policy: one transaction a second reads and writes the rows of all
tenants.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
)
from sqlalchemy.dialects.postgresql import ARRAY

from shared import audit
from shared.models import NAMING

metadata = MetaData(naming_convention=NAMING)
Moment = DateTime(timezone=True)

staff_accounts = Table(
    "staff_accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("password_hash", Text),  # none: signs in elsewhere
    Column("roles", ARRAY(Text), nullable=False),
    Column("offices", ARRAY(Text), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
    Column("is_demo", Boolean, nullable=False, server_default=false()),  # lets in at the embedded start only
    UniqueConstraint("tenant", "login"),
)

# Who is signed in. The key is in the browser's cookie alone; of it only the hash is here.
staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("key_hash", LargeBinary, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("account_id", Uuid, ForeignKey("staff_accounts.id", ondelete="CASCADE"), nullable=False),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_staff_sessions_account_id", "account_id"),
)

audit_entries = audit.table(metadata)

# Kiosks and call displays of offices. The secret is in the device's cookie alone; of it only the hash is here.
devices = Table(
    "devices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    UniqueConstraint("secret_hash"),
    Index("ix_devices_office_id", "tenant", "office_id"),
)

# Tenants whose waiting room is open now. A row that is gone: the rush is over.
rushes = Table(
    "rushes",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("opened_at", Moment, nullable=False),
)

# How many took a place in a lane of a rush, by the second (since 1970).
rush_places = Table(
    "rush_places",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("opened_at", Moment, primary_key=True),
    Column("quick", Boolean, primary_key=True),
    Column("second", BigInteger, primary_key=True, autoincrement=False),
    Column("people", Integer, nullable=False),
)
