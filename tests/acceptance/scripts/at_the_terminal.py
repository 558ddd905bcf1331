"""Asks for what it is told to, prints meanwhile, and may read a line of its own afterwards.

Arguments: `print` has it print while it waits; `input` has it read a line by `input()` at the end; `fail` has it fail
while it waits; the rest are types.
"""

import asyncio
import enum
import sys
from datetime import date
from typing import Literal

from pydantic import SecretStr

import flyteplugins.hitl as hitl


class Colour(enum.Enum):
    RED = "red"
    GREEN = "green"


def even(number: int) -> None:
    if number % 2:
        raise hitl.Invalid(f"{number} is odd.")


TYPES = {
    "bool": bool,
    "int": int,
    "float": float,
    "str": str,
    "date": date,
    "literal": Literal["cat", "dog", "neither"],
    "enum": Colour,
    "approval": hitl.Approval,
    "list": list[int],
    "secret": SecretStr,
}
WORDS = sys.argv[1:]


async def printing(begin: asyncio.Event) -> None:
    # After the link, which is printed at once, whatever stands there.
    await begin.wait()
    for number in range(1, 31):
        print(f"out {number}, a line of the script", flush=True)
        print(f"err {number}, a line of the script", file=sys.stderr, flush=True)
        print(f"half {number} and ", end="", flush=True)
        await asyncio.sleep(0.02)
        print("half", flush=True)
        print(f"{number} of 30 ...\r", end="", file=sys.stderr, flush=True)
        await asyncio.sleep(0.1)
    print()


async def asked(name: str, is_asked: asyncio.Event) -> None:
    kind, _, own = name.partition("=")
    check = even if kind == "even" else None
    event = await hitl.new_event.aio(
        own or kind, data_type=TYPES.get(kind, int), prompt="What do *you* think?\x1b[31m", validate=check
    )
    is_asked.set()
    outcome = await event.response.aio()
    print(f"answer {own or kind}", repr(outcome.value), outcome.responder, outcome.channel.value, flush=True)


async def failing(begin: asyncio.Event) -> None:
    await begin.wait()
    # Until the line is there; that is what this is about.
    await asyncio.sleep(1.5)
    raise ValueError("The script fails.")


async def main() -> None:
    is_asked = asyncio.Event()
    waits = [asked(name, is_asked) for name in WORDS if name not in ("print", "input", "fail")]
    others = [work(is_asked) for word, work in (("print", printing), ("fail", failing)) if word in WORDS]
    await asyncio.gather(*waits, *others)


if __name__ == "__main__":
    asyncio.run(main())
    if "input" in WORDS:
        print("read", repr(input("name: ")), flush=True)
