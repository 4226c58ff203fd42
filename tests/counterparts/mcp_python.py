"""The library `mcp` of PyPI as a client of `pinx mcp` and of `/mcp` of `pinx serve`: a line of JSON in, a
line out. `over` is the address of a server, or how the program is started; `mode` is the era.
"""

import asyncio
import base64
import json
import sys

from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters
from mcp.types import ElicitResult

FOX = {"prompt": "a red fox", "model": "openai/gpt-image-2", "size": "1024x1024"}


def client(asked, answer=None):
    over = asked["over"]
    server = over if isinstance(over, str) else StdioServerParameters(**over)
    if answer is None:
        return Client(server, mode=asked["mode"])

    async def answers(context, params):
        questions.append(params.message)
        content = {"agree": True} if answer == "accept" else None
        return ElicitResult(action=answer, content=content)

    questions = []
    made = Client(server, mode=asked["mode"], elicitation_callback=answers)
    made.questions = questions
    return made


def code(result):
    return result.structured_content["error"]["code"]


async def usual(asked):
    told = []

    async def progress(number, total, message):
        told.append((number, message))

    async with client(asked, "accept") as own:
        tools = {tool.name: tool for tool in (await own.list_tools()).tools}
        assert tools["stats"].annotations.read_only_hint is True
        sketch = {"prompt": "an owl", "model": "pinx/sketch", "size": "64x64", "count": 2}
        drawn = await own.call_tool("generate_image", sketch)
        assert not drawn.is_error, drawn
        kinds = [part.type for part in drawn.content]
        assert kinds == ["text", "resource_link", "resource_link"], kinds
        shown = await own.call_tool("show_image", {"image": drawn.structured_content["run"] + ".1"})
        assert base64.b64decode(shown.content[1].data), shown
        made = await own.call_tool("generate_image", FOX, progress_callback=progress)
        assert not made.is_error, made
        questions = len(own.questions)
        wrong = await own.call_tool("generate_image", {"prompt": "x", "size": "huge"})
        assert wrong.is_error and "huge" in wrong.content[0].text, wrong
        try:
            await own.call_tool("draw", {})
            unknown = None
        except MCPError as error:
            unknown = error.error.code
        version = own.protocol_version
    return {
        "version": version,
        "tools": list(tools),
        "link": str(made.content[1].uri),
        "progress": len(told),
        "asked": questions,
        "wrong": code(wrong),
        "unknown": unknown,
    }


async def refused(asked):
    raised = []
    for answer in ["decline", "cancel", None]:
        async with client(asked, answer) as own:
            raised.append(code(await own.call_tool("generate_image", FOX)))
    return raised


async def cancelled(asked):
    sent = asyncio.Event()

    async def progress(number, total, message):
        if message.endswith("sent"):
            sent.set()

    async with client(asked, "accept") as own:
        call = own.call_tool("generate_image", FOX, progress_callback=progress)
        task = asyncio.create_task(call)
        await sent.wait()
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
        return len((await own.list_tools()).tools)


for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(asyncio.run(globals()[asked["do"]](asked))), flush=True)
