"""`remove` by whatever a person calls a source, be it there any more or not."""

import pytest

from tests.sites import page, serving, text

pytestmark = pytest.mark.usefixtures("quick_commands")


@pytest.fixture
def site():
    with serving() as running:
        running.post("/1", "One", text(1))
        running.feed(("/1", "One"))
        links = "".join(f"- [{n}](/{n}) is a note on {n}\n" for n in range(1, 5))
        running.put("/til.md", f"# 2024-03-01\n\n{links}", kind="text/markdown")
        yield running


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_gone_from_disk_is_removed_by_its_name(
    run, tmp_path, monkeypatch, kind
):
    monkeypatch.chdir(tmp_path)
    if kind == "folder":
        name = "posts"
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.md").write_text(f"# One\n\n{text(1)}\n")
    else:
        name = "one.html"
        (tmp_path / name).write_text(page("One", text(1)))
    spellings = [name, f"./{name}", str(tmp_path / name), (tmp_path / name).as_uri()]
    if kind == "folder":
        spellings += [f"{each}/" for each in spellings]
    for spelling in spellings:
        assert run("add", name)[0] == 0
        (tmp_path / name).rename(tmp_path / "kept")
        assert run("remove", spelling)[0] == 0
        assert run("sources")[1] == ""
        (tmp_path / "kept").rename(tmp_path / name)


@pytest.mark.parametrize("status", [200, 404, 410])
@pytest.mark.parametrize(
    "spelling", ["{}/blog/feed/", "{}/blog/feed", "{}/blog", "{}/blog/"]
)
def test_a_source_is_removed_by_any_spelling_of_its_address(
    run, site, status, spelling
):
    feed = '<link rel=alternate type="application/rss+xml" href="/blog/feed/">'
    site.post("/blog", "Home", text(9), head=feed)
    body = site.pages["/feed.xml"].body.replace(
        b"<link>" + site.base.encode() + b"/</link>",
        b"<link>" + site.base.encode() + b"/blog/</link>",
    )
    site.put("/blog/feed/", body, kind="application/rss+xml")
    assert run("add", site.url("/blog"), "--allow-private", "--feed-only")[0] == 0
    site.put("/blog/feed/", b"", status=status)
    site.put("/blog", b"", status=status)
    run("update")
    asked = site.asked()
    assert run("remove", spelling.format(site.base))[0] == 0
    assert site.asked() == []
    assert run("sources")[1] == ""
    assert asked
    # Once more it is a name of nothing.
    code, _, err = run("remove", spelling.format(site.base))
    assert code == 2
    assert "is not followed" in err


def test_an_address_of_the_host_alone_removes_no_page_of_it(run, site):
    run("add", site.url("/til.md"), "--allow-private")
    assert run("remove", f"{site.base}/")[0] == 2
    assert "til.md" in run("sources")[1]
