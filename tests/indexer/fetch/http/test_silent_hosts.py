"""Hosts that say nothing: how often they are asked, and what that means for others."""

import pytest

from indexer.fetch.http.silent_hosts import (
    MOST_PAGES,
    MOST_SILENT,
    UNANSWERED,
    SilentHosts,
)
from indexer.fetch.http.ssrf import parse_address
from indexer.records import FetchError

A = parse_address("https://a.blogs.example/1")


def hosts(tries=3, groups=()):
    return SilentHosts(tries=tries, group_of=lambda host: dict(groups).get(host, ""))


def unanswered(known, address, reason="timeout"):
    error = FetchError(address.url, reason, "No answer.")
    known.note(address, error)
    return error


def refused(known, address) -> str:
    try:
        known.refuse(address)
    except FetchError as error:
        return error.reason
    return ""


@pytest.mark.parametrize("reason", UNANSWERED)
def test_a_host_that_never_answered_is_asked_once(reason):
    known = hosts()
    assert unanswered(known, A, reason).silent
    with pytest.raises(FetchError, match="does not answer") as caught:
        known.refuse(A)
    assert (caught.value.reason, caught.value.permanent) == ("silent-host", False)
    assert caught.value.silent
    # Port 80 may be closed where 443 answers.
    assert refused(known, parse_address("http://a.blogs.example/1")) == ""


@pytest.mark.parametrize("reason", ["no-such-host", "tls", "stopped", "put-off"])
def test_a_failure_that_says_what_it_is_silences_nobody(reason):
    known = hosts()
    assert not unanswered(known, A, reason).silent
    assert refused(known, A) == ""


def test_a_host_that_has_answered_may_fail_a_few_times_in_a_row():
    known = hosts(tries=1)
    known.note(A, FetchError(A.url, "not-found", "No.", status=404))
    assert not unanswered(known, A).silent
    known.note(A)
    assert [unanswered(known, A).silent for _ in range(MOST_PAGES)] == [False, True]
    # Its other pages are no worse for it: they are as due as they were.
    assert refused(known, A) == "put-off"


def test_a_drip_that_only_begins_to_answer_falls_silent_too():
    known = hosts()
    for count in range(1, MOST_PAGES + 1):
        known.hear(A)
        assert unanswered(known, A, "too-slow").silent is (count == MOST_PAGES)


def test_a_server_in_trouble_is_left_alone_after_a_while():
    known = hosts(tries=1)
    for count in range(1, MOST_PAGES + 1):
        known.hear(A)
        trouble = FetchError(A.url, "server-error", "Trouble.", status=500)
        known.note(A, trouble)
        assert trouble.silent is (count == MOST_PAGES)
    assert refused(known, A) == "put-off"


def test_hosts_that_drip_speak_for_no_neighbour():
    known = hosts()
    for address in neighbours(MOST_SILENT):
        known.hear(address)
        unanswered(known, address, "too-slow")
    assert refused(known, A) == "put-off"


def neighbours(count):
    return [parse_address(f"https://n{n}.blogs.example/") for n in range(count)]


def test_where_all_hosts_of_a_domain_are_silent_the_others_are_put_off():
    known = hosts()
    for address in neighbours(MOST_SILENT):
        assert refused(known, A) == ""
        unanswered(known, address)
    assert refused(known, A) == "put-off"
    assert refused(known, parse_address("https://elsewhere.example/")) == ""


def test_one_host_of_a_domain_that_answers_speaks_for_the_others():
    known = hosts()
    known.note(parse_address("https://www.blogs.example/"))
    for address in neighbours(MOST_SILENT + 5):
        unanswered(known, address)
    assert refused(known, A) == ""


def test_hosts_behind_one_silent_address_are_put_off():
    names = [f"a{n}.example" for n in range(MOST_SILENT + 1)]
    known = hosts(groups=dict.fromkeys(names, "@203.0.113.7"))
    *first, last = [parse_address(f"https://{name}/") for name in names]
    for address in first:
        unanswered(known, address)
    assert refused(known, last) == "put-off"


def test_ports_of_ones_own_machine_say_nothing_of_each_other():
    known = hosts()
    *first, last = [parse_address(f"http://127.0.0.1:{n}/") for n in range(8000, 8009)]
    for address in first:
        unanswered(known, address)
    assert refused(known, last) == ""
