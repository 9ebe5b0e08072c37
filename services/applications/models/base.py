"""What all of applications' tables share."""

from sqlalchemy import DateTime, MetaData

from shared.models import NAMING

metadata = MetaData(naming_convention=NAMING)
Moment = DateTime(timezone=True)
