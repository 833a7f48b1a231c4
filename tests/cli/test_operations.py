"""`check`, `backup`, `restore`, and who may run beside whom."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pyrage import x25519

from bot import lock
from bot.clock import to_text
from bot.sandbox import TOKEN, Fault, Sandbox
from bot.store import facts
from tests.cli.conftest import PEOPLE, Done, Office


def states(done: Done) -> dict[str, str]:
    """Return each check's level by its name."""
    for entry in done.json["checks"]:
        assert {"name", "ok", "detail", "remedy"} <= entry.keys()
        assert entry["ok"] is (entry["level"] != "wrong")
        assert entry["remedy"] or entry["level"] == "ok"
    assert done.json["ok"] is all(entry["ok"] for entry in done.json["checks"])
    assert done.code == (0 if done.json["ok"] else 1)
    return {entry["name"]: entry["level"] for entry in done.json["checks"]}


def details(done: Done) -> str:
    return "\n".join(f"{entry['detail']} {entry['remedy']}" for entry in done.json["checks"])


async def test_all_is_well(online: Office, box: Sandbox) -> None:
    box.person(7).start()
    done = await online.call("check", "--json")
    found = states(done)
    assert done.code == 0
    assert found["telegram"] == "ok"
    assert {level for name, level in found.items() if name != "backups"} == {"ok"}
    assert done.err == ""
    assert TOKEN not in done.out
    screen = await online.call("check")
    assert "all is well" in screen.out


async def test_a_token_that_is_missing_or_wrong(online: Office) -> None:
    missing = await online.call("check", "--json", SINAR_BOT_TOKEN="")
    assert states(missing)["token"] == "wrong"
    other = "1234567:" + "z" * 35
    refused = await online.call("check", "--json", SINAR_BOT_TOKEN=other)
    assert states(refused)["telegram"] == "wrong"
    assert other not in refused.out + refused.err
    odd = await online.call("check", "--json", SINAR_BOT_TOKEN="s3cr3t and odd")
    assert states(odd)["token"] == "wrong"
    assert "s3cr3t" not in odd.out + odd.err


async def test_no_network_is_a_warning(office: Office) -> None:
    done = await office.call("check", "--json", SINAR_BOT_TOKEN=TOKEN)
    assert states(done)["telegram"] == "warning"
    assert TOKEN not in done.out + done.err


async def test_a_name_that_is_not_the_tokens(online: Office, box: Sandbox) -> None:
    online.settings(f'[telegram]\napi_base_url = "{box.api_base_url}"\nbot_username = "lain_bot"\n')
    done = await online.call("check", "--json")
    found = states(done)
    assert (found["telegram"], found["admins"]) == ("wrong", "warning")


async def test_bad_settings_are_the_one_thing_told(office: Office) -> None:
    office.settings("[telegram]\nbot_name = 1\n")
    done = await office.call("check", "--json")
    assert states(done) == {"settings": "wrong"}
    assert "bot_name" in done.err


async def test_old_backups_and_bad_clocks(online: Office) -> None:
    folder = online.folder / "data" / "backups"
    folder.mkdir(parents=True)
    old = folder / "sinar-20250101-020000.db"
    old.touch()
    os.utime(old, (0, 0))
    with online.db() as db:
        facts.set_fact(db, "last_look", to_text(datetime.now(UTC) + timedelta(days=30)), datetime.now(UTC))
        facts.set_fact(db, "backup_failed", "disk full", datetime.now(UTC))
    done = await online.call("check", "--json")
    found = states(done)
    assert (found["backups"], found["clock"], found["last backup"]) == ("wrong", "wrong", "wrong")
    assert "disk full" in details(done)


async def test_faulty_content_and_strange_units(online: Office, box: Sandbox) -> None:
    await online.import_sample()
    telegram = f'[telegram]\napi_base_url = "{box.api_base_url}"\n'
    online.settings(f'{telegram}[content]\npath = "none"\n[units."Antariksa"]\nsend_from = "08:00"\n')
    done = await online.call("check", "--json")
    found = states(done)
    assert (found["content"], found["units"]) == ("wrong", "warning")


async def test_a_damaged_database(online: Office) -> None:
    await online.import_sample()
    with online.db() as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = online.database.read_bytes()
    online.database.write_bytes(whole[:8192] + b"\xaa" * 40960 + whole[8192 + 40960 :])
    done = await online.call("check", "--json")
    assert states(done)["database"] == "wrong"
    assert "Traceback" not in done.err


async def test_a_bot_that_hangs_and_one_that_does_not(online: Office) -> None:
    with online.db() as db:
        facts.set_fact(db, "last_look", to_text(datetime.now(UTC)), datetime.now(UTC))
    with lock.hold(online.database):
        done = await online.call("check", "--json")
        assert states(done)["running"] == "ok"
        assert f"process {os.getpid()} runs" in details(done)
        with online.db() as db:
            facts.set_fact(db, "last_look", to_text(datetime.now(UTC) - timedelta(hours=1)), datetime.now(UTC))
        assert states(await online.call("check", "--json"))["running"] == "wrong"


async def test_a_backup_is_put_back(office: Office) -> None:
    await office.import_sample()
    copy = office.folder / "copies" / "copy.db"
    made = await office.json("backup", str(copy))
    assert made == {"file": str(copy), "bytes": copy.stat().st_size, "encrypted": False}
    with office.db() as db:
        db.execute("UPDATE person SET name = 'lost'")
    await office.json("restore", str(copy))
    assert office.rows("SELECT count(*) FROM person WHERE name = 'lost'") == [(0,)]
    assert office.rows("SELECT count(*) FROM person") == [(PEOPLE,)]
    assert office.rows("SELECT act FROM audit ORDER BY id DESC LIMIT 1") == [("restore",)]


async def test_a_backup_to_a_new_machine(office: Office, tmp_path_factory: Any) -> None:
    await office.import_sample()
    copy = office.folder / "copy.db"
    await office.json("backup", str(copy))
    other = Office(tmp_path_factory.mktemp("other"), "http://127.0.0.1:9")
    await other.json("restore", str(copy))
    assert other.rows("SELECT count(*) FROM person") == [(PEOPLE,)]


async def test_what_is_not_restored(office: Office) -> None:
    await office.import_sample()
    empty = office.folder / "empty.db"
    empty.touch()
    words = office.folder / "words.db"
    words.write_text("no database" * 500)
    for file in (empty, words, office.folder, office.folder / "none.db"):
        await office.refused("restore", str(file))
    assert "in use" in await office.refused("restore", str(office.database))
    assert office.rows("SELECT count(*) FROM person") == [(PEOPLE,)]


async def test_what_is_not_a_backups_place(office: Office) -> None:
    await office.import_sample()
    for file in (office.database, Path(f"{office.database}-wal"), office.database.parent / "." / "sinar.db"):
        assert "in use" in await office.refused("backup", str(file))
    assert "is a folder" in await office.refused("backup", str(office.folder))
    assert office.rows("SELECT count(*) FROM person") == [(PEOPLE,)]


async def test_restore_is_refused_while_the_bot_runs_and_the_rest_is_not(office: Office) -> None:
    await office.import_sample()
    copy = office.folder / "copy.db"
    with lock.hold(office.database):
        await office.json("backup", str(copy))
        assert f"already runs on {office.database} (process {os.getpid()})" in await office.refused(
            "restore", str(copy)
        )
        await office.add_session()
        await office.json("summary")
    await office.json("restore", str(copy))


async def test_a_second_run_is_refused(office: Office) -> None:
    with lock.hold(office.database):
        assert "already runs" in await office.refused("run", SINAR_BOT_TOKEN=TOKEN)


@pytest.mark.parametrize("token", ["", "hello", "123:short"])
async def test_a_run_without_a_token(office: Office, token: str) -> None:
    told = await office.refused("run", SINAR_BOT_TOKEN=token)
    assert "SINAR_BOT_TOKEN" in told
    assert token == "" or token not in told


async def test_a_webhook_without_a_secret(office: Office) -> None:
    office.settings('[telegram]\nupdate_mode = "webhook"\nwebhook_url = "https://sinar.example.go.id"\n')
    told = await office.refused("run", SINAR_BOT_TOKEN=TOKEN, SINAR_WEBHOOK_SECRET="kata rahasia")
    assert "SINAR_WEBHOOK_SECRET" in told
    assert "kata rahasia" not in told


async def test_whatever_is_made_is_the_owners_alone(office: Office) -> None:
    office.settings('[storage]\npath = "deep/down/sinar.db"\nbackup_dir = "deep/copies"\n')
    for arguments in (
        ("session", "list"),
        ("backup", str(office.folder / "out" / "far" / "copy.db")),
        ("restore", str(office.folder / "out" / "far" / "copy.db")),
        ("export", str(office.folder / "out" / "rekap.xlsx")),
        ("content", "preview", "--out", str(office.folder / "out" / "page.html")),
    ):
        done = await office.call(*arguments, umask=0)
        assert done.code == 0, done.err
    made = [file for file in office.folder.rglob("*") if file != office.config]
    assert {file.name for file in made} >= {"sinar.db", "sinar.db.lock", "copy.db", "rekap.xlsx", "page.html", "far"}
    for file in made:
        assert stat.S_IMODE(file.stat().st_mode) == (0o700 if file.is_dir() else 0o600), file


async def test_links_bear_the_name_that_telegram_tells_and_it_is_remembered(online: Office, box: Sandbox) -> None:
    await online.import_sample()
    name = box.world.bot["username"]
    made = await online.add_session()
    assert made["link"] == f"https://t.me/{name}?start={made['payload']}"
    shown = await online.json("session", "show", str(made["id"]), SINAR_BOT_TOKEN="")
    assert shown["link"] == made["link"]


@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.HTML_BEFORE, Fault.STATUS_BEFORE])
async def test_a_name_that_nobody_tells_leaves_no_link(online: Office, box: Sandbox, fault: Fault) -> None:
    await online.import_sample()
    box.faults.plan(fault, "getMe", times=None)
    made = await online.add_session()
    assert made["link"] is None
    assert len(made["payload"]) >= 16


async def test_an_encrypted_backup_is_put_back_by_its_identity_alone(office: Office) -> None:
    await office.import_sample()
    pair, stranger = x25519.Identity.generate(), x25519.Identity.generate()
    for name, identity in (("identity.txt", pair), ("other.txt", stranger)):
        (office.folder / name).write_text(f"# public key: {identity.to_public()}\n{identity}\n")
    with office.config.open("a") as file:
        file.write(f'[storage]\nbackup_public_key = "{pair.to_public()}"\n')
    copy = office.folder / "copies" / "copy.db"
    assert (await office.json("backup", str(copy)))["encrypted"] is True
    assert copy.read_bytes().startswith(b"age-encryption.org/v1")
    assert [file.name for file in copy.parent.iterdir()] == ["copy.db"]
    with office.db() as db:
        db.execute("UPDATE person SET name = 'lost'")
    assert "SINAR_BACKUP_IDENTITY" in await office.refused("restore", str(copy))
    for name in ("other.txt", "none.txt", "copies/copy.db", "config.toml"):
        named = str(office.folder / name)
        told = await office.refused("restore", str(copy), SINAR_BACKUP_IDENTITY=named)
        assert named in told
        assert "SECRET-KEY-1" not in told
    copy.write_bytes(copy.read_bytes()[:-70_000])
    assert "damaged" in await office.refused("restore", str(copy), "--identity", str(office.folder / "identity.txt"))
    assert office.rows("SELECT count(*) FROM person WHERE name = 'lost'") == [(PEOPLE,)]
    with office.db() as db:
        db.execute("UPDATE person SET name = 'kept'")
    await office.json("backup", str(copy))
    await office.json("restore", str(copy), SINAR_BACKUP_IDENTITY=str(office.folder / "identity.txt"))
    assert office.rows("SELECT count(*) FROM person WHERE name = 'kept'") == [(PEOPLE,)]
    assert list(office.database.parent.glob("*.partial*")) == []


async def test_a_bad_public_key_is_refused_with_the_reason(office: Office) -> None:
    for key in ("age1", "kunci", str(x25519.Identity.generate())):
        office.settings(f'[storage]\nbackup_public_key = "{key}"\n')
        told = await office.refused("session", "list")
        assert "backup_public_key" in told
        assert "no public key of age" in told


async def test_check_says_whether_backups_are_encrypted_and_can_be_opened(online: Office, box: Sandbox) -> None:
    pair, stranger = x25519.Identity.generate(), x25519.Identity.generate()
    for name, identity in (("identity.txt", pair), ("other.txt", stranger)):
        (online.folder / name).write_text(f"{identity}\n")
    folder = online.folder / "data" / "backups"
    folder.mkdir(parents=True)
    stamp = datetime.now(ZoneInfo("Asia/Jakarta")).strftime("%Y%m%d-%H%M%S")
    (folder / f"sinar-{stamp}.db").touch()
    assert ", not encrypted" in details(await online.call("check", "--json"))
    with online.config.open("a") as file:
        file.write(f'[storage]\nbackup_public_key = "{pair.to_public()}"\n')
    assert states(await online.call("check", "--json"))["backups"] == "warning"
    for name, level in (("identity.txt", "ok"), ("other.txt", "wrong"), ("none.txt", "wrong")):
        done = await online.call("check", "--json", SINAR_BACKUP_IDENTITY=str(online.folder / name))
        assert states(done)["backup key"] == level


async def test_check_tells_of_open_alarms_late_corrections_and_files_that_others_may_read(online: Office) -> None:
    await online.import_sample()
    folder = online.folder / "data" / "backups"
    folder.mkdir(parents=True)
    (folder / "sinar-20300101-020000.db").touch(mode=0o644)
    past = to_text(datetime.now(UTC) - timedelta(days=4))
    with online.db() as db:
        db.execute("INSERT INTO alarm (kind, since, told, owed) VALUES ('queue', ?, 1, 1)", (past,))
        db.execute(
            "INSERT INTO rectification (person_id, telegram_id, wish, asked_at, due_at)"
            " VALUES (1, 5, 'tanda-rahasia', ?, ?)",
            (past, past),
        )
    done = await online.call("check", "--json")
    found = states(done)
    assert (found["alarms"], found["corrections"], found["rights"]) == ("wrong", "wrong", "wrong")
    assert "queue since" in details(done)
    assert "tanda-rahasia" not in done.out + done.err


async def test_the_health_address_is_this_machines_alone(office: Office) -> None:
    for address in ("0.0.0.0:8081", "192.168.1.4:8081", "example.org:8081", "127.0.0.1:0", "8081", "[::]:8081"):
        office.settings(f'[health]\nlisten = "{address}"\n')
        assert "health.listen" in await office.refused("session", "list"), address
