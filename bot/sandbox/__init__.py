"""A strict local Bot API server for the demo and the tests; stands alone."""

from bot.sandbox.box import TOKEN
from bot.sandbox.faults import Fault
from bot.sandbox.people import Group, Impossible, Person
from bot.sandbox.server import Sandbox
from bot.sandbox.world import Stored, Tap, World

__all__ = ["TOKEN", "Fault", "Group", "Impossible", "Person", "Sandbox", "Stored", "Tap", "World"]
