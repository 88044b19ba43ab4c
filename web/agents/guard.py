"""The guard before the protocol over HTTP: the checks of hosts and origins of blog-web.

The SDK has checks of its own, and they let more through: a page from any port of this
machine, which may be anybody's.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from werkzeug.datastructures import Headers

from search.errors import BlogsearchError
from web.error_responses import error_response_for
from web.security import HEADERS, check_host, check_origin

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Callable[[], Awaitable[Message]], Send], Awaitable[None]]


class Guard:
    """ASGI middleware that refuses requests to other hosts, and from other origins."""

    def __init__(
        self, app: App, hosts: frozenset[str] | None, origins: frozenset[str]
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._origins = origins

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Send
    ) -> None:
        # Beside requests there are the messages of the server's start and end.
        if scope["type"] == "http":
            try:
                self._check(scope)
            except BlogsearchError as error:
                await _refuse(send, error)
                return
        await self._app(scope, receive, send)

    def _check(self, scope: Message) -> None:
        headers = Headers(
            [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in scope["headers"]
            ]
        )
        host = headers.get("Host", "")
        check_host(host, self._hosts)
        check_origin(headers, host, self._origins)


async def _refuse(send: Send, error: BlogsearchError) -> None:
    problem = error_response_for(error)
    body = json.dumps({"error": {"code": problem.code, "message": problem.message}})
    headers = HEADERS | {"Content-Type": "application/json"}
    await send(
        {
            "type": "http.response.start",
            "status": problem.status,
            "headers": [
                (name.lower().encode(), value.encode())
                for name, value in headers.items()
            ],
        }
    )
    await send({"type": "http.response.body", "body": body.encode()})
