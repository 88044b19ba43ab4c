"""What answers no question is told from what does, by title and shape together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.text.apparatus import apparatus, is_surely_text
from search.text.section_titles import sections_of_apparatus
from search.types import Block
from tests.torture.scale import rounds

PROSE = "The dough rests overnight, and by the morning it has doubled in size."


def blocks(written):
    """Blocks from lines: "# " begins a heading, "- " an item, "> " a quote."""
    kinds = {"#": "heading", "-": "item", ">": "quote", "`": "code"}
    made = []
    for line in written.strip().splitlines():
        mark, _, text = line.strip().partition(" ")
        kind = kinds.get(mark, "paragraph")
        level = {"heading": 2, "item": 1}.get(kind, 0)
        made.append(Block(kind, text if kind != "paragraph" else line.strip(), level))
    return made


def flagged(written):
    return apparatus(blocks(written))


def test_a_list_of_references_goes_with_its_heading():
    assert flagged(
        f"""
        {PROSE}
        # References
        [1] Kaplan et al. “Scaling Laws for Neural Language Models.” arXiv preprint arXiv:2001.08361 (2020).
        [2] Hoffmann et al. “Training Compute-Optimal Large Language Models.” NeurIPS 2022.
        [3] Reading an AI Car’s Mind: How NVIDIA’s Neural Net Makes Decisions
        """
    ) == [None, "reference", "reference", "reference", "reference"]


def test_a_list_of_references_needs_no_heading():
    found = flagged(
        f"""
        {PROSE}
        - Luong, M.-T., Pham, H., & Manning, C. D. (2015). Effective Approaches. In Proceedings of EMNLP 2015.
        - Smith, S. L., & Le, Q. V. (2017). Don’t Decay the Learning Rate. arXiv preprint arXiv:1711.00489.
        - Vilnis, L., & McCallum, A. (2015). Word Representations via Gaussian Embedding. ICLR.
        """
    )
    assert found == [None, "reference", "reference", "reference"]


def test_references_may_be_a_chapter_on_references():
    found = flagged(
        f"""
        # References
        A reference is another name for an object, and it can't be bound again.
        - An lvalue reference binds to an lvalue.
        - A const reference prolongs the life of a temporary.
        ` int& r = i;
        Prefer a reference to a pointer where null makes no sense.
        # Pointers
        {PROSE}
        """
    )
    assert found == [None] * 8


@pytest.mark.parametrize(
    "title",
    [
        "Literatur",
        "Bibliographie",
        "Fuentes",
        "Bronnen",
        "八、参考链接",
        "参考文献",
        "Список литературы",
        "7. Works Cited",
        "📚 Sources:",
        "Referências",
    ],
)
def test_titles_in_other_languages(title):
    entry = "Meier, K. (2012). Sauerteig. Verlag am Ofen, Köln."
    assert flagged(f"{PROSE}\n# {title}\n- {entry}\nhttps://example.org/brot") == [
        None,
        "reference",
        "reference",
        "reference",
    ]


def test_link_lists_under_further_reading_and_advice_under_it():
    links = f"{PROSE}\n# Further reading\n- The Perfect Loaf\n- Flour Water Salt Yeast"
    assert flagged(links) == [None, "reference", "reference", "reference"]
    advice = f"{PROSE}\n# Resources\n- Use a banneton. It holds the shape while the dough proves."
    assert flagged(advice) == [None, None, None]


def test_the_citation_of_the_article_itself():
    found = flagged(
        f"""
        {PROSE}
        Cited as:
        > Weng, Lilian. (Jul 2024). Hallucinations in language models. Lil’Log. https://example.org/posts/.
        Or
        ` @article{{weng2024hallucination, title = "Hallucinations"}}
        """
    )
    assert found == [None, *["reference"] * 4]


def test_a_citation_set_as_code_and_an_entry_with_a_slip():
    cited = "# Citation\nPlease cite this work as:\n` Lee, Ann. Why we think. https://example.org/, 2016."
    assert flagged(f"{PROSE}\n{cited}") == [None, *["reference"] * 3]
    entries = [f"[{n}] Zhu et al. “Free.” ICLR 202{n}." for n in range(1, 6)]
    entries[3] = "[4 Zhu et al. FreeLB"
    found = flagged("\n".join([PROSE, "# References", *entries, "# The end", PROSE]))
    assert found == [None, *["reference"] * 6, None, None]


def test_how_to_write_citations_is_text():
    found = flagged(
        """
        # Citation
        The biblatex package knows 40 styles, and most journals have one more.
        If you want to cite a source in Org, type C-c C-x and choose it:
        Cite the page behind the key like this:
        """
    )
    assert found == [None] * 4


def test_footnotes_at_the_end():
    titled = f"{PROSE}\n# Footnotes:\nNot because I dislike it."
    assert flagged(titled) == [None, "footnote", "footnote"]
    untitled = f"It is fast[1] and small[2].\n{PROSE}\n[1] On my machine, at least.\n[2] Two kilobytes."
    assert flagged(untitled) == [None, None, "footnote", "footnote"]


def test_footnotes_below_their_paragraphs():
    text = "It is quick[1].\n[1] On my machine, at least.\nIt is small, too.\n[1] show that it is not."
    assert flagged(text) == [None, "footnote", None, None]
    arrow = f"{PROSE}\n- Only in the wood-fired oven. ↩︎\n{PROSE}"
    assert flagged(arrow) == [None, "footnote", None]


def test_a_list_at_the_end_whose_marks_are_in_the_text():
    text = (
        f"It is quick[1].\nIt is small[2].\n{PROSE}\n- On my machine.\n- Two kilobytes."
    )
    assert flagged(text)[3:] == ["footnote", "footnote"]
    assert flagged(text.replace("[2]", ""))[3:] == [None, None]


def test_numbered_notes_at_the_end_and_numbered_steps():
    marked = Block("paragraph", "It is quick[1] and small[2].")
    steps = [Block("item", f"Step {n}, at least.", 1, number=n) for n in (1, 2)]
    assert apparatus([marked, *steps]) == [None, "footnote", "footnote"]
    assert apparatus([Block("paragraph", PROSE), *steps]) == [None] * 3


def test_a_heading_above_an_embedded_link_stays():
    text = f"# The best loaf in town\nhttps://example.org/embed/1\n# Next\n{PROSE}"
    assert flagged(text) == [None, "reference", None, None]


def test_steps_that_are_numbered_are_no_footnotes():
    assert flagged(f"{PROSE}\n[1] Open the lid.\n[2] Stir.") == [None, None, None]
    assert flagged("# Notes\n- Swap rye for spelt.\n- Freeze half of it.") == [None] * 3


@pytest.mark.parametrize(
    "caption",
    [
        "Figure 3: The crumb after ten hours",
        "Fig. 2. The oven, seen from above.",
        "Abb. 4: Der Teig nach zehn Stunden",
        "图 1：系统架构",
        "Table 1: Hydration of five flours.",
        "The architecture of CURL. (Image source: Srinivas, et al. 2020)",
        "Photo by Ann Lee on Unsplash",
        "(All photos: Ann Lee)",
        "The loaf after ten hours © Ann Lee/Getty Images",
        "Image copyright Getty Images",
    ],
)
def test_captions(caption):
    assert flagged(f"{PROSE}\n{caption}\n{PROSE}") == [None, "caption", None]


def test_a_caption_by_its_kind():
    assert apparatus([Block("caption", PROSE)]) == ["caption"]


@pytest.mark.parametrize(
    "text",
    [
        "Figure 3 shows that the loss falls with more data.",
        "Table salt is fine, but kosher salt dissolves faster.",
        "GDP grew by 3 % in 2019 (source: World Bank).",
        "Edit 2020-05-01: the bug is fixed in version 2.",
        "Update 16.10.2020: Added Chinese and Spanish translations.",
        "By doing that, Matplotlib should install just fine.",
        "All rights reserved was once required by the Buenos Aires Convention.",
        "Vaswani et al. (2017) show that we need no recurrence, and that attention alone is enough for translation.",
        "Project: https://github.com/fatedier/frp",
        "Read more about the crumb in the next chapter.",
        "The sign © stands for copyright, and it has stood there since the convention of Berne was signed in 1886.",
    ],
)
def test_what_only_looks_like_apparatus(text):
    assert flagged(text) == [None]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("© 2021 Ann Lee. All rights reserved.", "licence"),
        (
            "This work is licensed under a Creative Commons Attribution 4.0 License.",
            "licence",
        ),
        ("本文采用 CC BY-NC-SA 4.0 许可协议，转载请注明出处", "licence"),
        ("Subscribe to my newsletter for more posts like this!", "navigation"),
        ("Tags: bread, rye, sourdough", "navigation"),
        ("← Previous post: On ovens", "navigation"),
        ("Thanks for reading!", "navigation"),
        ("Posted on March 3, 2020 by Ann Lee", "byline"),
        ("By Ann Lee", "byline"),
        ("5 min read", "byline"),
        ("Last updated: 2021-04-05", "byline"),
        ("- Advertisement -", "navigation"),
        ("Mehr erfahren", "navigation"),
        ("参考链接：OWASP Cheat Sheet", "reference"),
        ("https://example.org/a-post", "reference"),
    ],
)
def test_lines_around_the_text(line, kind):
    assert flagged(f"{PROSE}\n{line}") == [None, kind]


def test_a_list_of_contents():
    titles = ["Flour", "Water", "Salt", "Yeast", "Time", "Heat"]
    items = "\n".join(f"- {title}" for title in titles)
    chapters = "\n".join(f"# {title}\n{PROSE}" for title in titles)
    found = flagged(f"{items}\n{chapters}")
    assert found == ["navigation"] * 6 + [None] * 12


LAW = """
By Ann Lee
The court held that a photograph of a work in the public domain has no copyright of its own.[1]
Copyright law was reformed in 1976, and the reform is what the parties fought about.[2]
# The licence
A work that is licensed under CC BY may be sold; one under CC BY-NC may not.
CC BY is the licence that most courts have read.
(c) the Treaty of 2009 says nothing about moral rights.
# Discussion
Discuss this with a lawyer before you rely on it.
[1] Bridgeman Art Library v. Corel Corp., 36 F. Supp. 2d 191 (S.D.N.Y. 1999).
[2] See the House Report, which is longer than the act.
This post is licensed under CC BY 4.0.
"""
COOKING = """
Jump to Recipe
Rye needs more water than wheat, because its pentosans bind it.[1]
Stir it twice.[2]
# Ingredients
- 500 g rye flour
- 400 g water
# Method
- Mix everything.
- Next: bake it for an hour.
# Notes
- Swap half of the rye for spelt.
- The loaf freezes well.
# More
You can share this loaf with a neighbour.
- Pentosans are sugars that swell.
- With a wooden spoon, that is.
Photo: Ann Lee
Tags: rye, bread
"""
WORDPRESS = """
Posted on March 3, 2020 by Ann
The plugin writes a file into the uploads folder on each request.
Like this:
` define("WP_DEBUG", true);
Subscribe to the event and update the list when it fires.
Add a comment to the top of the file that says why.
Share this:
Like this: Like Loading...
# Related
- Five plugins that I removed
- How a cache hides a slow query
# Leave a Reply
© 2020 Ann’s Workshop
"""
ACADEMIC = """
Figure 2 shows the loss of both models, and Table 1 lists their sizes.
Figure 2: The loss of both models.
Vaswani et al. (2017) need no recurrence.
Kaplan et al. find that larger models need fewer samples, which the next section explains.
# Related work
Hestness et al. (2017) predict the loss from the size of the data.
# Acknowledgements
We thank the reviewers.
# References
Kaplan, J., McCandlish, S. (2020). Scaling laws for neural language models. arXiv:2001.08361.
Hestness, J. (2017). Deep learning scaling is predictable, empirically.
Vaswani A, Shazeer N, et al. Attention is all you need. NeurIPS 2017.
"""
GERMAN = """
Veröffentlicht am 3. März 2020 von Anna
Der Teig ruht über Nacht und ist am Morgen doppelt so groß.
Abb. 1: Der Teig am Morgen
# Literatur
- Meier, Karl: Sauerteig. Köln: Verlag am Ofen 2012.
- Geissler, Lutz. Das Brotbackbuch. Stuttgart: Ulmer Verlag, 2013.
# Das könnte dich auch interessieren
- Mein Ofen
# Über die Autorin
Anna backt seit zwanzig Jahren.
"""
CHINESE = """
发布于 2021-03-04
模型的参数越多，需要的样本就越少。
图 1：损失随参数变化
# 参考文献
[1] 周志华. 机器学习[M]. 清华大学出版社, 2016.
https://zhuanlan.zhihu.com/p/123
本文采用 CC BY-NC-SA 4.0 许可协议，转载请注明出处。
上一篇：卷积网络
"""


@pytest.mark.parametrize(
    ("blog", "kinds"),
    [
        (LAW, "byline . . . . . . . . footnote footnote licence"),
        (COOKING, "navigation" + " ." * 13 + " footnote footnote caption navigation"),
        (
            WORDPRESS,
            "byline . . . . . navigation navigation navigation navigation navigation licence licence",
        ),
        (ACADEMIC, ". caption . . . . . . reference reference reference reference"),
        (
            GERMAN,
            "byline . caption reference reference reference navigation navigation byline byline",
        ),
        (
            CHINESE,
            "byline . caption reference reference reference licence navigation",
        ),
    ],
    ids=["law", "cooking", "wordpress", "academic", "german", "chinese"],
)
def test_blogs_of_many_kinds(blog, kinds):
    found = [kind or "." for kind in flagged(blog)]
    texts = [block.text[:40] for block in blocks(blog)]
    assert list(zip(texts, found, strict=True)) == list(
        zip(texts, kinds.split(), strict=True)
    )


HOSTILE = st.text("[]().,:;–- \t\n“”\"'’0129aAÉ中©@{}↩/\\", max_size=900)


@settings(max_examples=rounds(150, 1000), deadline=None)
@given(
    st.lists(
        st.builds(
            lambda kind, text, many: Block(kind, f"x{text}" * many, 1),
            st.sampled_from(["heading", "paragraph", "item", "quote", "code"]),
            HOSTILE,
            st.integers(1, 9),
        )
    )
)
def test_one_answer_for_each_block_and_always_the_same(made):
    found = apparatus(made)
    assert len(found) == len(made)
    assert found == apparatus(made)


LINES = st.sampled_from(
    [
        PROSE,
        "# References",
        "# Notes",
        "# See also",
        "# The crumb",
        "References",
        "[1] Kaplan et al. “Scaling Laws.” arXiv preprint arXiv:2001.08361 (2020).",
        "Kaplan, J., & McCandlish, S. (2020). Scaling laws. Journal of Crumbs, 3(2), 1-9.",
        "[1]: Some more on it ↩",
        "1. A loaf that rose too much",
        "As is known[1], it rises.",
        "- A loaf that rose too much",
        "- https://a.example/loaf",
        "> Nobody bakes alone.",
        "` @article{loaf}",
        "Cited as:",
        "Share this on Mastodon",
        "Posted on 3 May 2021 by Ann Lee",
        "© 2021 Ann Lee",
        "Read more",
    ]
)


@settings(max_examples=rounds(60, 2000), deadline=None)
@given(st.lists(LINES, min_size=1, max_size=30))
def test_what_is_surely_text_is_never_flagged(lines):
    made = blocks("\n".join(lines))
    titled = tuple(sections_of_apparatus(made))
    for number, kind in enumerate(apparatus(made)):
        if is_surely_text(made, number, titled):
            assert kind in (None, "caption")


def test_prose_under_no_title_is_surely_text():
    made = blocks(f"{PROSE}\n# The crumb\n{PROSE}\n# References\n{PROSE}")
    titled = tuple(sections_of_apparatus(made))
    sure = [is_surely_text(made, number, titled) for number in range(len(made))]
    assert sure == [True, False, True, False, False]
