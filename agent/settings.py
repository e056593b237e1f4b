"""Every setting, its unit, its default and its reason (shell: reads the environment, once).

Settings come from ``AMENDS_…`` variables or a ``.env`` file and are handed down in parts; nothing else reads
the environment. ``docs/settings.md`` lists the same, and a test compares the two.
"""

from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field, SecretStr, ValidationError
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict

from agent.clock import Clock, RealClock, ScaledClock
from agent.errors import PersonError
from agent.guard_settings import GuardSettings
from agent.mistaken_settings import unknown_settings, unusable_values

Port = Annotated[int, Field(ge=1, le=65535)]


class SettingsError(PersonError):
    """A setting has a value that cannot be used, or there is none of its name. Change the variable it names."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Settings(GuardSettings):
    """All settings, frozen."""

    model_config = SettingsConfigDict(env_prefix="AMENDS_", env_file=".env", frozen=True, extra="ignore")

    data: Path = Field(Path("amends-data"), description="where everything that must survive lies")
    database_url: SecretStr | None = Field(
        None, description="a SQLAlchemy URL (postgresql+psycopg://…); unset: SQLite in the data directory"
    )
    broker_url: SecretStr | None = Field(
        None, description="another MQTT broker, mqtt://user:password@host:port; unset: our own mosquitto"
    )
    broker_host: str = Field("127.0.0.1", description="address our own broker listens on; 0.0.0.0 for devices outside")
    broker_port: Port = Field(
        18883, description="port of our own broker; not 1883, where a system's mosquitto often listens already"
    )
    console_host: str = Field("127.0.0.1", description="address the console listens on")
    console_port: Port = Field(8620, description="port of the console")
    public_url: str | None = Field(
        None, description="how owners reach the console, for links in messages; unset: the console's own address"
    )
    playbooks: Path | None = Field(None, description="directory of playbooks; unset: the four that are shipped")
    smtp_url: SecretStr | None = Field(
        None, description="smtp://user:password@host:587 for mail to owners; unset: the mailbox in the data directory"
    )
    mail_from: str = Field("amends <support@localhost>", description="sender of mail to owners")
    staff_mail: str | None = Field(
        None, description="address that hears of an open breaker or one cause everywhere; unset: the console only"
    )
    tick_s: float = Field(0.5, gt=0, le=60, description="real seconds between looks at what is due")
    snapshot_every_s: float = Field(60.0, gt=0, description="real seconds between snapshots of the models")
    journal_max_bytes: int = Field(
        2_000_000_000, gt=1_000_000, description="journal kept on disk, in bytes, beyond what a restart needs"
    )
    models: str = Field("", description="product=kind of per-device model, comma between; unset: fleet for all")
    recent_rows: int = Field(
        1440, ge=60, description="samples a device kept in memory for charts; a day at one a minute"
    )
    journal_max_hours: int = Field(
        72, ge=1, le=87_600, description="hours after which the journal lets go of raw messages no restart needs"
    )
    history_keep_days: int = Field(400, ge=2, le=36_500, description="days after which samples leave history")
    history_keep_hours_days: int = Field(
        1_100, ge=2, le=36_500, description="days after which the hourly figures leave it too; no less than the above"
    )
    history_every_s: float = Field(
        60.0, gt=0, le=3600, description="real seconds between what history writes; until then samples are in memory"
    )
    erasures: Path | None = Field(
        None, description="file that remembers erasures for restored backups; unset: beside the data directory"
    )
    clock_origin: AwareDatetime | None = Field(None, description="scaled clock: the instant it started at (demo)")
    clock_wall_origin_s: float | None = Field(None, description="scaled clock: Unix seconds when it started (demo)")
    clock_speed: float = Field(1.0, gt=0, le=10_000, description="scaled clock: seconds that pass in one real second")

    def clock(self) -> Clock:
        """Return the machine's clock, or the scaled one when an origin is set."""
        if self.clock_origin is None or self.clock_wall_origin_s is None:
            return RealClock()
        return ScaledClock(self.clock_origin, self.clock_wall_origin_s, self.clock_speed)

    def scaled_to(self, clock: ScaledClock) -> "Settings":
        """Return the same settings on a scaled clock."""
        update = {
            "clock_origin": clock.origin,
            "clock_wall_origin_s": clock.wall_origin_s,
            "clock_speed": clock.speed,
        }
        return self.model_copy(update=update)

    @property
    def database(self) -> str:
        """The database's URL; contains the password, so it is never shown."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data / 'amends.sqlite3'}"

    @property
    def console_url(self) -> str:
        """The address of the console on this machine."""
        host = "127.0.0.1" if self.console_host in {"0.0.0.0", "::"} else self.console_host  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.console_port}"

    @property
    def links_url(self) -> str:
        """The address in messages to owners, without a slash at the end."""
        return (self.public_url or self.console_url).rstrip("/")


def read_settings(**given: object) -> Settings:
    """Read the settings; ``given`` values that are not ``None`` win over the environment.

    Raises:
        SettingsError: a value cannot be used, or there is no such setting; it names the variable and what is wrong.
    """
    try:
        problems = unknown_settings(_written(), Settings.model_fields)
    except UnicodeDecodeError as error:
        raise SettingsError((f".env: is not UTF-8 text ({error.reason} at byte {error.start})",)) from error
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # pydantic validates
    except ValidationError as error:
        raise SettingsError(problems + unusable_values(error)) from error
    if problems:
        raise SettingsError(problems)
    return settings


def _written() -> dict[str, str | None]:
    return {**DotEnvSettingsSource(Settings).env_vars, **EnvSettingsSource(Settings).env_vars}
