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
        description="Where documents are kept, encrypted: `file:///folder`, the same for all replicas, or "
        "`s3://bucket/prefix` with the usual `AWS_…` variables."
    )
    scanner_url: str = Field(
        "",
        description="ClamAV's daemon, `tcp://host:port` or `unix:///path`. Without one, staff see copies that were "
        "drawn anew, and no original.",
    )
    document_workers: int = Field(
        1, ge=1, le=8, description="So many documents are opened at once, each by a process of at most 512 MiB."
    )
    document_retention_days: int = Field(
        90, ge=1, description="So long after an application was handed over, the documents' copies are deleted."
    )
    upload_bytes: int = Field(20 * 2**20, ge=1, le=20 * 2**20, description="Largest file that is taken, in bytes.")
    upload_hours: int = Field(24, ge=1, description="An upload that is not finished by then is deleted.")
    upload_idle_seconds: float = Field(
        30, gt=0, description="A connection that brings nothing for so long is given up; the upload can go on."
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
