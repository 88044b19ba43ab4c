"""The words of links that blog software and people write beside articles.

Permalinks, the rest of an article, archives and the way through them, in many
languages: as the themes of the common blog software translate them, and as people write
by hand; add yours. Phrases are compared whole and without case.
"""

from __future__ import annotations

import re

# The whole text of a link that leads to the very place where it stands.
PERMALINK_TEXTS = frozenset(
    {
        "#", "##", "¶", "§", "🔗", "⚓", "∞",
        "link", "permalink", "anchor", "direct link", "link to this heading",
    }
)  # fmt: skip

_READ_MORE = """
read more; read the rest; read the full; continue reading; keep reading; click here to read
lire la suite; weiterlesen; leer más; continua a leggere; 阅读全文; 阅读更多; 続きを読む
"""

_ARCHIVES = """
archive; archives; the archive; the archives; full archive; complete archive; blog archive; blog archives
post archive; archive page; archives by date; backlog; all posts; all the posts; all articles; all entries
all essays; all writing; other posts; older posts; more posts; past posts; previous posts; other articles
older articles; more articles; past articles; older entries; browse all posts; see all posts; view all posts
view all; see all; posts; blog posts; blogposts; articles; essays; writing; writings; entries; blog; weblog
journal; history; table of contents; everything
archiv; alle beiträge; alle artikel; alle posts; beiträge; artikel; blogarchiv; ältere beiträge
archivo; archivos; todas las entradas; entradas; todos los artículos; artículos; historial
archivio; tutti gli articoli; articoli; arquivo; arquivos; todos os posts; todos os artigos; artigos
tous les articles; tous les billets; les archives; billets; toutes les notes; carnet
archief; alle berichten; berichten; arkiv; alla inlägg; archiwum; wszystkie wpisy; arsip
архив; архивы; все записи; все статьи; записи; статьи; архів
归档; 歸檔; 歷史; 历史; 历史文章; 存档; 文章; 文章归档
文章列表; 所有文章; 全部文章; 日志; 时间轴; 博客; 彙整; 所有文章列表
アーカイブ; 記事一覧; 過去の記事; 全記事; 記事; 投稿一覧; ブログ; 글 목록; 전체 글; 보관함; 글
"""

_MORE = """
older; older posts; older entries; older articles; older stories; older page; previous; previous page
previous posts; previous entries; next; next page; next posts; more; more posts; more articles; more entries
more stories; earlier; earlier posts; load more
ältere beiträge; ältere einträge; ältere artikel; nächste seite; weiter; vorherige beiträge
page suivante; suivant; suivante; articles plus anciens; articles précédents; billets plus anciens
billets précédents; siguiente; página siguiente; entradas antiguas; entradas anteriores; próxima
próxima página; successiva; pagina successiva; post più vecchi; articoli precedenti; oudere berichten
volgende; далее; раньше; следующая; предыдущие записи; следующая страница
下一页; 下一頁; 下页; 更早的文章; 较旧的文章; 更多; 次へ; 次のページ; 前のページ
以前の記事; 過去の投稿; 다음; 이전 글
"""

# A link to the post before or after often has that post's title behind these.
_NEIGHBOURS = """
older; older post; older entry; older article; prev; previous; previous post; previous entry
previous article; next; next post; next entry; next article; newer; newer post; newer entry
vorheriger beitrag; nächster beitrag; vorheriger artikel; nächster artikel; älterer beitrag; neuerer beitrag
vorheriger; nächster; article précédent; article suivant; billet précédent; billet suivant; précédent; suivant
entrada anterior; entrada siguiente; artículo anterior; artículo siguiente; anterior; siguiente; seguinte
articolo precedente; articolo successivo; precedente; successivo; vorig bericht; volgend bericht
предыдущая запись; следующая запись; предыдущая; следующая
上一篇; 下一篇; 前一篇; 后一篇; 前の記事; 次の記事; 이전 글; 다음 글
"""

_ARROWS = "«»←→‹›<>⟵⟶⇐⇒↩"


def _any_of(lines: str) -> str:
    """Return a pattern for any of the phrases, the longest first."""
    phrases = re.split(r"\s*[;\n]\s*", lines.strip())
    longest_first = sorted(phrases, key=len, reverse=True)
    return "|".join(map(re.escape, longest_first)).replace(r"\ ", r"\s+")


READ_MORE = rf"(?:{_any_of(_READ_MORE)})(?![a-z])"
"""A pattern for the beginning of a link to the rest of an article."""

_EDGE = r"[\W\d_]*"  # arrows, and counts: "Archives (97)"
_ARCHIVE = re.compile(rf"{_EDGE}(?:{_any_of(_ARCHIVES)}){_EDGE}", re.IGNORECASE)
_ARCHIVE_NAME = re.compile(
    r"(?:blog-?|post-?)?archiv(?:es?|o|io)?|all(?:-?posts|-?articles)?|arquivos?|history|guidang"
)
_OLDER_PAGE = re.compile(rf"[\W_]*(?:{_any_of(_MORE)})[\W_]*", re.IGNORECASE)
_NEIGHBOUR = re.compile(
    rf"[\W_]*(?:{_any_of(_NEIGHBOURS)})(?:\W.*)?|[{_ARROWS}]+\s.*|.*\s[{_ARROWS}]+",
    re.IGNORECASE | re.DOTALL,
)


def names_archive(text: str) -> bool:
    """Tell if a link's text says that it leads to all posts."""
    return bool(_ARCHIVE.fullmatch(text))


def is_archive_name(name: str) -> bool:
    """Tell if the last segment of an address, without its ending, says so."""
    return bool(_ARCHIVE_NAME.fullmatch(name))


def names_more(text: str) -> bool:
    """Tell if a link's text says that it leads to the next page of a list."""
    return bool(_OLDER_PAGE.fullmatch(text))


def names_neighbour(text: str) -> bool:
    """Tell if a link's text says that it leads to the post before or after."""
    return bool(_NEIGHBOUR.fullmatch(text))
