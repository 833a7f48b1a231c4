"""What `check` looks at: each thing that must be right for the bot to run, and how to mend it."""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from bot import lock
from bot.calendars import shipped_holidays
from bot.checks.check import Check
from bot.checks.telegram import CLOCKS_DIFFER, telegram
from bot.clock import Clock, from_text, to_text
from bot.config import Config, ConfigError, load_config
from bot.sealing import IDENTITY_VARIABLE, SealingError, opens
from bot.store import alarms, facts, rectifications, sessions
from bot.store.backup import copies
from bot.store.database import StoreError, connect, migrations, prepare
from messages.check import content_findings
from scheduler.alarms import OLD_BACKUP
from scheduler.housekeeping import BACKUP_FAILED
from scheduler.timetable import LAST_LOOK, silent_after

LEAST_DISK = 100 * 2**20
LITTLE_DISK = 2**30
# No machine that runs this program can rightly believe in an earlier time.
WRITTEN = datetime(2025, 1, 1, tzinfo=UTC)


def look(config_path: Path, clock: Clock, environment: Mapping[str, str]) -> list[Check]:
    """Look at everything, in the order in which things depend on each other."""
    try:
        config = load_config(config_path)
    except ConfigError as error:
        return [Check("settings", "wrong", str(error), f"mend {config_path}; config.toml of the project explains it")]
    now = clock.now()
    return [
        Check("settings", "ok", f"{config_path} is understood"),
        *_database(config, now),
        _rights(config),
        _disk(config),
        *_backups(config, now, environment),
        _content(config),
        _holidays(config, now),
        *telegram(config, now, environment),
    ]


def _database(config: Config, now: datetime) -> Iterator[Check]:
    path = config.storage.path.resolve()
    remedy = "stop the bot and put a backup back: `restore FILE`"
    try:
        prepare(path)
        with closing(connect(path, read_only=True)) as db:
            verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if verdict != "ok":
                yield Check("database", "wrong", f"{path}: {verdict}", remedy)
                return
            last_look = facts.fact(db, LAST_LOOK)
            failed = facts.fact(db, BACKUP_FAILED)
            troubles = alarms.open_ones(db)
            tasks = rectifications.open_ones(db)
            units = {name.casefold() for _, name in sessions.units(db)}
    except StoreError as error:
        yield Check("database", "wrong", str(error), "mend [storage] path, or put a backup back with `restore FILE`")
        return
    except sqlite3.Error as error:
        yield Check("database", "wrong", f"{path}: {error}", remedy)
        return
    yield Check("database", "ok", f"{path}: sound, schema {version} of {len(migrations())}")
    yield _running(config, path, now, from_text(last_look) if last_look else None)
    yield _clock(now, from_text(last_look) if last_look else None)
    if failed:
        yield Check("last backup", "wrong", failed, "make room or mend [storage] backup_dir, then `backup FILE`")
    yield _alarms(troubles)
    late = [task for task in tasks if task["due_at"] <= to_text(now)]
    if late:
        told = f"{len(late)} corrections that people asked for are over their 3 x 24 hours"
        yield Check("corrections", "wrong", told, "the admins answer them in the chat; /status tells of them")
    elif tasks:
        yield Check("corrections", "ok", f"{len(tasks)} wait, the first until {tasks[0]['due_at'][:16]} UTC")
    strangers = [name for name in config.units if name.casefold() not in units]
    if strangers and units:
        named = ", ".join(repr(name) for name in strangers)
        yield Check("units", "warning", f"not in the roster: {named}", 'write [units."NAME"] as the roster does')


def _alarms(troubles: list[tuple[str, str]]) -> Check:
    if not troubles:
        return Check("alarms", "ok", "none open")
    told = "\n".join(f"{kind} since {since[:16]} UTC" for kind, since in troubles)
    return Check("alarms", "wrong", told, "the message to the admins says what to do; read the log as well")


def _rights(config: Config) -> Check:
    """Nobody but the bot's user may read what people confided."""
    storage = config.storage
    files = [*storage.path.parent.glob(storage.path.name + "*"), *(copy.file for copy in copies(storage.backup_dir))]
    open_to_others = [file for file in files if file.exists() and file.stat().st_mode & 0o077]
    if not open_to_others:
        return Check("rights", "ok", f"{len(files)} files of the database and its backups are for their owner alone")
    named = ", ".join(str(file) for file in open_to_others[:3])
    return Check("rights", "wrong", f"others may read or change {len(open_to_others)}: {named}", "chmod 600 on them")


def _running(config: Config, path: Path, now: datetime, last_look: datetime | None) -> Check:
    holder = lock.probe(path)
    if holder is None:
        return Check("running", "ok", "no bot runs on this database")
    process = f"process {holder}" if holder else "a process"
    if last_look is not None and now - last_look > silent_after(config.schedule.look_every_seconds):
        idle = int((now - last_look).total_seconds())
        remedy = "read its log, then stop and start it"
        return Check("running", "wrong", f"{process} runs, but has not looked at the clock for {idle} s", remedy)
    return Check("running", "ok", f"{process} runs on this database")


def _clock(now: datetime, last_look: datetime | None) -> Check:
    remedy = "set the machine's clock, and keep it right with NTP (timedatectl set-ntp true)"
    if now < WRITTEN:
        return Check("clock", "wrong", f"the machine believes it is {now:%Y-%m-%d %H:%M} UTC", remedy)
    if last_look is not None and now < last_look - CLOCKS_DIFFER:
        told = f"it is {now:%Y-%m-%d %H:%M} UTC, but the bot has already seen {last_look:%Y-%m-%d %H:%M} UTC"
        return Check("clock", "wrong", told, remedy)
    return Check("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")


def _disk(config: Config) -> Check:
    free = shutil.disk_usage(_existing(config.storage.path.parent)).free
    told = f"{free / 2**30:.1f} GiB free beside the database"
    remedy = "make room on the disk: the database and its backups stand there"
    if free < LEAST_DISK:
        return Check("disk", "wrong", told, remedy)
    return Check("disk", "warning", told, remedy) if free < LITTLE_DISK else Check("disk", "ok", told)


def _existing(folder: Path) -> Path:
    return next((place for place in (folder, *folder.parents) if place.exists()), Path("/"))


def _backups(config: Config, now: datetime, environment: Mapping[str, str]) -> Iterator[Check]:
    key, folder = config.storage.backup_public_key, config.storage.backup_dir
    yield from _backup_key(key, environment)
    found = copies(folder)
    if not found:
        remedy = "the running bot makes one each night at 02.00; make one now with `backup FILE`"
        yield Check("backups", "warning", f"{folder}: none yet", remedy)
        return
    age = now.astimezone(config.schedule.zone).replace(tzinfo=None) - found[-1].made
    plain = sum(not copy.sealed for copy in found)
    told = f"{len(found)} in {folder}, the newest {max(0, int(age.total_seconds() // 3600))} hours old"
    told += ", not encrypted" if plain == len(found) else f", {plain} not encrypted" if plain else ", encrypted"
    if age > OLD_BACKUP:
        yield Check("backups", "wrong", told, "let the bot run through a night, or make one now: `backup FILE`")
    elif key and plain:
        remedy = (
            f"they are from before the key and go by themselves in {config.storage.backups_kept} days, or delete them"
        )
        yield Check("backups", "warning", told, remedy)
    else:
        yield Check("backups", "ok", told)


def _backup_key(key: str | None, environment: Mapping[str, str]) -> Iterator[Check]:
    """Say whether backups are encrypted; where the identity is at hand, that it opens them."""
    identity = environment.get(IDENTITY_VARIABLE, "").strip()
    if key is None:
        yield Check("backup key", "ok", "none: backups are not encrypted; [storage] backup_public_key names one")
        return
    if not identity:
        yield Check("backup key", "ok", f"backups are encrypted for {key}")
        return
    try:
        fits = opens(Path(identity), key)
    except SealingError as error:
        yield Check("backup key", "wrong", str(error), f"mend {IDENTITY_VARIABLE}, or leave it out on this machine")
        return
    if fits:
        yield Check("backup key", "ok", f"backups are encrypted for {key}; the identity at hand opens them")
    else:
        remedy = "look for the identity of this key now, while no backup is needed, or make a new pair of keys"
        yield Check("backup key", "wrong", f"the identity in {identity} is not that of {key}", remedy)


def _content(config: Config) -> Check:
    found = content_findings(config.content.path)
    if found:
        return Check("content", "wrong", "\n".join(found), "mend the files named; `content check` looks again")
    return Check("content", "ok", f"{config.content.path or 'the shipped folder'}: no faults")


def _holidays(config: Config, now: datetime) -> Check:
    year = now.astimezone(config.schedule.zone).year
    extra = {date.fromisoformat(day) for day in config.schedule.holidays_extra}
    known = {day.year for day in {*shipped_holidays(), *extra}}
    remedy = "upgrade Sinar, or write the year's days into [schedule] holidays_extra"
    if year not in known:
        return Check("holidays", "wrong", f"none known for {year}", remedy)
    if year + 1 not in known:
        return Check("holidays", "warning", f"known for {year}, not yet for {year + 1}", remedy)
    return Check("holidays", "ok", f"known for {year} and {year + 1}")
