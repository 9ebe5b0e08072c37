"""What booking's tables are collected in, and made with."""

from sqlalchemy import DateTime, MetaData

from shared.models import NAMING

metadata = MetaData(naming_convention=NAMING)
Moment = DateTime(timezone=True)
