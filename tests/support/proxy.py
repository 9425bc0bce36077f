"""A TCP proxy of ours between a workstation and the centre: a network as bad as a test wants."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from clinic_app.sync.mysql.connection import Host

CHUNK = 4096


@dataclass
class Line:
    """How one connection is treated; ``None`` is without limit. Counts bytes that went through."""

    delay: float = 0.0
    cut_sent: int | None = None
    cut_answered: int | None = None
    black_hole: bool = False
    sent: int = 0
    answered: int = 0
    lost: bool = field(default=False, init=False)

    def lose_the_next_answer(self) -> None:
        """What is sent still arrives; of the answer nothing does, and the line is cut."""
        self.cut_answered = self.answered


class Proxy:
    """Listens on a port of its own. ``treat`` says how the next connection is treated."""

    def __init__(self, target: Host, treat: Callable[[int], Line] = lambda number: Line()) -> None:
        self._target = target
        self.treat = treat
        self.lines: list[Line] = []
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy")
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._accept, "127.0.0.1", 0), self._loop
        ).result(10)
        self.host = Host("127.0.0.1", self._server.sockets[0].getsockname()[1])

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = self.treat(len(self.lines))
        self.lines.append(line)
        task = self._loop.create_task(self._carry(line, reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(
        self, line: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            there = await asyncio.open_connection(self._target.name, self._target.port)
        except OSError:
            writer.transport.abort()
            return
        there_reader, there_writer = there
        ways = [
            self._loop.create_task(self._pass(line, reader, there_writer, answers=False)),
            self._loop.create_task(self._pass(line, there_reader, writer, answers=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for one in (writer, there_writer):
                one.transport.abort() if line.lost else one.close()
                with suppress(OSError):
                    await one.wait_closed()

    async def _pass(
        self,
        line: Line,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        answers: bool,
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if line.delay:
                    await asyncio.sleep(line.delay)
                if line.black_hole:
                    continue
                limit = line.cut_answered if answers else line.cut_sent
                done = line.answered if answers else line.sent
                if limit is not None and done + len(chunk) > limit:
                    writer.write(chunk[: max(0, limit - done)])
                    await writer.drain()
                    line.lost = True
                    return
                writer.write(chunk)
                await writer.drain()
                if answers:
                    line.answered += len(chunk)
                else:
                    line.sent += len(chunk)

    def close(self) -> None:
        """Cut every connection and end the thread."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
