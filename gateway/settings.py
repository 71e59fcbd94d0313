"""The settings: from the environment (`MEDCOM_…`) or a TOML file, checked before a socket opens.

Defaults are the embedded gateway on one machine: SQLite in the data folder, the queue in the process, the synthetic register.
Secrets live in the URLs alone and are masked by `masked` wherever settings are shown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from schemas.messages import Party

PREFIX = "MEDCOM_"
# Names with the prefix that are no settings of the gateway's: the file of settings, and what the simulators read.
_OTHERS = ("MEDCOM_CONFIG", "MEDCOM_SIMULATE_")


class Settings(BaseSettings):
    """What an operator can set. Durations are in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, populate_by_name=True)

    data_dir: Annotated[Path, Field(description="Folder of the embedded journal")] = Path("medcom-data")
    database_url: Annotated[str, Field(description="sqlite:///… or postgresql://…; empty: SQLite in the data folder")] = ""
    broker_url: Annotated[str, Field(description="embedded: or amqp(s)://…")] = "embedded:"
    http_host: Annotated[str, Field(description="Address to listen on")] = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535, description="Port to listen on; 0 takes a free one")] = 8080
    register_file: Annotated[
        Path | None, Field(alias="MEDCOM_REGISTER", description="Register file; empty: the synthetic register that is shipped")
    ] = None
    schemas: Annotated[
        Path | None, Field(description="Folder of MedCom's own schemas, which then decide; empty: those that are shipped")
    ] = None
    hub_id: Annotated[str, Field(min_length=1, max_length=35, description="The hub's own id in its receipts")] = "MEDCOMHUB"
    instance: Annotated[str, Field(min_length=1, description="This process's name among those that share a journal")] = (
        "gateway-1"
    )
    max_document: Annotated[int, Field(ge=1024, description="Largest document that is read")] = 100 * 1024 * 1024
    receipt_within: Annotated[float, Field(gt=0, description="When a receipt that was asked for is overdue")] = 30 * 60
    attachment_within: Annotated[
        float, Field(gt=0, description="When a letter without its attachment is told of, or the reverse")
    ] = 60 * 60
    give_up_after: Annotated[float, Field(gt=0, description="How long delivery is tried before it is a dead letter")] = (
        24 * 3600
    )
    push_timeout: Annotated[float, Field(gt=0, description="How long a receiver may take to answer a push")] = 20
    endpoint_concurrency: Annotated[int, Field(ge=1, le=1000, description="Deliveries under way at once, an endpoint")] = 32
    log_level: Annotated[str, Field(pattern="^(debug|info|warning|error)$", description="Least level that is logged")] = "info"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the TOML file that `MEDCOM_CONFIG` names. Raises OSError where there is none."""
        del dotenv_settings, file_secret_settings
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        if path := os.environ.get("MEDCOM_CONFIG"):
            if not Path(path).is_file():  # which pydantic would take for an empty one
                raise FileNotFoundError(f"{path}: no such file")
            sources.append(TomlConfigSettingsSource(settings_cls, Path(path)))
        return tuple(sources)

    @field_validator("register_file", "schemas", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value  # an empty path would be the folder that the process happens to run in

    @field_validator("broker_url")
    @classmethod
    def _broker_scheme(cls, value: str) -> str:
        if urlsplit(value).scheme not in {"embedded", "amqp", "amqps"}:
            raise ValueError("must be embedded: or amqp(s)://…")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_scheme(cls, value: str) -> str:
        if value and urlsplit(value).scheme.split("+")[0] not in {"sqlite", "postgresql"}:
            raise ValueError("must be sqlite:///… or postgresql://…")
        return value

    @property
    def store_url(self) -> str:
        """The journal's URL: as set, or SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'medcom.db'}"

    @property
    def embedded_broker(self) -> bool:
        """Whether the queue is in the process."""
        return self.broker_url.startswith("embedded:")

    @property
    def receipt_deadline(self) -> timedelta:
        """`receipt_within` as a duration."""
        return timedelta(seconds=self.receipt_within)

    @property
    def hub(self) -> Party:
        """The hub as a party of its own receipts."""
        return Party(ean=self.hub_id)

    def shown(self) -> dict[str, Any]:
        """All settings for a person to read, secrets masked."""
        values = self.model_dump(mode="json")
        return values | {"database_url": masked(self.store_url), "broker_url": masked(self.broker_url)}


def unknown_names(environment: Iterable[str]) -> dict[str, str | None]:
    """The names among these that look like settings and are none, with the setting that was probably meant."""
    known = {field.alias or f"{PREFIX}{name.upper()}" for name, field in Settings.model_fields.items()}
    odd = (name for name in environment if name.startswith(PREFIX) and not name.startswith(_OTHERS) and name not in known)
    return {name: next(iter(get_close_matches(name, known, n=1)), None) for name in sorted(odd)}


_SECRET_PARAMETER = re.compile(r"(?i)([?&][a-z]*password=)[^&#]*")


def masked(url: str) -> str:
    """The URL with its passwords, if any, replaced by `***`: the user's, and those that libpq takes as parameters."""
    parts = urlsplit(url)
    if parts.password:
        host = parts.netloc.rpartition("@")[2]
        url = url.replace(parts.netloc, f"{parts.username}:***@{host}", 1)
    return _SECRET_PARAMETER.sub(r"\1***", url)
