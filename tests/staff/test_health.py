"""The health address: 200 while all is well, 503 with the kind of trouble, and nothing of a person."""

from datetime import timedelta

import httpx
from tornado.testing import bind_unused_port

from bot import health
from tests.conftest import Rig


async def test_well_troubled_and_asleep(rig: Rig) -> None:
    socket, port = bind_unused_port()
    socket.close()
    server = health.serve(f"127.0.0.1:{port}", rig.sinar.store, rig.clock, 5)
    alarms = rig.sinar.timetable.alarms
    assert alarms is not None
    try:
        async with httpx.AsyncClient() as client:

            async def ask() -> tuple[int, dict]:
                answer = await client.get(f"http://127.0.0.1:{port}/")
                return answer.status_code, answer.json()

            assert (await ask())[0] == 503
            await rig.hand.look()
            code, document = await ask()
            assert (code, document["ok"], document["alarms"]) == (200, True, [])
            alarms.free = lambda _place: 0
            await rig.hand.wait(timedelta(minutes=2))
            code, document = await ask()
            assert (code, [alarm["kind"] for alarm in document["alarms"]]) == (503, ["disk"])
            alarms.free = lambda _place: 2**40
            await rig.hand.wait(timedelta(minutes=2))
            assert (await ask())[0] == 200
            rig.clock.advance(timedelta(minutes=5))
            assert (await ask())[0] == 503
    finally:
        server.stop()
        await server.close_all_connections()
