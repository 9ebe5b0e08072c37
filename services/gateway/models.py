"""The gateway's tables: accounts of staff, their sessions; switches; kiosks and displays; the waiting room of a rush.

Those of the waiting room, and what is switched on or off now, name nobody and have no policy: one statement reads the
rows of all tenants, again and again.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
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
    true,
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
    Column("must_change_password", Boolean, nullable=False, server_default=false()),  # somebody else has set it
    Column("provider_subject", Text),  # who this is at the tenant's OpenID provider
    Column("totp_secret", LargeBinary),  # sealed
    Column("totp_step", BigInteger, nullable=False, server_default="0"),  # of the last code: each is accepted once
    Column("recovery_hashes", ARRAY(Text), nullable=False, server_default="{}"),
    UniqueConstraint("tenant", "login"),
    UniqueConstraint("provider_subject", "tenant"),
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
    Column("complete", Boolean, nullable=False, server_default=true()),  # false: the code is still asked for
    Index("ix_staff_sessions_account_id", "account_id"),
)

# Wrong passwords and codes of late, by a keyed hash of what they were for: an account's name, an address.
staff_attempts = Table(
    "staff_attempts",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", Moment, nullable=False),
)

audit_entries = audit.table(metadata)

# What is switched on or off now; office '' is the whole tenant, `is_on` NULL: nothing is set there (any more).
# Who did it and why: the change that made this version.
switch_settings = Table(
    "switch_settings",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("office_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("is_on", Boolean),
    Column("version", Integer, nullable=False),
    Column("from_at", Moment, nullable=False),
)

# Each press of a switch: done, to be done at its time, or withdrawn before that.
switch_changes = Table(
    "switch_changes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("office_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_on", Boolean),
    Column("was_on", Boolean),  # what was set before; known when it is done
    Column("at", Moment, nullable=False),  # when it was done, or is to be
    Column("version", Integer),  # that it made; none: it is not done, or nothing was to be changed
    Column("reason", Text, nullable=False),
    Column("set_by", Text, nullable=False),  # the account's id
    Column("set_at", Moment, nullable=False),
    Column("withdrawn_by", Text),
    CheckConstraint("state IN ('scheduled', 'done', 'withdrawn')", name="state"),
    Index("ix_switch_changes_place", "tenant", "office_id", "name", "at"),
)

# Scheduled changes by their time. Narrow and without a policy: what is due is found across tenants.
due_switch_changes = Table(
    "due_switch_changes",
    metadata,
    Column("change_id", Uuid, ForeignKey("switch_changes.id", ondelete="CASCADE"), primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Index("ix_due_switch_changes_due_at", "due_at"),
)

# Kiosks and call displays of offices. The secret is in the link, and once that was used another in the device's cookie
# alone; of it only the hash is here.
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
