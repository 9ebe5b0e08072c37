"""Values that stand in several events. None of them names a person."""

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """Base of all values in events."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SealedRecipient(Value):
    """A recipient only notifications can read."""

    key_id: str = Field(description="The public key it was sealed with.")
    box: str = Field(description="libsodium sealed box, base64; inside: e-mail, name, language, personal values.")


class Address(Value):
    """Where an office is."""

    street: str
    postcode: str
    city: str


class Office(Value):
    """What a person or a figure needs to know of an office."""

    id: str
    name: str
    address: Address
    zone: str = Field(description="IANA time zone in which its times are shown.")
    phone: str = ""


class Concern(Value):
    """What somebody comes for."""

    id: str
    name: dict[str, str] = Field(description="By language.")
    papers: dict[str, list[str]] = Field(description="What to bring, by language.")


class Paper(Value):
    """A paper that an application needs."""

    id: str = Field(description="Of the item in the application's list.")
    name: dict[str, str] = Field(description="By language; the official German name is that of `de`.")
