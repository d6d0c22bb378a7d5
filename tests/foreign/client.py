"""A client of a chat hub that knows nothing of it but WebSocket.

It joins, says something, hears somebody, takes another name and goes.
Arguments: HOST:PORT, "text" or "json", NAME, and whom to hear.
"""

import asyncio
import json
import sys

import websockets

ADDRESS, DIALECT, NAME, OTHER = sys.argv[1:]


def line(user, message):
    """What is said, as it is heard."""
    if DIALECT == "text":
        return f"{user}: {message}"
    return {"user": user, "message": message}


async def main():
    query = f"?name={NAME}" if DIALECT == "text" else ""
    async with websockets.connect(f"ws://{ADDRESS}/ws{query}") as socket:

        async def say(user, message):
            if DIALECT == "text":
                await socket.send(message)
            else:
                await socket.send(json.dumps({"user": user, "message": message}))

        async def hear(user, message):
            while True:
                heard = await asyncio.wait_for(socket.recv(), 30)
                if (heard if DIALECT == "text" else json.loads(heard)) == line(user, message):
                    return

        await say(NAME, f"hello from {NAME}")
        await hear("System", f"{NAME} joined")
        await hear(NAME, f"hello from {NAME}")
        await hear(OTHER, f"hello {NAME}")
        renamed = f"{NAME}2"
        if DIALECT == "text":
            await say(NAME, f"/name {renamed}")
        await say(renamed, "goodbye")
        await hear("System", f"{NAME} is now known as {renamed}")
        await hear(renamed, "goodbye")
        await say(renamed, "/quit")
        await socket.wait_closed()
        assert socket.close_code == 1000, socket.close_code


asyncio.run(main())
