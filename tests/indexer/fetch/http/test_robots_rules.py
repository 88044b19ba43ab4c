"""The cases of Google's own tests for robots.txt (https://github.com/google/robotstxt),
in our own words."""

import pytest

from indexer.fetch.http.robots import MOST_LINES, parse_robots
from indexer.fetch.http.ssrf import parse_address
from indexer.text.robots_directives import AGENT

US = "User-agent: blogsearch\n"
ALL = "User-agent: *\n"


def allowed(text: str, path: str = "/x") -> bool:
    return parse_robots(text).can_fetch(
        parse_address(f"http://example.org{path}").url, AGENT
    )


THREE_GROUPS = (
    "allow: /foo/bar/\n\nuser-agent: {}\ndisallow: /\nallow: /x/\n"
    "user-agent: {}\ndisallow: /\nallow: /y/\n\n\nallow: /w/\n"
    "user-agent: {}\n\nuser-agent: foo\nallow: /z/\ndisallow: /\n"
)


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        # what is a line
        ("user-agent: blogsearch\ndisallow: /\n", "/x/y", False),
        ("foo: blogsearch\nbar: /\n", "/x/y", True),
        ("user-agent blogsearch\ndisallow /\n", "/x/y", False),
        ("USER-AGENT: BLOGSEARCH\nALLOW: /x/\nDISALLOW: /\n", "/x/y", True),
        ("USER-AGENT: BLOGSEARCH\nALLOW: /x/\nDISALLOW: /\n", "/a/b", False),
        ("User-agent:\nDisallow: /\n", "/x", True),
        ("Disallow: /\n", "/x", True),
        (ALL + "Disallow: /x # why\n", "/x", False),
        ("User-agent: * # all\nDisallow: /x\n", "/x", False),
        (US + "# Disallow: /\nDisallow: /foo/quz#qux\nAllow: /\n", "/foo/bar", True),
        (US + "# Disallow: /\nDisallow: /foo/quz#qux\nAllow: /\n", "/foo/quz", False),
        (ALL + "# " + "x" * 100_000 + "\nDisallow: /x\n", "/x", False),
        (ALL + "Disallow: /x" + "a" * 20_000 + "\n", "/xa", True),
        # whose group it is
        (THREE_GROUPS.format("blogsearch", "b", "c"), "/x/b", True),
        (THREE_GROUPS.format("blogsearch", "b", "c"), "/foo/bar/", False),
        (THREE_GROUPS.format("blogsearch", "b", "c"), "/y/c", False),
        (THREE_GROUPS.format("a", "blogsearch", "c"), "/y/c", True),
        (THREE_GROUPS.format("a", "blogsearch", "c"), "/w/a", True),
        (THREE_GROUPS.format("a", "blogsearch", "c"), "/z/d", False),
        (THREE_GROUPS.format("a", "b", "blogsearch"), "/z/d", True),
        (THREE_GROUPS.format("a", "b", "blogsearch"), "/x/b", False),
        (US + "disallow: /\nallow: /y/\n" + US + "allow: /z/\n", "/z/d", True),
        (US + "Sitemap: https://foo.bar/sitemap\n" + ALL + "Disallow: /\n", "/x", False),
        (US + "Invalid-Unknown-Line: unknown\n" + ALL + "Disallow: /\n", "/x", False),
        (US + "Crawl-delay: 3\n" + ALL + "Disallow: /\n", "/x", True),
        (ALL + "Disallow: /\nUser-Agent: blogsearch Bar\nAllow: /x/\nDisallow: /\n", "/x/y", True),
        ("User-agent: * baz\nDisallow: /\n", "/x", False),
        ("User-agent: *baz\nDisallow: /\n", "/x", True),
        (ALL + "Disallow: /x/\n" + US + "Disallow: /y/\n", "/x/page", True),
        (ALL + "Disallow: /x/\n" + US + "Disallow: /y/\n", "/y/page", False),
        # the longest match, and of two as long the one that allows
        (US + "disallow: /X/\n", "/x/y", True),
        (US + "disallow: /X/\n", "/X/y", False),
        (US + "disallow: /x/page.html\nallow: /x/\n", "/x/page.html", False),
        (US + "allow: /x/page.html\ndisallow: /x/\n", "/x/page.html", True),
        (US + "allow: /x/page.html\ndisallow: /x/\n", "/x/", False),
        (US + "disallow: \nallow: \n", "/x/page.html", True),
        (US + "disallow: /\nallow: /\n", "/x/page.html", True),
        (US + "disallow: /x\nallow: /x/\n", "/x", False),
        (US + "disallow: /x\nallow: /x/\n", "/x/", True),
        (US + "disallow: /x/page.html\nallow: /x/page.html\n", "/x/page.html", True),
        (US + "allow: /page\ndisallow: /*.html\n", "/page.html", False),
        (US + "allow: /page\ndisallow: /*.html\n", "/page", True),
        (US + "allow: /x/page.\ndisallow: /*.html\n", "/x/page.html", True),
        (US + "allow: /x/page.\ndisallow: /*.html\n", "/x/y.html", False),
        (ALL + "allow: /p\ndisallow: /\n", "/page", True),
        (ALL + "allow: /folder\ndisallow: /folder\n", "/folder/page", True),
        (ALL + "allow: /page\ndisallow: /*.htm\n", "/page.htm", False),
        (ALL + "allow: /$\ndisallow: /\n", "/", True),
        (ALL + "allow: /$\ndisallow: /\n", "/page.html", False),
        # spelling of addresses
        (US + "Disallow: /\nAllow: /foo/bar?qux=taz&baz=http://foo.bar?tar&par\n",
         "/foo/bar?qux=taz&baz=http://foo.bar?tar&par", True),
        (US + "Disallow: /\nAllow: /foo/bar/ツ\n", "/foo/bar/%E3%83%84", True),
        (US + "Disallow: /\nAllow: /foo/bar/%E3%83%84\n", "/foo/bar/ツ", True),
        (US + "Disallow: /\nAllow: /foo/bar/%62%61%7A\n", "/foo/bar/%62%61%7A", True),
        (US + "Disallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz", False),  # RFC 9309, 2.2.2
        (US + "Disallow: /a%2fb\n", "/a%2Fb", False),
        (US + "Disallow: /a%2Fb\n", "/a/b", True),
        (ALL + "Disallow: /x;jsessionid\n", "/x;jsessionid=5", False),
        (ALL + "Disallow: http://example.org/x\n", "/x", True),
        (ALL + "Disallow: x\n", "/x", True),
        # * and $
        (US + "Disallow: /foo/bar/quz\nAllow: /foo/*/qux\n", "/foo/bar/quz", False),
        (US + "Disallow: /foo/bar/quz\nAllow: /foo/*/qux\n", "/foo/bax/quz", True),
        (US + "Disallow: /foo/bar$\nAllow: /foo/bar/qux\n", "/foo/bar", False),
        (US + "Disallow: /foo/bar$\nAllow: /foo/bar/qux\n", "/foo/bar/baz", True),
        (ALL + "Disallow: *\n", "/x", False),
        (ALL + "Disallow: *.pdf\n", "/x.pdf", False),
        (ALL + "Disallow: /*/*/*/*$\n", "/a/b/c/d", False),
        (ALL + "Disallow: /$x\n", "/$x", False),
        (ALL + "Disallow: /***x\n", "/ab/x", False),
        (ALL + "Disallow: /*?\n", "/x?a=b", False),
        (ALL + "Disallow: /*?\n", "/x", True),
        # what allows an index page allows its folder
        (ALL + "Allow: /slash/index.html\nDisallow: /\n", "/slash/", True),
        (ALL + "Allow: /slash/index.html\nDisallow: /\n", "/slash/index.htm", False),
        (ALL + "Allow: /slash/index.html\nDisallow: /\n", "/other", False),
        # ends of lines, marks of byte order
        ("\ufeff" + US + "Disallow: /\n", "/x", False),
        (US + "\ufeffDisallow: /\n", "/x", True),
        (US + "Disallow: /a\x0cDisallow: /x\n", "/x", True),
        (US + "Disallow: /a\u2028Disallow: /x\n", "/x", True),
        ("User-Agent: foo\rAllow: /some/path\r\rUser-Agent: blogsearch\r\rDisallow: /", "/x", False),
        *((end.join((US.strip(), "Disallow: /x", "", "User-Agent: foo", "Disallow: /")), "/x", False)
          for end in ("\n", "\r\n", "\r")),
        # misspellings that are read, and some that are not
        *((f"{ALL}{name}: /\n", "/x", False) for name in
          ("dissallow", "dissalow", "disalow", "diasllow", "disallaw", "Disallow ", " Disallow")),
        *((f"{name}: *\nDisallow: /\n", "/x", False) for name in
          ("useragent", "user agent", "User-Agent ", "\tUser-agent")),
        *((f"{ALL}{name}: /\n", "/x", True) for name in ("disallows", "deny", "noindex", "disallow-all")),
        (ALL + "Disallow: /\n", "/robots.txt", True),
    ],
)  # fmt: skip
def test_a_rule(text, path, expected):
    assert allowed(text, path) is expected


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("/fish", "/fish /fish.html /fish/salmon.html /fishheads /fish.php?id=anything",
         "/Fish.asp /catfish /?id=fish"),
        ("/fish*", "/fish /fish.html /fishheads/yummy.html", "/Fish.bar /catfish /?id=fish"),
        ("/fish/", "/fish/ /fish/salmon /fish/?salmon", "/fish /fish.html /Fish/Salmon.asp"),
        ("/*.php", "/filename.php /folder/any.php.file.html /filename.php/ /index?f=filename.php/",
         "/php/ /index?php /windows.PHP"),
        ("/*.php$", "/filename.php /folder/filename.php",
         "/filename.php?parameters /filename.php/ /filename.php5 /php/ /filename?php /aaaphpaaa /w.PHP"),
        ("/fish*.php", "/fish.php /fishheads/catfish.php?parameters", "/Fish.PHP"),
    ],
)  # fmt: skip
def test_the_patterns_of_the_documentation(pattern, matching, others):
    text = f"{ALL}disallow: /\nallow: {pattern}\n"
    assert [path for path in matching.split() if not allowed(text, path)] == []
    assert [path for path in others.split() if allowed(text, path)] == []


def test_a_file_of_more_lines_than_anyone_writes_lets_us_in_nowhere():
    rules = "Disallow: /a\n" * (MOST_LINES - 1)
    assert allowed(ALL + rules)
    assert not allowed(ALL + rules + "Disallow: /a\n")
