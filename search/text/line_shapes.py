"""The shapes of lines that stand around an article's text: captions, licences, bylines,
lines to share it and to go elsewhere.

Looks at no line's neighbours: search/text/apparatus.py weighs what stands together.
Every expression is anchored or bounded, so that no hostile line costs more than a
glance.
"""

from __future__ import annotations

import re

# Characters of the longest of each: captions may explain a whole figure.
_LONGEST_CAPTION = 900
_LONGEST_LICENCE = 600
_LONGEST_LINE = 300
_LONGEST_BYLINE = 150
_LONGEST_TITLE = 160
# Characters at the end of a caption in which its source is named.
_CAPTION_END = 280


def _one_of(alternatives: str) -> str:
    """Return an expression for any of the lines."""
    lines = map(str.strip, alternatives.strip().splitlines())
    return f"(?:{'|'.join(lines)})"


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


# "Figure 3: …", "Fig. 2b …" with a capital, "图 1 …", "Photo: …", "Image credit …".
_NUMBERED_FIGURE = _one_of(
    """
    supplementary figure|extended data figure|figures?|figs?|tables?|listing|algorithm|exhibit|plate|scheme|photo
    image|video|box|diagram|chart|graph|illustration|screenshot
    abbildung|abb|tabelle|tab|bild|figura|tabla|tabela|tabella|tableau|schéma|afbeelding|figuur|rysunek|obrázek
    рисунок|рис|таблица|табл|图表|图|表|圖|図
    """
)
_PICTURE = "(?:photo|image|picture|figure|screenshot|illustration|graphic|video)"
_CREDIT = (
    rf"(?i:(?:cover |title |header |featured )?{_PICTURE}s? (?:credits?|sources?|courtesy|copyright))\b"
    rf"|(?i:{_PICTURE}s? by) (?=[A-ZÀ-Þ@])"
    r"|\(?(?i:(?:all )?photos?|image|source|credits?|bild|bildquelle|titelbild|beitragsbild|alle (?:fotos|bilder)"
    r"|fotos?|quelle|crédits?|crédit photo|immagine|imagen|fuente"
    r"|fonte|bron|фото|источник) ?[:：] ?(?=[^\W_a-zß-ÿ]|[©@])|(?:图片来源|图源|出典) ?[:：]"
)
_CAPTION = re.compile(
    rf"[(\[]?(?:(?i:{_NUMBERED_FIGURE})[.．]? ?(?:[A-Za-z]?\d{{1,3}}(?:[.\-–]\d{{1,3}}){{0,2}}[a-z]?|[IVX]{{1,5}})\)?"
    rf" ?(?:[:：.．|—–]|- | (?=[A-ZÀ-Þ(]))|{_CREDIT})"
)
# The first letters of all words that begin a caption.
_CAPTION_STARTS = _set_of(
    """
    all sup ext fig tab lis alg exh pla sch pho ima vid box dia cha gra ill scr abb bil afb rys obr рис таб
    cov tit bei hea fea pic sou cre fot que cré imm fue fon bro фот ист
    """
)
_CAPTION_SIGNS = "图圖表図出"
# "(Image source: Su et al. 2022)" at the end, and "(Source: …)", which stands behind
# figures in prose too.
_SOURCE_OF_IMAGE = re.compile(
    rf"[(\[](?:(?:adapted|taken) (?:from|by)|(?:{_PICTURE}|bild|foto)s? (?:sources?|credits?|by|via|courtesy))\b",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"\((?:source|credit|quelle|crédit|fuente|fonte)s?: ?[^()]*\)\Z", re.I
)

# What a licence is of, and what a line asks for or names.
_WORK = "(?:work|post|article|blog|website|page|contents?|text|code|photos?)"
_ASKED = r"\b(?:share|subscribe|follow|newsletter|coffee|patreon|tweet|sign up|support|rss|sponsor)\b"
_FORUM = (
    "(?:hacker ?news|hn|reddit|lobste|twitter|x\\b|mastodon|github|bluesky|this post)"
)
_TAGS = _one_of(
    """
    tags?|tagged|labels?|categor(?:y|ies)|topics?|keywords|filed in|posted in|schlagw[oö]rter|kategorien?|mots-clés
    étiquettes|catégories?|etiquetas|categorías?|categorias?|categorie|trefwoorden|метки|теги|рубрики?
    标签|標籤|分类|分類|タグ|カテゴリー?
    """
)
# "A loaf of rye. © Ann Lee": a picture's, as it has no year.
_PHOTO_CREDIT = re.compile(r"[^©]{0,200}© ?[^\W\d][^©\d]{0,80}\Z")
# Lines that only stand for something else, wherever they are.
_EMPTY = re.compile(
    r"\W{0,3}"
    + _one_of(
        """
        advertise?ments?|advertising|anzeige|werbung|publicité|publicidad|pubblicità|publicidade
        advertentie|реклама|广告|廣告
        (?:read|learn|show|see|find out) more|continue reading|mehr (?:erfahren|lesen|anzeigen|dazu)|weiterlesen
        lire (?:la suite|plus)|en savoir plus|leer más|saber más|ver más|leggi (?:tutto|di più)|saiba mais|leia mais
        lees (?:meer|verder)|meer lezen|читать (?:далее|полностью)|阅读(?:更多|全文)|続きを読む|もっと見る
        """
    )
    + r"\W{0,3}\Z",
    re.IGNORECASE,
)
_LONGEST_EMPTY = 30
# Licences, as of the text that they stand below.
_LICENCE = re.compile(
    r"\W{0,4}"
    + _one_of(
        rf"""
        copyright ?(?:©|\(c\)|by\b|(?:19|20)\d\d)|\(c\) ?(?:copyright )?(?:19|20)\d\d\b
        [©ⓒ] ?\w.{{0,80}}\Z|[©ⓒ].{{0,60}}(?:19|20)\d\d\b
        copyright .{{1,40}}(?:19|20)\d\d\W{{0,3}}\Z
        (?:19|20)\d\d.{{0,12}}©
        .{{0,60}}\ball rights reserved\W{{0,3}}\Z|alle rechte vorbehalten|tous droits réservés
        todos los derechos reservados
        todos os direitos reservados|tutti i diritti riservati|alle rechten voorbehouden|все права защищены
        (?:except where|unless) otherwise (?:noted|stated|indicated)\b.{{0,80}}\blicen[sc]e
        (?:(?:this|the|my|all|our) )?(?:entire )?{_WORK}\b.{{0,60}}\b(?:is|are)\b.{{0,20}}\blicen[sc]ed under
        (?:this|the|my|all|our) {_WORK}\b.{{0,60}}\bunder (?:a|the|an)\b.{{0,60}}\blicen[sc]e
        cc[ -]by(?:[ -][a-z]{{2}}){{0,3}}(?: \d\.\d)?.{{0,20}}\Z|licen[sc]ed under\b.{{0,80}}\b(?:cc|creative commons)
        dieses? (?:werk|artikel|beitrag|text|inhalt)\b.{{0,90}}\blizen[zs]
        cet(?:te)? (?:œuvre|oeuvre|article|billet)\b.{{0,90}}\blicence
        est[ea] (?:obra|artículo|artigo|trabalho|trabajo)\b.{{0,90}}\blicen[cç]i?a
        quest[oa]['’]? ?(?:opera|articolo)\b.{{0,90}}\blicenza
        dit werk\b.{{0,90}}\blicentie|版权声明|版權聲明|本文(?:采用|著作权|版权)|转载请|轉載請|未经(?:授权|许可|允许)
        著作权归|本作品采用|無断転載
        """
    ),
    re.IGNORECASE,
)
_PROMOTION = re.compile(
    r"\W{0,4}"
    + _one_of(
        rf"""
        share (?:this|on|via|it on)\b|tweet this|sign up\b.{{0,60}}\b(?:newsletter|mailing list|email list|updates)
        subscribe\b.{{0,60}}\b(?:newsletter|rss|mailing list|youtube|podcast|(?:by|via) e-?mail)
        subscribe\b.{{0,40}}\b(?:my|our) (?:blog|channel|feed|list)\b|subscribe (?:to this blog|for (?:more|updates))\b
        (?:join|get)\b.{{0,40}}\b(?:newsletter|mailing list)|the post .{{1,200}} appeared first on\b
        follow (?:me|us|along|@\w+|my \w+|the blog)\b.{{0,80}}\b(?:twitter|on x\b|mastodon|instagram|facebook|linkedin)
        follow (?:me|us|along|@\w+|my \w+|the blog)\b.{{0,80}}\b(?:bluesky|github|rss|feed|youtube|medium)
        (?:if you (?:liked?|loved|found|enjoy(?:ed)?)|did you like|enjoyed) (?:this|it|the|my)\b.{{0,140}}{_ASKED}
        (?:thanks|thank you) for (?:reading|stopping)\b|like this ?: ?(?:like )?loading|loading\.{{3}}|filed under\b
        (?:discussion|comments?|discuss)(?: this| it)? (?:on|at|over at) {_FORUM}
        leave a (?:comment|reply|response)\b|(?:post|add|write) (?:a|your) (?:comment|reply|response)\W*\Z
        you (?:might|may) also (?:like|enjoy)
        related (?:posts?|articles?|stories|reading) ?:|read (?:more|next|also) ?[:：]|(?:see|read) also ?:
        also read ?:
        {_TAGS} ?[:：] ?\S.{{0,180}}\Z
        buy me a (?:coffee|beer)
        support (?:me|this|us|my|the)\b.{{0,60}}\b(?:patreon|ko-fi|paypal|coffee|liberapay|sponsors?)
        (?:newsletter|blog) abonnieren|folg(?:e|t|en sie) (?:mir|uns)\b|(?:artikel|beitrag) teilen
        partage[rz]? (?:cet|sur|:)|abonne[zr]?[- ](?:vous|toi)\b
        suivez[- ](?:moi|nous)\b|suscríbete\b|compart(?:e|ir) (?:este|esta|en|:)|síguenos\b|sígueme\b|iscriviti\b
        condividi\b|seguici\b
        inscreva-se\b|compartilhe\b|assine (?:a|nossa)\b|abonneer\b|volg (?:ons|mij)\b|deel dit\b
        подпи(?:сывайтесь|шитесь|саться)\b|поделит(?:ься|есь)\b|关注(?:我|公众号|微信)|欢迎(?:关注|订阅|转载|分享)
        分享到|この記事をシェア
        """
    ),
    re.IGNORECASE,
)
_NAVIGATION = re.compile(
    r"\W{0,4}"
    + _one_of(
        """
        (?:previous|next|older|newer|prev)(?: (?:post|article|entry|page|chapter|part|up))?s? ?[:：»→«←|\\-–—] ?.{0,140}
        (?:previous|next|older|newer|prev) (?:post|article|entry|page)s?|skip to (?:main )?content
        home ?[|/›»>] .{1,80}
        (?:continue reading|read more|read the rest|keep reading|click here to read)\\b.{0,80}|more posts\\b.{0,40}
        (?:view|see) all (?:posts|articles|entries|comments|tags|categories|archives)\\b.{0,30}
        (?:back|return) to (?:the )?(?:top|home|blog|index|archives?|main|posts|all posts|contents)\\b.{0,30}
        (?:table of )?contents ?[:：]?|on this page ?[:：]?|jump to recipe.{0,40}|print recipe.{0,40}
        (?:vorheriger|nächster|älterer|neuerer) (?:beitrag|artikel|eintrag)\\b.{0,120}|weiterlesen
        zurück zum?\\b.{0,30}
        (?:article|billet) (?:précédent|suivant)\\b.{0,120}|lire la suite|leer más|leggi tutto|leia mais
        lees (?:meer|verder)
        (?:entrada|artículo) (?:anterior|siguiente)\\b.{0,120}|(?:articolo|post) (?:precedente|successivo)\\b.{0,120}
        (?:post|artigo) (?:anterior|seguinte|próximo)\\b.{0,120}|(?:vorig|volgend)e? (?:bericht|artikel)\\b.{0,120}
        上一[篇页章] ?[:：]?.{0,80}|下一[篇页章] ?[:：]?.{0,80}|返回(?:顶部|首页|目录).{0,20}
        阅读(?:原文|更多|全文).{0,20}
        前の記事.{0,80}|次の記事.{0,80}|続きを読む.{0,20}
        """
    )
    + r"\W{0,4}\Z",
    re.IGNORECASE,
)

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|fév|avr|juin|juil|août|déc|ene|abr|ago|dic"
    r"|gen|mag|giu|lug|set|ott|fev|out|maart|mei)\w{0,7}\.?"
)
_DAY = (
    r"(?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?,? )?"
    + _one_of(
        rf"""
        \d{{1,2}}(?:st|nd|rd|th|\.)? (?:de |of )?{_MONTH},? (?:de )?\d{{4}}
        {_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{4}}[\-./]\d{{1,2}}[\-./]\d{{1,2}}
        \d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|\d{{4}} ?[年년] ?\d{{1,2}} ?[月월] ?\d{{1,2}} ?[日일]
        """
    )
    + r"(?:\W{1,4}(?:at )?\d{1,2}:\d\d(?::\d\d)? ?(?:[ap]\.?m\.?)?)?"
)
_NAME = r"[A-ZÀ-ÞЀ-Я一-龥ぁ-んァ-ン][\w.’'\-]{0,24}"
_NAMES = rf"(?:[Dd]r\.? |[Pp]rof\.? )?{_NAME}(?:[\s,&·|]{{1,3}}(?:(?:and|und|et|y|e|en|и) )?{_NAME}){{0,5}}"
_DATED = _one_of(
    """
    (?:re)?posted|published|written|updated|last (?:updated|modified|edited|changed|reviewed)|first published|created
    date|edited
    veröffentlicht|aktualisiert|zuletzt (?:aktualisiert|geändert)|publié|mis à jour|publicado|actualizado|pubblicato
    aggiornato|atualizado|gepubliceerd|bijgewerkt|опубликовано|обновлено|发布于|发表于|發佈於|更新于|更新時間|更新时间
    投稿日|更新日|公開日|日期|发布时间
    """
)
_WRITTEN_BY = _one_of(
    """
    (?:posted|written|published|words|text|story)? ?by|(?:geschrieben |veröffentlicht )?von|(?:écrit |publié )?par
    (?:escrito |publicado )?por|(?:scritto )?di|(?:scritto )?da|(?:geschreven )?door|av|от
    (?:автор|authors?|autor|autorin|auteur|autore|auteure|作者|著者|文) ?[:：]|作者|著者|撰文
    """
)
_READING_TIME = _one_of(
    """
    (?:estimated )?reading time\\b.{0,40}|lesezeit\\b.{0,40}|temps de lecture\\b.{0,40}|tiempo de lectura\\b.{0,40}
    tempo di lettura\\b.{0,40}|tempo de leitura\\b.{0,40}|leestijd\\b.{0,40}|время чтения\\b.{0,40}
    (?:预计)?阅读时间.{0,40}
    ~?\\d{1,3}[ \\-](?:min(?:ute)?s?|minuten)\\.? (?:read|lesezeit|de lecture|to read)
    """
)
_APPEARED = (
    r"(?:this (?:post|article|story|entry|essay|piece) (?:was )?)?(?:originally|first)"
    r" (?:appeared|published|posted)\b.{0,120}"
    r"|cross-?posted\b.{0,120}"
)
_BYLINE = re.compile(
    rf"\W{{0,3}}(?:(?i:{_DATED}) ?(?i:on|at|am|le|el|il|em|op)?[ :：]{{0,2}}(?i:{_DAY})"
    rf"(?:\W{{1,3}}(?i:{_WRITTEN_BY}|in) .{{1,50}})?"
    rf"|(?i:{_WRITTEN_BY}) ?{_NAMES}(?:\W{{1,4}}(?i:on |am |le )?(?i:{_DAY}))?"
    rf"|(?i:{_DAY})(?:\W{{1,4}}(?i:{_WRITTEN_BY}) {_NAMES})?"
    rf"|(?i:{_READING_TIME}|{_APPEARED}))\W{{0,4}}\Z"
)
_SENTENCE_ENDS = (*".!?。！？…:：;,",)


def is_caption(text: str) -> bool:
    """Tell if a paragraph is the caption of a figure: "Figure 3: …", or a line that
    ends with the picture's source."""
    if len(text) > _LONGEST_CAPTION:
        return False
    if _may_begin_caption(text) and _CAPTION.match(text):
        return True
    if "©" in text and _PHOTO_CREDIT.match(text):
        return True
    if text[-1] not in ")]" and not text.endswith(")."):
        return False
    end = text[-_CAPTION_END:]
    if _SOURCE_OF_IMAGE.search(end):
        return True
    return len(text) <= _LONGEST_LINE and _SOURCE.search(end) is not None


def _may_begin_caption(text: str) -> bool:
    if text[0] in "([":
        text = text[1:]
    return text[:3].casefold() in _CAPTION_STARTS or text[:1] in _CAPTION_SIGNS


def is_empty(text: str) -> bool:
    """Tell if a line only stands for something else: "Read more", "Advertisement"."""
    return len(text) <= _LONGEST_EMPTY and _EMPTY.match(text) is not None


def is_licence(text: str) -> bool:
    """Tell if a line says under what licence the text above it is."""
    return len(text) <= _LONGEST_LICENCE and _LICENCE.match(text) is not None


def is_promotion(text: str) -> bool:
    """Tell if a line asks to share, to subscribe, to comment, or names the tags."""
    return len(text) <= _LONGEST_LINE and _PROMOTION.match(text) is not None


def is_navigation(text: str) -> bool:
    """Tell if a line leads elsewhere: "Previous post: …", "Back to top"."""
    if len(text) > _LONGEST_LINE or text.endswith((".", "!", "?", "。")):
        return False
    return _NAVIGATION.match(text) is not None


def is_byline(text: str) -> bool:
    """Tell if a line says who wrote an article, when, or how long it takes to read."""
    return len(text) <= _LONGEST_BYLINE and _BYLINE.match(text) is not None


def is_like_title(text: str) -> bool:
    """Tell if a line may be the title of something else, as the text of a link is."""
    return len(text) <= _LONGEST_TITLE and not text.endswith(_SENTENCE_ENDS)
