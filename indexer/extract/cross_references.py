"""Lines in and around an article that lead to others, in many languages: "Read more:",
"Lesen Sie auch", "Le puede interesar".

Goes by the first words of a short block; no sentence of an article is one.
"""

from __future__ import annotations

import re

from search.types import Block

# Characters up to which a block may be such a line, and to which it may be one where a
# colon stands behind the first words.
_LONGEST = 100
_LONGEST_LABELLED = 200
_LEADS_ON = re.compile(
    r"""\W*(?:read\s+(?:more|also|next)|also\s+read|see\s+also|related(?:\s+(?:articles?|stories|story|posts?|reading|content|links?|topics?))?\s*(?:[:：]|$)|
    more\s+(?:on|from|about)\s+(?:this|the)|you\s+(?:may|might)\s+also|recommended(?:\s+for\s+you)?\s*(?:[:：]|$)|don.?t\s+miss|
    lesen\s+sie\s+(?:auch|dazu|hier|mehr)|lies\s+auch|auch\s+(?:lesen|interessant)|mehr\s+(?:zum\s+thema|dazu|zu\s+diesem)|schon\s+gelesen|
    das\s+könnte\s+(?:sie|dich|euch)|(?:zum\s+)?weiterlesen|passend\s+(?:dazu|zum\s+thema)|weitere\s+(?:artikel|beiträge|informationen|infos|themen|news)|
    siehe\s+auch|interessant\s+dazu|
    (?:le|te|les)\s+puede[n]?\s+interesar|puede\s+interesarle|lea\s+(?:también|además|más)|lee\s+también|leer\s+también|puedes\s+(?:ver|leer)|
    vea?\s+también|ver\s+(?:también|más)|mir[ae]\s+también|también\s+(?:te|le|lea)|además\s+lea|
    à\s+lire|lire\s+(?:aussi|également)|voir\s+aussi|sur\s+le\s+même|en\s+savoir\s+plus|
    leggi\s+anche|potrebbe\s+interessart|vedi\s+anche|guarda\s+anche|czytaj\s+(?:też|także|również|więcej)|zobacz\s+(?:też|także|również)|przeczytaj|
    leia\s+(?:também|mais)|veja\s+também|saiba\s+mais|lees\s+ook|läs\s+(?:också|även|mer)|les\s+også|læs\s+også|читайте\s+(?:также|ещё)|см\.\s*также|смотрите\s+также|
    s[ií]guenos\s+en|follow\s+us|folge[nt]?\s+(?:sie\s+)?uns|suivez[-\s]nous|seguici|never\s+miss|v[ií]deo\s+(?:recomendado|recommandée)|
    meistgelesen|meistkommentiert|lo\s+más\s+(?:leído|visto)|most\s+(?:read|popular))""",
    re.I | re.X,
)
_KINDS = ("paragraph", "caption", "item", "heading")


def without_cross_references(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks without those that only lead to other articles."""
    return tuple(block for block in blocks if not _leads_elsewhere(block))


def _leads_elsewhere(block: Block) -> bool:
    label = _LEADS_ON.match(block.text)
    if block.kind not in _KINDS or label is None:
        return False
    is_labelled = block.text[label.end() :].lstrip().startswith((":", "："))
    return len(block.text) <= (_LONGEST_LABELLED if is_labelled else _LONGEST)
