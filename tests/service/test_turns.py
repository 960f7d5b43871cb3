from __future__ import annotations

import threading
import time

import anyio
import pytest

from service.turns import Turns

MOST = 2


def test_no_more_work_than_turns_is_done_at_once_and_all_of_it_is_done() -> None:
    at_work, most, done = 0, 0, []
    lock = threading.Lock()

    def work(k: int) -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.01)
        with lock:
            at_work -= 1
        done.append(k)

    async def everybody() -> None:
        turns = Turns(MOST)
        async with anyio.create_task_group() as group:
            for k in range(12):
                group.start_soon(turns.take, work, k)

    anyio.run(everybody)
    assert sorted(done) == list(range(12))
    assert most == MOST


def test_who_fails_gives_the_turn_back() -> None:
    def fail() -> None:
        raise KeyError("nothing there")

    async def twice() -> int:
        turns = Turns(1)
        with pytest.raises(KeyError):
            await turns.take(fail)
        return int(await turns.take(lambda: 7))

    assert anyio.run(twice) == 7
