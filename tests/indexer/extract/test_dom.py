"""The tree of a page: order, sizes, and what hostile nesting does to it."""

from indexer.extract.dom import MAX_DEPTH, parse_html


def body_of(html):
    body = parse_html(html).first("body")
    body.measure()
    return body


def test_elements_and_texts_come_in_document_order():
    body = body_of("<p>One<b>two</b></p>three<!-- no --><p>four")
    assert [element.tag for element in body.elements()] == ["body", "p", "b", "p"]
    assert list(body.texts()) == ["One", "two", "three", "four"]
    assert [element.text for element in body.elements("p")] == ["One two", "four"]
    assert body.has("b")
    assert not body.has("i", "u")


def test_an_attribute_without_a_value_is_there_and_empty():
    (link,) = body_of("<a href>x</a>").elements("a")
    assert "href" in link.attrs
    assert (link.get("href"), link.get("title")) == ("", "")


def test_sizes_count_neither_white_space_nor_what_is_not_shown():
    body = body_of("<p>a b <a href=x>cd</a></p><script>let no</script>")
    assert (body.size, body.linked, body.unlinked) == (4, 2, 2)


def test_an_element_that_is_removed_is_no_longer_contained():
    body = body_of("<div><p>x</p></div>")
    (paragraph,) = body.elements("p")
    assert body.contains(paragraph)
    paragraph.remove()
    assert not body.contains(paragraph)
    assert body.text == ""


def test_what_is_nested_too_deep_hangs_higher_and_keeps_its_text():
    root = parse_html("<div>" * 1000 + "deep" + "</div>" * 1000 + "after")
    assert root.text == "deep after"
    assert max(len([*e.ancestors()]) for e in root.elements()) <= MAX_DEPTH
