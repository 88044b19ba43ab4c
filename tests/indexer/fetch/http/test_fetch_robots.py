import pytest

from indexer.fetch.http.fetch_robots import RobotsReader
from indexer.fetch.http.server_memory import ServerMemory
from indexer.records import FetchError, NotModified, Page, RobotsCopy, Validators
from tests.servers import FakeClock

URL = "https://a.example/robots.txt"
SEEN = Validators('"1"', "", URL)


class Server:
    """Gives the answers in their order; ``asked`` are the conditions of each request."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)
        self.asked: list[Validators] = []

    def fetch(self, request):
        assert request.purpose == "robots"
        self.asked.append(request.validators)
        answer = self.answers.pop(0)
        if isinstance(answer, FetchError):
            raise answer
        return answer


def page(text, **more):
    return Page(URL, URL, text.encode(), validators=SEEN, **more)


def failure(reason, status):
    error = FetchError(URL, reason, "No.", status=status)
    error.seen = SEEN
    return error


def test_a_copy_is_fresh_as_long_as_its_server_says_but_a_day_at_most():
    clock, memory = FakeClock(), ServerMemory()
    server = Server(page("old", max_age=7 * 86400), page("new"))
    reader = RobotsReader(server.fetch, memory, clock)
    assert reader.read(URL, False) == "old"
    clock.now += 86400 - 1
    assert reader.read(URL, False) == "old"
    clock.now += 2
    assert reader.read(URL, False) == "new"
    assert server.asked == [Validators(), SEEN]


def test_a_copy_that_has_not_changed_is_kept():
    memory = ServerMemory(robots={URL: RobotsCopy("kept", SEEN)})
    server = Server(NotModified(URL, validators=SEEN, max_age=60))
    assert RobotsReader(server.fetch, memory, FakeClock()).read(URL, False) == "kept"
    assert memory.robots[URL].fresh_until > ""


def test_a_file_that_came_with_an_older_date_is_read():
    memory = ServerMemory(robots={URL: RobotsCopy(None, SEEN)})
    server = Server(NotModified(URL), page("here"))
    assert RobotsReader(server.fetch, memory, FakeClock()).read(URL, False) == "here"
    assert server.asked == [SEEN, Validators()]


def test_no_file_means_no_rules():
    memory = ServerMemory()
    server = Server(failure("not-found", 404))
    assert RobotsReader(server.fetch, memory, FakeClock()).read(URL, False) == ""
    assert memory.robots == {URL: RobotsCopy(None, SEEN)}


@pytest.mark.parametrize(
    ("reason", "status", "expected"),
    [
        ("server-error", 500, "robots-unreachable"),
        ("rate-limited", 429, "robots-unreachable"),
        ("timeout", None, "robots-unreachable"),
        ("tls", None, "tls"),
        ("no-such-host", None, "no-such-host"),
    ],
)
def test_a_file_that_cannot_be_read_now_forbids_all(reason, status, expected):
    memory = ServerMemory()
    reader = RobotsReader(Server(failure(reason, status)).fetch, memory, FakeClock())
    with pytest.raises(FetchError) as caught:
        reader.read(URL, False)
    assert (caught.value.reason, caught.value.status) == (expected, status)
    assert memory.robots == {}
