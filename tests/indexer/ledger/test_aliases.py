"""Which listed addresses are one, over a real ledger."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.ledger.aliases import Aliases
from indexer.ledger.ledger import Ledger
from indexer.records import Item, SourceRecord
from indexer.text.urls import identity_of
from tests.torture.scale import rounds

URLS = st.builds(
    lambda scheme, www, path: f"{scheme}://{www}ex.org{path}",
    st.sampled_from(["http", "https"]),
    st.sampled_from(["", "www."]),
    st.sampled_from(["/a", "/A", "/b?p=1", "/b?p=2"]),
)
LISTED = st.lists(
    st.tuples(st.sampled_from(["https://s.org/1", "https://s.org/2"]), URLS),
    max_size=25,
)


@settings(max_examples=rounds(60, 1000), deadline=None)
@given(LISTED, LISTED)
def test_groups_are_the_listings_by_identity_however_they_came(
    tmp_path_factory, first, later
):
    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    try:
        for source in ("https://s.org/1", "https://s.org/2"):
            ledger.put_source(SourceRecord(source, "feed"))
        aliases = Aliases(ledger)
        for batch in (first, later):
            for source, url in batch:
                ledger.put_items(source, [Item(url)])
        listed = list(dict.fromkeys([*first, *later]))
        groups = dict(aliases.of_urls(url for _, url in listed))
        assert sorted(groups) == sorted({identity_of(url) for _, url in listed})
        for key, group in groups.items():
            same = [(source, url) for source, url in listed if identity_of(url) == key]
            assert group.urls == tuple(dict.fromkeys(url for _, url in same))
            assert group.current == dict(same)
            said = aliases.items_of(group.urls)
            assert {(source.url, item.url) for item, source in said} == set(
                group.current.items()
            )
            assert len(said) == len(group.current)
            if len(group.urls) == 1:
                assert group.hash == ledger.hash_of_url(group.urls[0])
        for source in ("https://s.org/1", "https://s.org/2"):
            every = ledger.open_identities(datetime.now(UTC), everything=True)
            keys = every.get(source, [])
            assert keys == list(
                dict.fromkeys(identity_of(url) for s, url in listed if s == source)
            )
    finally:
        ledger.close()
