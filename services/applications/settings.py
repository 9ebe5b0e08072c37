"""Settings of applications."""

from pathlib import Path

from pydantic import Field, SecretStr

from shared.settings import AnsweringSettings


class ApplicationsSettings(AnsweringSettings):
    """What applications needs to know beyond what every service does."""

    service = "applications"
    access_secret: SecretStr = Field(
        description="Key of applications' codes, links and bearers; changing it makes all of them void."
    )
    document_keys_file: Path = Field(
        description="File with the master keys that each application's own key is wrapped with: 32 bytes in base64 a "
        "line, the newest first. Without the one that was used, documents can never be read again."
    )
    document_store_url: str = Field(
        description="Where documents lie, encrypted: `file:///folder`, or `s3://bucket/prefix` with the usual `AWS_…` "
        "variables."
    )
    document_retention_days: int = Field(
        90, ge=1, description="So long after an application was handed over, its documents are deleted; receipts stay."
    )
    public_url: str = Field(
        "http://{host}:8000", description="Where citizens reach the gateway; `{host}` becomes the tenant's first host."
    )
    bearer_minutes: int = Field(30, ge=1, description="So long a bearer opens an application.")
    inquiry_minutes: int = Field(
        5, ge=1, description="Asked again within this time, where an application stands is not mailed again."
    )
    application_retention_days: int = Field(
        365,
        ge=1,
        description="So long after it was decided or withdrawn, the person's data and the key of their documents are "
        "erased.",
    )
    failure_retention_days: int = Field(1, ge=1, description="So long wrong codes and birth dates are counted.")
    audit_retention_days: int = Field(
        365, ge=1, description="So long it is kept who of the staff did what; the same setting for every service."
    )
