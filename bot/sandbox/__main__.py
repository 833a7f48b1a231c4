"""`python -m bot.sandbox --port N --token T`: the server alone, until SIGTERM or SIGINT."""

import argparse
import asyncio
import signal

from bot.sandbox.box import TOKEN
from bot.sandbox.server import Sandbox


async def serve(port: int, token: str) -> None:
    """Listen on 127.0.0.1, print the address, and end on a signal."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with Sandbox(token, port=port) as box:
        print(box.api_base_url, flush=True)
        await ended.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--token", default=TOKEN)
    given = parser.parse_args()
    asyncio.run(serve(given.port, given.token))


if __name__ == "__main__":
    main()
