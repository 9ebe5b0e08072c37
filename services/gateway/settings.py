"""Settings of the gateway."""

from pydantic import Field, SecretStr

from shared.settings import Settings


class GatewaySettings(Settings):
    """What the gateway needs to know beyond what every service does."""

    service = "gateway"
    identity_private_key: SecretStr = Field(
        description="Key (Ed25519, PKCS#8 PEM) that signs who asks; for the gateway alone. The services get its public "
        "half as `IDENTITY_PUBLIC_KEYS`."
    )
    booking_url: str = Field("http://127.0.0.1:8001", description="Where the gateway reaches booking.")
    statistics_url: str = Field("http://127.0.0.1:8005", description="Where the gateway reaches statistics.")
    backend_timeout_seconds: float = Field(10, description="A service that takes longer counts as away.")
    backend_connections: int = Field(100, description="Most connections to one service.")
