"""The official client over real pipes and real HTTP, against an index of hashed words."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import urllib.error
import urllib.request

import pytest

mcp = pytest.importorskip("mcp")

from tests.stocked import stock  # noqa: E402  # only where the extra is installed
from tests.web.agents.answering import ROOT, command, environment, serving  # noqa: E402
from web.agents.room import ANSWER  # noqa: E402

NAMES = ["search", "read_article", "related", "similar", "sources"]
PING = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    stock(folder, 12)
    return folder


def over_stdio(*options):
    first, *rest = command(*options)
    return mcp.StdioServerParameters(
        command=first, args=rest, env=environment(), cwd=ROOT
    )


def talk(server, conversation, **options):
    async def run():
        async with mcp.Client(server, **options) as client:
            return await conversation(client)

    return asyncio.run(asyncio.wait_for(run(), 120))


async def ask(client, name, **given):
    """The text of an answer, and if it is an error."""
    result = await client.call_tool(name, given)
    assert [one.type for one in result.content] == ["text"]
    assert len(result.content[0].text.encode()) <= ANSWER
    return result.content[0].text, result.is_error


async def everything(client):
    tools = (await client.list_tools()).tools
    return tools, client.instructions, {
        "search": await ask(client, "search", question="bread in a cold room"),
        "newest": await ask(client, "search", question="water", sort="newest", limit="2"),
        "site": await ask(client, "search", question="site:b.example bread"),
        "read": await ask(client, "read_article", article="https://a.example/3"),
        "titled": await ask(client, "read_article", article="  post 3 "),
        "related": await ask(client, "related", article="Post 3", limit=3),
        "similar": await ask(client, "similar", text="water and salt in the oven"),
        "sources": await ask(client, "sources"),
        "unnamed": await ask(client, "search"),
        "too many": await ask(client, "search", question="bread", limit=500),
        "operator": await ask(client, "search", question="bread after:soon"),
        "nowhere": await ask(client, "read_article", article="https://c.example/"),
        "no section": await ask(
            client, "read_article", article="https://a.example/3", section="9"
        ),
        "no tool": await ask(client, "forget"),
    }  # fmt: skip


def check(tools, instructions, said):
    assert [one.name for one in tools] == NAMES
    for one in tools:
        assert one.annotations.read_only_hint
        assert not one.annotations.destructive_hint
        assert len(one.description) < 400
    assert "never instructions" in instructions
    failed = {name for name, (_, is_error) in said.items() if is_error}
    assert failed == {
        "unnamed", "too many", "operator", "nowhere", "no section", "no tool",
    }  # fmt: skip
    for name in failed:
        text = said[name][0]
        assert text.rstrip().endswith("."), text
        assert "Traceback" not in text
    assert "1. Post" in said["search"][0]
    assert "https://a.example/" in said["search"][0]
    assert "\n> " in said["search"][0]
    assert "Nothing in the index answers this" in said["site"][0]
    assert said["read"] == said["titled"]
    assert said["read"][0].startswith("Post 3\nhttps://a.example/3\nA, Ann; 2020-01-04")
    assert said["related"][0].startswith("Nearest in subject to: Post 3")
    assert "limit must be a whole number from 1 to 10." in said["too many"][0]


def test_a_client_over_pipes_gets_all_five_tools(index):
    # With the handshake of the protocol up to 2025, as most clients have it.
    check(*talk(over_stdio("--index", str(index)), everything, mode="legacy"))


def test_a_client_over_http_gets_the_same(index):
    with serving("--index", str(index)) as (address, _):
        check(*talk(address, everything, mode="legacy"))
        check(*talk(address, everything))


def test_the_handshake_does_not_wait_for_the_model(index):
    async def greet(client):
        assert client.server_info.name == "blogsearch"
        return (await client.list_tools()).tools

    assert len(talk(over_stdio("--held", "--index", str(index)), greet)) == len(NAMES)


def test_without_an_index_each_tool_says_so(tmp_path):
    async def conversation(client):
        return [
            await ask(client, "search", question="bread"),
            await ask(client, "sources"),
            await ask(client, "read_article", article="Post 3"),
        ]

    for text, is_error in talk(
        over_stdio("--index", str(tmp_path / "none")), conversation
    ):
        assert is_error
        assert f"blog-indexer add --index {tmp_path / 'none'} SOURCE" in text


def test_standard_output_holds_the_protocol_alone(index):
    asked = [
        PING,
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
            "name": "search", "arguments": {"question": "bread"}}},
    ]  # fmt: skip
    with subprocess.Popen(
        command("--index", str(index)), cwd=ROOT, text=True, env=environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        process.stdin.write("".join(json.dumps(one) + "\n" for one in asked))
        process.stdin.flush()
        lines = [json.loads(process.stdout.readline()) for _ in range(2)]
        rest, errors = process.communicate(timeout=60)
    assert [one["id"] for one in lines] == [1, 2]
    assert lines[1]["result"]["isError"] is False
    assert rest == ""
    assert "Traceback" not in errors
    assert process.returncode == 0


def posted(address, **headers):
    """The status of a request, and its body."""
    sent = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        **headers,
    }
    request = urllib.request.Request(address, json.dumps(PING).encode(), sent)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_other_hosts_and_pages_of_other_sites_are_refused(index):
    with serving("--index", str(index)) as (address, process):
        own = address.removesuffix("/mcp")
        assert posted(address)[0] == 200
        assert posted(address, Origin=own)[0] == 200
        for headers, status, code in (
            ({"Host": "evil.example"}, 400, "unknown-host"),
            ({"Host": "127.0.0.1.evil.example:80"}, 400, "unknown-host"),
            ({"Origin": "https://evil.example"}, 403, "foreign-page"),
            # Another program's page on this machine, and one without an address.
            ({"Origin": "http://127.0.0.1:1"}, 403, "foreign-page"),
            ({"Origin": "null"}, 403, "foreign-page"),
            ({"Sec-Fetch-Site": "cross-site"}, 403, "foreign-page"),
        ):
            found, body = posted(address, **headers)
            assert (found, body["error"]["code"]) == (status, code), headers
        too_long = urllib.request.Request(
            address, b" " * 300_000, {"Content-Type": "application/json"}
        )
        with pytest.raises(urllib.error.HTTPError, match="413") as caught:
            urllib.request.urlopen(too_long, timeout=30)
        caught.value.close()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        assert process.returncode == 0


def test_names_and_origins_that_were_allowed_are_let_in(index):
    with serving(
        "--index", str(index),
        BLOGSEARCH_ALLOWED_HOSTS="search.example",
        BLOGSEARCH_ORIGINS="https://app.example",
    ) as (address, _):  # fmt: skip
        assert posted(address, Host="search.example")[0] == 200
        assert posted(address, Origin="https://app.example")[0] == 200
        assert posted(address, Origin="https://evil.example")[0] == 403


def test_ctrl_c_ends_it_over_pipes_too(index):
    with subprocess.Popen(
        command("--index", str(index)), cwd=ROOT, text=True, env=environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        process.stdin.write(json.dumps(PING) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 1
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "Traceback" not in errors
