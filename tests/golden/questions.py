"""The requests and command lines that the golden files hold the answers to.

``{sample}`` stands for the folder of the sample blogs, as an address or as a path.
"""

from __future__ import annotations

NOTEBOOK = "{sample}/notebook/posts"
HILL = "{sample}/kettle-hill"
NOT_HELD = "https://nowhere.example/post"

Params = dict[str, str | int]

SEARCHES: list[Params] = [
    # plain questions
    {"q": "how long do my eyes need to get used to the dark?", "limit": 18},
    {"q": "why does my rye bread stick to the knife"},
    {"q": "what happens to scheduled jobs when the clocks change?"},
    {"q": "Does a hub dynamo slow you down?"},
    {"q": "how do I tell late blight from early blight on tomatoes"},
    {"q": "which sprocket do I need for a nine per cent climb?"},
    {"q": "how often should I test restoring from a backup"},
    {"q": "why is the picture of Jupiter blurry in a reflector"},
    {"q": "what does a median do against outliers of a sensor"},
    {"q": "how warm should the water be for a dough of 26 degrees?"},
    {"q": "Wie heiß wird ein Kompost im Winter?"},
    {"q": "que signifie le numéro T65 sur un paquet de farine ?"},
    {"q": "heater keeps going past the set temperature because it added up the wait"},
    {"q": "that post where somebody spilled coffee on the binder"},
    {"q": "when should I cut a loaf of rye"},
    {"q": "database is locked even with a long timeout"},
    {"q": "when does a cucumber ripen"},
    # keywords and identifiers
    {"q": "sqlite"},
    {"q": "VACUUM INTO"},
    {"q": "RandomizedDelaySec"},
    {"q": "--read-data-subset"},
    {"q": "ziegler nichols ultimate gain"},
    {"q": "HX711 load cell"},
    {"q": "Phytophthora infestans"},
    {"q": "brioche butter eggs percentage"},
    {"q": "meule cylindres germe"},
    {"q": "Bratenfühler"},
    {"q": "θ"},
    # phrases and words that are excluded
    {"q": '"averted vision"'},
    {"q": '"three copies, on two kinds of thing"'},
    {"q": '"ultimate period" oven'},
    {"q": '"no such phrase stands here"'},
    {"q": "bread -rye"},
    {"q": 'starter -"26 degrees" temperature'},
    {"q": "clocks change -sqlite"},
    # operators in the question
    {"q": 'site:"Below Kettle Hill" bread'},
    {"q": "site:nightsounds.example bats"},
    {"q": 'author:"Ines Halvorsen" computers'},
    {"q": "author:mathieu farine"},
    {"q": "bicycle after:2024-07"},
    {"q": "bread before:2022"},
    {"q": "garden after:2024 before:2024-12-31"},
    {"q": "lang:de wärme"},
    {"q": "lang:french bread"},
    {"q": "after:2024"},
    # filters as parameters
    {"q": "temperature", "site": "The Proving Drawer", "limit": 5},
    {"q": "temperature", "author": "Tom", "after": "2023", "before": "2024"},
    {"q": "winter", "lang": "de"},
    {"q": "winter", "lang": "es"},
    # slips
    {"q": "sourdugh starter temprature"},
    {"q": "bicyle gear ratoi for a steep hill"},
    {"q": "telescop mirror alignement"},
    {"q": "telescop mirror alignement", "exact": 1},
    # questions that no article answers
    {"q": "which mortgage is cheaper over twenty-five years, fixed or variable?"},
    {"q": "history of the Ottoman navy in the sixteenth century"},
    {"q": "how do I renew a certificate with certbot?"},
    # order and paging
    {"q": "bread", "sort": "newest", "limit": 6},
    {"q": "night sky", "sort": "newest", "after": "2023"},
    {"q": "bread", "limit": 2, "offset": 2},
    {"q": "bread", "limit": 5, "offset": 100},
    {"q": "flour <b>&amp; water</b> \"'"},
    {"q": "x" * 300},
]

BAD_REQUESTS = [
    "/api/search",
    "/api/search?q=",
    "/api/search?q=+++",
    "/api/search?q=-bread",
    "/api/search?q=bread&limit=0",
    "/api/search?q=bread&limit=101",
    "/api/search?q=bread&limit=ten",
    "/api/search?q=bread&offset=-1",
    "/api/search?q=bread&offset=10001",
    "/api/search?q=bread&sort=oldest",
    "/api/search?q=bread&exact=2",
    "/api/search?q=bread&after=yesterday",
    "/api/search?q=bread&before=2024-13",
    "/api/search?q=bread&lang=klingon",
    "/api/search?q=bread&site=%00",
    "/api/search?q=bread+after:2023-99",
    "/api/search?q=" + "w" * 12_000,
    "/api/related",
    "/api/related?url=" + NOT_HELD,
    "/api/similar",
    "/api/similar?text=+",
    "/api/similar?text=bread&limit=0",
    "/api/nothing",
]

RELATED: list[Params] = [
    {"url": f"{NOTEBOOK}/bakers-percentages.html", "limit": 4},
    {"url": f"{NOTEBOOK}/the-order-book-is-a-file.html", "limit": 4},
    {"url": f"{HILL}/2023/perseids-from-the-car-park.html", "limit": 4},
    {"url": f"{HILL}/2024/kompost-im-winter.html", "limit": 4},
    {"url": f"{HILL}/2025/blight-weather.html#hutton"},
    {"url": "https://nightsounds.example/bats", "limit": 3},
]

SIMILAR: list[Params] = [
    {
        "text": "The crumb of my rye is gummy after an hour of baking.",
        "limit": 3,
    },
    {"text": "In August we lie on our backs and count meteors until moonrise. " * 20},
    {"text": "Quarterly tax returns of limited companies in Luxembourg"},
    {"text": "Der Haufen dampft, und das Thermometer zeigt 61 Grad.", "limit": 3},
]

# With the headers of their answers.
ABOUT = [
    "/healthz",
    "/openapi.json",
    "/opensearch.xml",
    "/file?url={sample}/til.md",
    "/file?url=file:///etc/hosts",
]

PAGES = {
    "home": "/",
    "question": "/?q=what+happens+to+scheduled+jobs+when+the+clocks+change%3F",
    "keyword": "/?q=sqlite&exact=1",
    "phrase": "/?q=%22averted+vision%22",
    "filtered": "/?q=temperature&site=The+Proving+Drawer&year=2022&author=Ines",
    "newest": "/?q=bread&sort=newest&lang=fr",
    "corrected": "/?q=sourdugh+starter+temprature&site=The+Proving+Drawer&year=2021",
    "unanswered": "/?q=history+of+the+Ottoman+navy&year=2025",
    "next-page": "/?q=hill&page=2",
    "nothing": "/?q=%22no+such+phrase+stands+here%22",
    "markup": "/?q=%3Cscript%3Ealert(1)%3C/script%3E&year=2025",
    "linked": "/?q=bats&site=nightsounds.example",
    "related": f"/related?limit=3&url={HILL}/2023/perseids-from-the-car-park.html",
    "coverage": "/coverage",
    "bad-question": "/?q=-bread",
    "bad-parameter": "/?q=bread&year=12",
    "not-held": f"/related?url={NOT_HELD}",
    "not-found": "/nothing",
}

# The slow ones first.
READING = [
    "indexer evaluate --json --pairs 100",
    "indexer doctor --json",
    "search -n 3 --json --sort newest --site kettle --after 2024 --lang en hill",
    "indexer sources",
    "indexer sources --opml",
    "indexer status",
    "indexer coverage",
    "indexer coverage --json",
    f"indexer coverage {NOT_HELD} --json",
    f"indexer show {NOTEBOOK}/weighing-loaves.html",
    f"indexer show {NOTEBOOK}/types-de-farine.html --json",
    "indexer show https://nightsounds.example/bats --json",
    f"indexer show {NOT_HELD}",
    "search --after yesterday bread",
]

# In this order, on a copy of the index.
CHANGING = [
    "indexer update",
    f"indexer forget {NOTEBOOK}/rye-is-not-wheat.html",
    "indexer coverage --json",
    "indexer rollback",
    "indexer status",
]
