"""What a terminal can do, as well-kept programs find it out."""

import io

import pytest

from search.terminal.capabilities import Terminal, shows_links, terminal_of


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "90")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm"}, Terminal(90, colour=True)),
        ({"TERM": "xterm", "VTE_VERSION": "7402"}, Terminal(90, colour=True, links=True)),
        ({"TERM": "xterm", "VTE_VERSION": "7402", "NO_COLOR": "1"}, Terminal(90)),
        ({"TERM": "dumb", "VTE_VERSION": "7402"}, Terminal(90)),
        ({"TERM": "xterm", "FORCE_HYPERLINK": "1"}, Terminal(90, colour=True, links=True)),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, Terminal(90, colour=True)),
    ],
)  # fmt: skip
def test_colour_and_links_of_a_terminal(environment, expected):
    assert terminal_of(Screen(), environment) == expected


def test_a_pipe_has_neither_unless_links_are_forced():
    environment = {"TERM": "xterm-kitty"}
    assert terminal_of(io.StringIO(), environment) == Terminal(90)
    forced = environment | {"FORCE_HYPERLINK": "1"}
    assert terminal_of(io.StringIO(), forced) == Terminal(90, links=True)


@pytest.mark.parametrize(("columns", "width"), [("300", 100), ("5", 20), ("60", 60)])
def test_lines_are_neither_too_long_nor_too_short_to_read(monkeypatch, columns, width):
    monkeypatch.setenv("COLUMNS", columns)
    assert terminal_of(io.StringIO(), {}).width == width


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({"TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-ghostty"}, True),
        ({"WT_SESSION": "x"}, True),
        ({"VTE_VERSION": "5000"}, False),
        ({"TMUX": "x", "VTE_VERSION": "7000"}, False),
        ({"TMUX": "x", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.3a"}, False),
        ({"TMUX": "x", "TERM_PROGRAM": "tmux", "TERM_PROGRAM_VERSION": "3.4"}, True),
        ({"TERM": "linux"}, False),
    ],
)
def test_terminals_that_show_links(environment, shown):
    assert shows_links(environment) is shown
