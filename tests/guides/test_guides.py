"""The Indonesian guides against the code: every command of a role is in its guide, and none that is not there."""

import re
from pathlib import Path

import pytest

from bot.cli.parsing import parse
from bot.domain.access import Right
from handlers import admin, coordinator
from handlers.participant import joining, own, pausing
from handlers.wiring import commands
from messages.library import load_library
from messages.menus import ADMIN_MENU, COORDINATOR_MENU, PARTICIPANT_MENU
from messages.texts import Texts
from tests.conftest import WIB
from tests.staff.conftest import Office, office  # noqa: F401 - a fixture

CHECKOUT = Path(__file__).parents[2]
GUIDES = CHECKOUT / "docs/panduan"
MOST = 4096
# What is written for those who come from elsewhere, and stands in no guide.
UNTOLD = {"start", "help"}
OWN = set((joining.COMMANDS | own.COMMANDS | pausing.COMMANDS).keys()) - UNTOLD
COMMANDS = {
    "asn": OWN,
    "koordinator": set(coordinator.COMMANDS) | {"bantuan"},
    "admin": set(admin.COMMANDS) | {"bantuan"},
}


def guide(name: str) -> str:
    return (GUIDES / f"{name}.md").read_text()


def named(text: str) -> set[str]:
    """The commands that a text names: a slash at the beginning of a word."""
    return set(re.findall(r"(?<![\w/.<])/([a-z_]+)\b(?!/)", text))


@pytest.mark.parametrize("role", COMMANDS)
def test_every_command_of_a_role_is_in_its_guide_and_every_command_named_exists(role: str) -> None:
    told = named(guide(role))
    assert COMMANDS[role] <= told
    assert told <= set(commands())


@pytest.mark.parametrize("role", COMMANDS)
def test_every_button_named_in_bold_is_one_that_the_bot_has(role: str) -> None:
    source = "".join(file.read_text() for file in (CHECKOUT / "messages").glob("*.py"))
    # Telegram's own button.
    others = {"Mulai"}
    bold = {word.rstrip(".:") for word in re.findall(r"\*\*([A-Z][^*]*?)\*\*", guide(role)) if len(word) < 22}
    topics = {
        line for line in bold if re.search(rf"^(?:- |[0-9]\. )\*\*{re.escape(line)}[.:?]?\*\*", guide(role), re.M)
    }
    for button in bold - topics - others:
        assert f'"{button}' in source, button


@pytest.mark.parametrize("name", ["asn", "koordinator", "admin", "isi"])
def test_a_guide_is_one_page_and_its_links_lead_somewhere(name: str) -> None:
    text = guide(name)
    assert len(text.split()) < 650
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (GUIDES / target).exists(), target


def test_what_the_guide_for_editors_types_is_understood_and_its_places_exist() -> None:
    text = guide("isi")
    for words in re.findall(r"python -m bot (.+)", text):
        parse(words.split())
    folder = CHECKOUT / "messages/content"
    for pattern in re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE):
        assert list(folder.glob(pattern)), pattern
    for value in load_library().values.values():
        assert value.name in text


def test_the_menus_name_what_exists_and_the_guides_tell_of_it() -> None:
    for menu, role in ((PARTICIPANT_MENU, "asn"), (COORDINATOR_MENU, "koordinator"), (ADMIN_MENU, "admin")):
        assert set(menu) <= set(commands())
        assert set(menu) - OWN <= named(guide(role)) | OWN
    assert {right for right, _ in commands().values()} <= set(Right)


@pytest.mark.parametrize("roles", ["", "participant", "coordinator", "admin", "participant coordinator admin"])
def test_bantuan_names_every_command_of_the_roles_and_fits(roles: str) -> None:
    flags = {role: role in roles for role in ("participant", "coordinator", "admin")}
    said = Texts(load_library().folder, WIB).render("help", flags)
    assert len(said.encode("utf-16-le")) // 2 <= MOST
    due = {"participant": OWN, "coordinator": COMMANDS["koordinator"], "admin": COMMANDS["admin"]}
    wanted: set[str] = set().union(*(due[role] for role in roles.split()))
    told = named(said)
    assert wanted - {"bantuan"} <= told
    assert told <= set(commands())


async def test_bantuan_in_the_chat_is_by_role(office: Office) -> None:  # noqa: F811
    assert "/ekspor" in await office.say(office.admin, "/bantuan")
    assert "/ringkasan minggu lalu" in await office.say(office.coordinator, "/bantuan")
    said = await office.say(office.rig.phone(1), "/bantuan")
    assert "/progres" in said
    assert "/ekspor" not in said
