"""The titles under which an article keeps its apparatus, in the languages of blogs.

A title alone decides nothing: "References" may be a chapter on C++.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from search.types import Block

Part = Literal[
    "references",
    "links",
    "footnotes",
    "notes",
    "citation",
    "contents",
    "navigation",
    "author",
]

_TITLE_KINDS = ("heading", "paragraph")
_LONGEST = 60  # characters of such a title, with its number and an emoji

# English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Polish, Czech,
# Turkish, Russian, Chinese, Japanese, Korean; one line a language where it has any.
_TITLES: dict[Part, str] = {
    "references": """
references|reference|reference list|list of references|bibliography|works cited|cited works|literature|sources
|source
|literature cited|citations|references cited|selected bibliography|selected references|primary sources
|image credits
|literatur|literaturverzeichnis|literaturangaben|quellen|quelle|quellenverzeichnis|quellenangaben
|einzelnachweise
|referenzen|nachweise|belege|bildnachweise|bildquellen
|références|référence|références bibliographiques|bibliographie|sources et références|ouvrages cités
|referencias|referencia|referencias bibliográficas|bibliografía|fuentes|obras citadas
|riferimenti|riferimenti bibliografici|bibliografia|fonti
|referências|referências bibliográficas|fontes
|referenties|literatuur|literatuurlijst|bronnen|bronvermelding|bronnenlijst
|referenser|källor|litteratur|litteraturförteckning|kilder|litteraturliste|lähteet
|źródła|literatura|zdroje|kaynaklar|kaynakça|kaynak
|литература|список литературы|источники|библиография|использованная литература
|参考文献|参考|参考链接|参考连接|参考资料|参考文章|参考文档|参考来源|引用|引用文献|資料來源
|参考リンク|参考サイト|参考資料|参考記事|出典|出处|來源|来源
|참고문헌|참고자료|참고|출처""",
    "links": """
further reading|more reading|additional reading|recommended reading|suggested reading|reading list|see also
|read also
|links|related links|useful links|external links|resources|useful resources|additional resources
|further resources|related reading
|more information|learn more|related work on this blog|mentioned in this post|links mentioned|show notes
|other resources
|weiterführende links|weiterführende literatur|weiterführendes|weiterlesen|zum weiterlesen|siehe auch
|mehr zum thema|links zum thema
|voir aussi|pour aller plus loin|liens|liens utiles|ressources|à lire aussi|lire aussi|lectures complémentaires
|véase también|ver también|enlaces|enlaces de interés|recursos|lecturas recomendadas|para saber más
|más información
|vedi anche|per approfondire|collegamenti|collegamenti esterni|risorse|link utili|letture consigliate
|veja também|leia também|ligações externas|leitura adicional|leituras recomendadas
|zie ook|lees ook|lees verder|verder lezen|meer lezen|nuttige links
|se även|läs mer|länkar|zobacz też|linki
|см также|ссылки|полезные ссылки|дополнительные материалы
|延伸阅读|延伸閱讀|扩展阅读|拓展阅读|拓展资料|相关链接|相關連結|推荐阅读|友情链接|関連リンク
|あわせて読みたい|関連資料|더 읽을거리|관련 링크""",
    "footnotes": """
footnotes|footnote|endnotes|end notes
|fußnoten|fussnoten|endnoten|notes de bas de page|notas al pie|notas a pie de página|notas de rodapé
|note a piè di pagina|note a pie' di pagina
|voetnoten|eindnoten|fotnoter|przypisy|dipnotlar|сноски|脚注|腳註|尾注|注釈|각주""",
    "notes": """
notes|note|notes and references|references and notes
|anmerkungen|anmerkung|hinweise|notas|noten|примечания|примечание|注释|注釋|注|註|註釋|附注|注記|注解|주석""",
    "citation": """
citation|cite|cite as|cite this|cite this post|cite this article|citing|citing this|how to cite|how to cite this
|bibtex|bibtex citation
|citation information|suggested citation|recommended citation|printable version and citation|cited as
|zitieren|zitierweise|zitierhinweis|pour citer|pour citer cet article|comment citer|cómo citar|citar|como citar
|come citare|citazione
|引用方式|如何引用|引用格式|引用本文""",
    "contents": """
contents|table of contents|toc|on this page|in this article|in this post|what's inside|what's in this post
|overview of this post|article contents
|inhalt|inhaltsverzeichnis|inhaltsübersicht|auf dieser seite|in diesem artikel
|sommaire|table des matières|au sommaire|contenido|índice|tabla de contenidos|índice de contenidos
|en este artículo
|indice|sommario|indice dei contenuti|in questo articolo|sumário|neste artigo|conteúdo|inhoud|inhoudsopgave
|innehåll|spis treści|obsah|içindekiler
|содержание|оглавление|目录|目錄|目次|もくじ|本文目录|文章目录|목차""",
    "navigation": """
share|share this|share this post|share this article|share on|sharing|related|related posts|related articles
|related content|related stories
|you might also like|you may also like|you may also enjoy|also on this blog|read next|up next|keep reading
|more from|more posts
|recent posts|popular posts|latest posts|other posts|previous posts|more articles
|recommended for you|tags|categories|filed under
|comments|leave a comment|leave a reply|post a comment|subscribe|newsletter|stay in touch|stay up to date
|join the newsletter|follow me|get in touch
|in this series|other posts in this series|posts in this series|this series|like this
|webmentions
|teilen|beitrag teilen|artikel teilen|ähnliche beiträge|verwandte beiträge|das könnte dich auch interessieren
|das könnte sie auch interessieren
|kommentare|schreibe einen kommentar|schlagwörter|kategorien|abonnieren|weitere artikel|weitere beiträge
|neueste beiträge
|partager|partager cet article|articles similaires|articles liés|sur le même sujet|commentaires
|laisser un commentaire|derniers articles|articles récents|mots-clés|s'abonner
|compartir|comparte|entradas relacionadas|artículos relacionados|comentarios|deja un comentario
|deja una respuesta|etiquetas|suscríbete|entradas recientes
|condividi|articoli correlati|post correlati|commenti|lascia un commento|potrebbe interessarti anche
|potrebbe interessarti|iscriviti
|compartilhe|compartilhar|posts relacionados|artigos relacionados|comentários|deixe um comentário|assine
|delen|deel dit|deel dit artikel|gerelateerde berichten|gerelateerde artikelen|reacties|geef een reactie
|abonneren
|поделиться|похожие записи|похожие статьи|комментарии|читайте также|подписаться|метки|теги
|相关文章|相關文章|相关推荐|分享|分享到|标签|標籤|评论|留言|上一篇|下一篇|関連記事|おすすめ記事
|この記事をシェア|シェア|コメント|共有|관련 글|댓글|공유""",
    "author": """
about the author|about the authors|about author|about me|the author|author|author bio|über den autor
|über die autorin|zum autor|der autor|die autorin|zur autorin
|à propos de l'auteur|l'auteur|sobre el autor|sobre la autora|sull'autore|informazioni sull'autore|sobre o autor
|sobre a autora|over de auteur
|об авторе|关于作者|作者简介|作者介绍|この記事を書いた人|著者について|著者紹介|저자 소개""",
}  # fmt: skip


def _by_title() -> dict[str, Part]:
    parts: dict[str, Part] = {}
    for part, titles in _TITLES.items():
        for title in titles.replace("\n", "").split("|"):
            parts.setdefault(title, part)
    return parts


_PARTS = _by_title()

# "7.", "IV.", "§ 2", "0x06", "八、", an emoji before a title; a colon behind it.
_NUMBER = re.compile(
    r"\W*(?:(?:0x[0-9a-f]+|\d+(?:\.\d+)*|[ivx]{1,5}(?=[.)])|[a-z](?=[.)])|[一二三四五六七八九十]{1,3}(?=[、.．\s]))[\s.．):、：\-–—]*)?"
)
_AND = re.compile(r"\s*(?:[&+/,、及与和與と・]|\s(?:and|und|et|y|e|en|och|i|и)\s)\s*")
_ENDS = " \t\n:：.。…\u200b\ufe0f*_-–—#¶"


class TitledSection(NamedTuple):
    """The blocks ``start`` up to ``end`` under the title, block ``title``, of a part."""

    part: Part
    title: int
    start: int
    end: int


def sections_of_apparatus(blocks: Sequence[Block]) -> Iterator[TitledSection]:
    """Yield the sections whose titles name a part, in pieces without headings inside.

    A paragraph that is nothing but such a title counts as a heading.
    """
    part: Part | None = None
    level = title = 0
    for i, block in enumerate(blocks):
        named = None
        if block.kind in _TITLE_KINDS and len(block.text) <= _LONGEST:
            named = _part_titled(block.text)
        if named is None and block.kind != "heading":
            continue
        if part is not None:
            yield TitledSection(part, title, title + 1, i)
        title = i
        if named is not None:
            part, level = named, block.level
        elif block.level <= level or not level:
            part = None
    if part is not None:
        yield TitledSection(part, title, title + 1, len(blocks))


def lists_in(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Yield the first block of each list and the one behind its last."""
    start = 0
    for i, block in enumerate(blocks):
        if block.kind != "item":
            if i > start:
                yield start, i
            start = i + 1
    if len(blocks) > start:
        yield start, len(blocks)


def part_titled(title: str) -> Part | None:
    """Return the part of an article's apparatus that a title names, None for any other
    title."""
    if len(title) > _LONGEST:
        return None
    return _part_titled(title)


@lru_cache(maxsize=4096)  # the same articles are found again and again
def _part_titled(title: str) -> Part | None:
    words = title.casefold().replace("’", "'").strip(_ENDS)
    if words in _PARTS:
        return _PARTS[words]
    number = _NUMBER.match(words)
    if number:
        words = words[number.end() :]
    if words in _PARTS:
        return _PARTS[words]
    # "Sources and further reading": as the looser of the two, which asks most of the
    # lines.
    named = [_PARTS[one] for one in _AND.split(words) if one in _PARTS]
    if not named:
        return None
    if named[0] == "references":
        return "links"
    return named[0]
