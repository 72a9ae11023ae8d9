"""AudioSocket messages, however TCP cuts them."""

from __future__ import annotations

import asyncio
import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.audiosocket import KIND_DTMF, KIND_ID, SILENCE, AudioSocket, sound

CALL = uuid.UUID(int=7)


class Recorder:
    def __init__(self) -> None:
        self.sound: list[bytes] = []
        self.connected = 0

    def on_sound(self, samples: bytes, now: float) -> None:
        self.sound.append(samples)

    def on_connected(self, socket: AudioSocket) -> None:
        self.connected += 1


@settings(deadline=None, max_examples=50)
@given(st.lists(st.binary(max_size=400), max_size=5), st.lists(st.integers(1, 500), max_size=20))
def test_every_message_arrives_once_in_order(frames: list[bytes], cuts: list[int]) -> None:
    stream = bytes([KIND_ID, 0, 16]) + CALL.bytes + bytes([KIND_DTMF, 0, 1]) + b"5"
    stream += b"".join(sound(frame) for frame in frames)
    recorder = Recorder()

    async def receive() -> None:
        protocol = AudioSocket({CALL: recorder}.get)
        rest = stream
        for cut in cuts:
            protocol.data_received(rest[:cut])
            rest = rest[cut:]
        protocol.data_received(rest)

    asyncio.run(receive())
    assert recorder.connected == 1
    assert recorder.sound == frames


async def test_a_call_nobody_placed_is_not_listened_to() -> None:
    def nobody(call: uuid.UUID) -> None:
        return None

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: AudioSocket(nobody), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(bytes([KIND_ID, 0, 16]) + CALL.bytes + SILENCE)
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    server.close()
