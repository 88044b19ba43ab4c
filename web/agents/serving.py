"""The protocol: the tools served over stdio or HTTP by the SDK.

The one door of mcp and uvicorn; imported once it is known that they are there.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from typing import Any

import uvicorn
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

from search.errors import BlogsearchError
from search.hints import with_index
from web.agents.guard import Guard
from web.agents.opening import Opening
from web.agents.parameters import schema_of
from web.agents.tools import INSTRUCTIONS, TOOLS, Tool, call
from web.settings import Settings

PATH = "/mcp"
# Bytes of a request: the longest text to compare has 10,000 characters, each of which
# JSON may write as twelve.
LONGEST_REQUEST = 200_000
# At once: more than a machine has agents, fewer than it has files.
CONNECTIONS = 64
UNFORESEEN = "Something went wrong here; the server's log says what."

log = logging.getLogger(__name__)


def serve_stdio(settings: Settings) -> None:
    """Serve one client until it closes standard input."""
    asyncio.run(_over_stdio(settings))


def serve_http(settings: Settings, listening: socket.socket) -> None:
    """Serve clients on a socket until a signal ends it."""
    app = _server(settings).streamable_http_app(
        streamable_http_path=PATH,
        # No tool remembers anything, so that no session need be kept.
        stateless_http=True,
        json_response=True,
        max_request_body_size=LONGEST_REQUEST,
        # The guard does it.
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=False
        ),
    )
    guarded = Guard(app, settings.answered_hosts, settings.origins)
    config = uvicorn.Config(
        guarded,
        log_config=None,  # what the command has set up
        access_log=False,  # it would hold clients' addresses
        ws="none",
        lifespan="on",
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=2,
    )
    with suppress(KeyboardInterrupt):  # it ends in order, and then raises it again
        uvicorn.Server(config).run([listening])


async def _over_stdio(settings: Settings) -> None:
    server = _server(settings)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def _server(settings: Settings) -> Server[Any]:
    opening = Opening(settings.index, at_once=settings.at_once)

    async def list_tools(
        context: Any, asked: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        # Not before the handshake, which would share the processor with it.
        opening.begin()
        return types.ListToolsResult(tools=list(map(_described, TOOLS)))

    async def call_tool(
        context: Any, asked: types.CallToolRequestParams
    ) -> types.CallToolResult:
        # The engine computes for some hundredths of a second; others go on meanwhile.
        text, failed = await asyncio.to_thread(
            _answer, settings, opening, asked.name, asked.arguments or {}
        )
        content = types.TextContent(type="text", text=text)
        return types.CallToolResult(content=[content], is_error=failed)

    # Not the SDK's MCPServer, which makes schemas of signatures and puts words of its own
    # before each error.
    return Server(
        "blogsearch",
        title="Blogsearch",
        version=_version(),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _answer(
    settings: Settings, opening: Opening, name: str, given: Mapping[str, object]
) -> tuple[str, bool]:
    """Answer a call; True where it failed, and the text says why."""
    try:
        return call(opening.gate(), name, given), False
    except BlogsearchError as error:
        return with_index(str(error), settings.index), True
    except Exception:
        # Its text may name folders, and is nothing that an agent could act upon.
        log.exception("the tool %.40r failed", name)
        return UNFORESEEN, True


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.about,
        input_schema=schema_of(tool.parameters),
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=False,  # the index, not the web
        ),
    )


def _version() -> str:
    try:
        return metadata.version("blogsearch")
    except metadata.PackageNotFoundError:
        return ""
