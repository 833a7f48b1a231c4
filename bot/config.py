"""Settings: config.toml, typed and checked; every fault is reported at once, with key, value and remedy."""

import os
import re
import tomllib
from datetime import date, time
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot import sealing
from bot.config_faults import fault_of, line_of, placed

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
TOKEN_VARIABLE = "SINAR_BOT_TOKEN"  # noqa: S105 - the name of the variable, not a secret
SECRET_VARIABLE = "SINAR_WEBHOOK_SECRET"  # noqa: S105 - likewise
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,100}")
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_SUMMARY_TIME = re.compile(r"(mon|tue|wed|thu|fri|sat|sun) ([01][0-9]|2[0-3]):[0-5][0-9]")


class ConfigError(Exception):
    """The configuration cannot be used; the message names every fault, one a line."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=False)


def _clock_time(text: str) -> str:
    if not _CLOCK_TIME.fullmatch(text):
        raise ValueError('write a time of day such as "07:00"')
    return text


def _days(days: list[str]) -> list[str]:
    for day in days:
        try:
            date.fromisoformat(day)
        except ValueError:
            raise ValueError(f'{day!r} is no date; write such as "2026-12-24"') from None
    return days


class Telegram(_Section):
    api_base_url: str = "https://api.telegram.org"
    bot_username: str | None = None
    update_mode: Literal["polling", "webhook"] = "polling"
    webhook_url: str | None = None
    webhook_listen: str = "127.0.0.1:8443"
    messages_per_second: float = Field(default=28, gt=0, le=10_000)
    http_client: Literal["aiohttp", "httpx"] = "aiohttp"

    @field_validator("api_base_url")
    @classmethod
    def _url(cls, url: str) -> str:
        if not re.match(r"https?://[^/\s]+", url):
            raise ValueError('write an address such as "https://api.telegram.org"')
        return url.rstrip("/")

    @field_validator("bot_username")
    @classmethod
    def _username(cls, name: str | None) -> str | None:
        return name.removeprefix("@") if name else None

    @field_validator("webhook_listen")
    @classmethod
    def _listen(cls, address: str) -> str:
        if not re.fullmatch(r"[^:\s]+:[0-9]{1,5}", address):
            raise ValueError('write host and port, such as "127.0.0.1:8443"')
        return address

    @model_validator(mode="after")
    def _webhook_has_url(self) -> "Telegram":
        if self.update_mode == "webhook" and not (self.webhook_url or "").startswith("https://"):
            raise ValueError('update_mode "webhook" needs webhook_url = "https://..."')
        return self


class Storage(_Section):
    path: Path = Path("data/sinar.db")
    backup_dir: Path = Path("data/backups")
    backups_kept: int = Field(default=14, ge=1, le=1000)
    backup_public_key: str | None = None

    @field_validator("path", "backup_dir", mode="before")
    @classmethod
    def _path(cls, value: object) -> object:
        return Path(value) if isinstance(value, str) and value else value

    @field_validator("backup_public_key")
    @classmethod
    def _key(cls, text: str | None) -> str | None:
        # Left empty as the shipped file shows it, it means none.
        if not text:
            return None
        try:
            sealing.check_key(text)
        except sealing.SealingError as error:
            raise ValueError(str(error)) from None
        return text


class Access(_Section):
    admins: list[int] = []


class Schedule(_Section):
    timezone: str = "Asia/Jakarta"
    send_from: str = "07:00"
    send_until: str = "17:00"
    default_time: str = "12:15"
    friday_time: str = "13:15"
    workdays: list[Weekday] = ["mon", "tue", "wed", "thu", "fri"]
    holidays_extra: list[str] = []
    holidays_removed: list[str] = []
    weekly_summary: str = "mon 08:00"
    touches_per_day: int = Field(default=1, ge=1, le=1000)
    look_every_seconds: float = Field(default=5, ge=0.1, le=3600)

    _times = field_validator("send_from", "send_until", "default_time", "friday_time")(_clock_time)
    _holidays = field_validator("holidays_extra", "holidays_removed")(_days)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError('no such time zone; write such as "Asia/Jakarta"') from None
        return name

    @field_validator("workdays")
    @classmethod
    def _some_workday(cls, days: list[Weekday]) -> list[Weekday]:
        if not days:
            raise ValueError("name at least one working day")
        return days

    @field_validator("weekly_summary")
    @classmethod
    def _summary_time(cls, text: str) -> str:
        if not _SUMMARY_TIME.fullmatch(text):
            raise ValueError('write a weekday and a time such as "mon 08:00"')
        return text

    @model_validator(mode="after")
    def _window(self) -> "Schedule":
        if self.send_from >= self.send_until:
            raise ValueError(f"send_from ({self.send_from}) must be before send_until ({self.send_until})")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which people live and rules speak."""
        return ZoneInfo(self.timezone)


class UnitHours(_Section):
    workdays: list[Weekday] | None = None
    send_from: str | None = None
    send_until: str | None = None

    @field_validator("send_from", "send_until")
    @classmethod
    def _times(cls, text: str | None) -> str | None:
        return None if text is None else _clock_time(text)

    @field_validator("workdays")
    @classmethod
    def _some_workday(cls, days: list[Weekday] | None) -> list[Weekday] | None:
        if days is not None and not days:
            raise ValueError("name at least one working day")
        return days


class ContentPlace(_Section):
    path: Path | None = None

    @field_validator("path", mode="before")
    @classmethod
    def _path(cls, value: object) -> object:
        return Path(value) if isinstance(value, str) and value else value


class Privacy(_Section):
    minimum_group: int = Field(default=5, ge=2, le=100)
    retention_days: int = Field(default=730, ge=30, le=3650)
    names_unanswered: bool = False


class Health(_Section):
    listen: str | None = None

    @field_validator("listen")
    @classmethod
    def _loopback(cls, address: str | None) -> str | None:
        if not address:
            return None
        host, _, port = address.rpartition(":")
        try:
            local = host == "localhost" or ip_address(host.strip("[]")).is_loopback
        except ValueError:
            local = False
        if not local or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise ValueError('write an address of this machine alone and a port, such as "127.0.0.1:8081"')
        return address


class Programme(_Section):
    later_half: bool = False


class Log(_Section):
    form: Literal["keys", "json"] = "keys"
    level: Literal["info", "warning"] = "info"


class Config(_Section):
    telegram: Telegram = Telegram()
    storage: Storage = Storage()
    access: Access = Access()
    schedule: Schedule = Schedule()
    units: dict[str, UnitHours] = {}
    content: ContentPlace = ContentPlace()
    privacy: Privacy = Privacy()
    programme: Programme = Programme()
    health: Health = Health()
    log: Log = Log()

    @model_validator(mode="after")
    def _unit_windows(self) -> "Config":
        for name, unit in self.units.items():
            opens = unit.send_from or self.schedule.send_from
            closes = unit.send_until or self.schedule.send_until
            if opens >= closes:
                raise ValueError(f'[units."{name}"]: send_from ({opens}) must be before send_until ({closes})')
        return self


def load_config(path: Path) -> Config:
    """Read and check the settings; relative paths in it are taken from the file's own folder.

    Raises ConfigError with all faults, one a line: key, value, what would be right.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; copy config.toml from the project and edit it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {placed(str(error), text)}") from None
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        faults = [fault_of(dict(item), Config) + line_of(text, item["loc"]) for item in error.errors()]
        raise ConfigError("\n".join(f"{path}: {fault}" for fault in faults)) from None
    return _from_folder(config, path.resolve().parent)


def read_token(environment: dict[str, str] | os._Environ[str] = os.environ) -> str:
    """Return the bot's token from the environment.

    Raises ConfigError when it is missing or is no token; the message never repeats it.
    """
    token = environment.get(TOKEN_VARIABLE, "").strip()
    if not token:
        raise ConfigError(f"{TOKEN_VARIABLE} is not set: put the token that BotFather gave into it")
    if not _TOKEN.fullmatch(token):
        raise ConfigError(f"{TOKEN_VARIABLE} does not look like a token: expected digits, a colon, letters")
    return token


def clock_time(text: str) -> time:
    """Turn a checked "07:00" of the configuration into a time of day."""
    return time.fromisoformat(text)


def _from_folder(config: Config, folder: Path) -> Config:
    storage = config.storage.model_copy(
        update={"path": folder / config.storage.path, "backup_dir": folder / config.storage.backup_dir}
    )
    content = config.content
    if content.path is not None:
        content = content.model_copy(update={"path": folder / content.path})
    return config.model_copy(update={"storage": storage, "content": content})
