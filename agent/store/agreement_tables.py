"""The table of first words (state): what takes two people waits here for the second."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from agent.store.columns import UtcDateTime


class AgreementRow(SQLModel, table=True):
    """The first of two people's words on a matter; gone once the second was said."""

    __tablename__ = "agreement"
    matter: str = Field(primary_key=True)
    by: str
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
