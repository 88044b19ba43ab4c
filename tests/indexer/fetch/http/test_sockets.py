import itertools
import socket
import ssl
import threading

import pytest
import trustme

from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.records import FetchError
from tests.servers import Served, drip, names, raw, scripted

QUICK = Limits(delay=0, deadline=1.0, tries=1)

# Spellings of this machine and of places that only machines inside a network should
# reach.
HOSTILE = [
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001",
    "2130706433", "127.0.0.1.", "localhost", "LOCALHOST", "localhost.", "0.0.0.0", "0", "0x0", "00000",
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[::7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "[fe80::1]", "[fec0::1]",
    "[fd00::1]",
    "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "169.254.169.254", "0xa9fea9fe", "2852039166", "100.64.0.1",
    "10.0.0.1", "192.168.0.1", "172.16.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.0.192",
]  # fmt: skip


def refusal(fetcher, url, **options):
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url, **options)
    return caught.value


@pytest.fixture
def fetcher():
    with HttpFetcher(QUICK) as it:
        yield it


@pytest.mark.parametrize("host", HOSTILE)
def test_a_private_address_is_refused_before_a_connection_in_every_spelling(
    fetcher, host
):
    with raw(drip([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])) as (
        base,
        connections,
    ):
        error = refusal(fetcher, f"http://{host}:{base.rpartition(':')[2]}/")
        assert connections == []
    # A spelling that this system's resolver does not know at all is as good as refused.
    assert error.reason in ("private-address", "no-such-host")
    assert error.permanent


def test_a_name_that_leads_to_a_private_address_is_refused():
    with (
        scripted({"/": Served()}) as site,
        HttpFetcher(QUICK, resolve=names(evil_example="127.0.0.1")) as fetcher,
    ):
        error = refusal(fetcher, site.base.replace("127.0.0.1", "evil.example"))
    assert error.reason == "private-address"
    assert "evil.example" in str(error)
    assert site.asked == []


def test_every_redirect_is_checked():
    # The first server counts as public here; only the address it redirects to is
    # private.
    with scripted() as inner, scripted() as outer:
        inner.pages["/"] = Served(b"secret")
        outer.pages["/"] = Served(
            b"",
            302,
            (("Location", inner.base.replace("127.0.0.1", "169.254.169.254")),),
        )
        with HttpFetcher(QUICK) as fetcher:
            error = refusal(fetcher, outer.base, allow_private=True)
    assert error.reason == "private-address"
    assert error.url == outer.base


def test_a_connection_that_was_allowed_serves_no_call_that_is_not(fetcher):
    with scripted({"/": Served()}) as site:
        fetcher.fetch(site.base, allow_private=True)
        assert refusal(fetcher, site.base).reason == "private-address"
        assert len(site.asked) == 1


def test_of_several_addresses_the_forbidden_are_left_out_and_the_dead_passed_over():
    # Nothing listens at 127.0.0.2; the link-local address is never asked, allowed or
    # not.
    resolve = names(many_example=["169.254.169.254", "127.0.0.2", "127.0.0.1"])
    with (
        scripted({"/": Served(b"found")}) as site,
        HttpFetcher(QUICK, resolve=resolve) as fetcher,
    ):
        page = fetcher.fetch(
            site.base.replace("127.0.0.1", "many.example"), allow_private=True
        )
    assert page.body == b"found"


def test_the_name_is_looked_up_once_a_connection_and_what_was_checked_is_connected_to():
    answers = iter(["127.0.0.1", "169.254.169.254"])

    def rebinding(host, port):
        return socket.getaddrinfo(next(answers), port, type=socket.SOCK_STREAM)

    with (
        scripted({"/": Served()}) as site,
        HttpFetcher(QUICK, resolve=rebinding) as fetcher,
    ):
        assert (
            fetcher.fetch(
                site.base.replace("127.0.0.1", "a.example"), allow_private=True
            ).status
            == 200
        )


@pytest.mark.parametrize(
    ("code", "reason", "permanent", "calls"),
    [(socket.EAI_NONAME, "no-such-host", True, 1), (socket.EAI_AGAIN, "dns", False, 1)],
)
def test_a_name_that_is_not_found(code, reason, permanent, calls):
    asked = []

    def unknown(host, port):
        asked.append(host)
        raise socket.gaierror(code, "not found")

    with HttpFetcher(
        Limits(delay=0, tries=2, backoff=0.01), resolve=unknown
    ) as fetcher:
        error = refusal(fetcher, "http://nowhere.example/")
    assert (error.reason, error.permanent) == (reason, permanent)
    assert len(asked) == calls


def test_a_resolver_that_hangs_does_not_hold_us():
    over = threading.Event()

    def hangs(host, port):
        over.wait(10)
        return []

    with HttpFetcher(Limits(deadline=0.3, tries=1), resolve=hangs) as fetcher:
        assert refusal(fetcher, "http://slow.example/").reason == "timeout"
    over.set()


def test_a_port_where_nothing_listens(fetcher):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = refusal(fetcher, f"http://127.0.0.1:{port}/", allow_private=True)
    assert (error.reason, error.permanent) == ("connection", False)


# TLS


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def server_context(authority, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def trusting(authority, monkeypatch, tmp_path):
    """A fetcher that trusts the tests' authority, given as users give it to
    OpenSSL."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with HttpFetcher(QUICK, resolve=names(blog_example="127.0.0.1")) as it:
        yield it


def test_a_trusted_certificate_is_checked_against_the_name(authority, trusting):
    with scripted(
        {"/": Served(b"safe")}, context=server_context(authority, "blog.example")
    ) as site:
        base = site.base.replace("127.0.0.1", "blog.example")
        assert trusting.fetch(base, allow_private=True).body == b"safe"
        assert site.asked[0][1]["Host"] == base.removeprefix("https://")


def test_a_certificate_for_another_name_is_refused_without_a_retry(authority, trusting):
    with scripted(
        {"/": Served()}, context=server_context(authority, "other.example")
    ) as site:
        error = refusal(
            trusting, site.base.replace("127.0.0.1", "blog.example"), allow_private=True
        )
    assert (error.reason, error.permanent) == ("tls", True)
    assert site.asked == []


def test_a_certificate_of_an_unknown_authority_is_refused(fetcher):
    with scripted(
        {"/": Served()}, context=server_context(trustme.CA(), "127.0.0.1")
    ) as site:
        error = refusal(fetcher, site.base, allow_private=True)
    assert error.reason == "tls"
    assert "certificate" in str(error)


def test_the_deadline_holds_over_tls_too(authority, trusting):
    context = server_context(authority, "blog.example")
    talk = drip([b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n", *[b"x"] * 60])

    def over_tls(sock, over):
        with context.wrap_socket(sock, server_side=True) as secure:
            talk(secure, over)

    with raw(over_tls) as (base, _):
        url = base.replace("http://127.0.0.1", "https://blog.example")
        assert refusal(trusting, url, allow_private=True).reason == "too-slow"


def test_a_handshake_that_never_ends_times_out(trusting):
    with raw(drip(itertools.repeat(b"\x16"), pause=0.2)) as (base, _):
        url = base.replace("http://127.0.0.1", "https://blog.example")
        assert refusal(trusting, url, allow_private=True).reason in ("timeout", "tls")
