"""The names of months in the languages that blogs are written in, as dates have them.

Knows no dates: see ``dates``. Names are those of CLDR's "format" and "stand-alone"
widths, in the nominative and in the case that follows a day; add your language.
"""

from __future__ import annotations

from collections.abc import Iterator

# A language, then its twelve months, their forms parted by "|". "~": a word besides
# ("data set 2023", "a 12 V LED 2020"), a month only between a day and a year.
_TABLE = """
en january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sep|sept
   october|oct november|nov december|dec
de januar|jänner februar|jan märz|maerz|mär|mrz april mai juni juli august september oktober|okt november dezember|dez
fr janvier|janv février|fevrier|févr|fév|fev mars avril|avr mai juin juillet|juil août|aout septembre octobre
   novembre décembre|decembre|déc
es enero|ene febrero marzo abril|abr mayo junio julio agosto|~ago septiembre|setiembre octubre noviembre
   diciembre|dic
it gennaio|~gen febbraio marzo aprile maggio|~mag giugno|~giu luglio|~lug agosto settembre|~set ottobre|ott
   novembre dicembre
pt janeiro fevereiro março abril maio junho julho agosto setembro outubro|~out novembro dezembro
ca gener febrer març abril maig juny juliol agost setembre octubre novembre desembre
ro ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
nl januari februari maart|mrt april mei juni juli augustus september oktober november december
sv januari februari mars april maj juni juli augusti september oktober november december
da januar februar marts april maj juni juli august september oktober november december
no januar februar mars april mai juni juli august september oktober november desember|~des
fi tammikuu|tammikuuta|tammikuun|tammikuussa|~tammi helmikuu|helmikuuta|helmikuun|helmikuussa|~helmi
   maaliskuu|maaliskuuta|maaliskuun|maaliskuussa|~maalis huhtikuu|huhtikuuta|huhtikuun|huhtikuussa|~huhti
   toukokuu|toukokuuta|toukokuun|toukokuussa|~touko kesäkuu|kesäkuuta|kesäkuun|kesäkuussa|~kesä
   heinäkuu|heinäkuuta|heinäkuun|heinäkuussa|~heinä elokuu|elokuuta|elokuun|elokuussa|~elo
   syyskuu|syyskuuta|syyskuun|syyskuussa|~syys lokakuu|lokakuuta|lokakuun|lokakuussa|~loka
   marraskuu|marraskuuta|marraskuun|marraskuussa|~marras joulukuu|joulukuuta|joulukuun|joulukuussa|~joulu
et jaanuar|~jaan veebruar|~veebr märts aprill mai juuni juuli august september oktoober november detsember|~dets
lv janvāris|janvārī februāris|februārī marts|martā aprīlis|aprīlī maijs|maijā jūnijs|jūnijā jūlijs|jūlijā
   augusts|augustā septembris|septembrī oktobris|oktobrī novembris|novembrī decembris|decembrī
lt sausis|sausio vasaris|vasario kovas|kovo balandis|balandžio gegužė|gegužės birželis|birželio liepa|liepos
   rugpjūtis|rugpjūčio rugsėjis|rugsėjo spalis|spalio lapkritis|lapkričio gruodis|gruodžio
pl styczeń|stycznia|~sty luty|lutego|~lut marzec|marca kwiecień|kwietnia|~kwi maj|maja czerwiec|czerwca|~cze
   lipiec|lipca|~lip sierpień|sierpnia|~sie wrzesień|września|~wrz październik|października|~paź
   listopad|listopada|~lis grudzień|grudnia|~gru
cs ~leden|ledna|~led únor|února|~úno březen|března|~bře duben|dubna|~dub květen|května|~kvě červen|června|~čvn
   červenec|července|~čvc srpen|srpna|~srp září|~zář říjen|října|~říj listopad|listopadu|~lis prosinec|prosince
sk január|januára február|februára marec|marca apríl|apríla máj|mája jún|júna júl|júla august|augusta
   september|septembra október|októbra november|novembra december|decembra
sl januar|januarja februar|februarja marec|marca april|aprila maj|maja junij|junija julij|julija
   avgust|avgusta|~avg september|septembra oktober|oktobra november|novembra december|decembra
hr siječanj|siječnja|~sij veljača|veljače|~velj ožujak|ožujka|~ožu travanj|travnja|~tra svibanj|svibnja|~svi
   lipanj|lipnja|~lip srpanj|srpnja|~srp kolovoz|kolovoza|~kol rujan|rujna|~ruj listopad|listopada|~lis
   studeni|studenoga|studenog|~stu prosinac|prosinca
sr januar|januara februar|februara mart|marta april|aprila maj|maja jun|juna jul|jula avgust|avgusta
   septembar|septembra oktobar|oktobra novembar|novembra decembar|decembra
sr јануар|јануара|јан фебруар|фебруара|феб март|марта|мар април|априла|апр мај|маја јун|јуна јул|јула
   август|августа|авг септембар|септембра|сеп октобар|октобра|окт новембар|новембра|нов децембар|децембра|дец
ru январь|января|янв февраль|февраля|фев|февр март|марта|мар апрель|апреля|апр май|мая июнь|июня|июн
   июль|июля|июл август|августа|авг сентябрь|сентября|сен|сент октябрь|октября|окт ноябрь|ноября|ноя|нояб
   декабрь|декабря|дек
uk січень|січня|~січ лютий|лютого|~лют березень|березня|~бер квітень|квітня|~квіт травень|травня|~трав
   червень|червня|~черв липень|липня|~лип серпень|серпня|~серп вересень|вересня|~вер жовтень|жовтня|~жовт
   листопад|листопада|~лист грудень|грудня|~груд
be студзень|студзеня люты|лютага сакавік|сакавіка красавік|красавіка май|мая|травень|траўня чэрвень|чэрвеня
   ліпень|ліпеня жнівень|жніўня верасень|верасня кастрычнік|кастрычніка лістапад|лістапада снежань|снежня
bg януари|ян февруари|февр март април|апр май юни юли август|авг септември|септ октомври|окт ноември|ноем
   декември|дек
mk јануари февруари март април мај јуни јули август септември октомври ноември декември
hu január|~jan február|febr március|márc április|ápr május|máj június|jún július|júl augusztus szeptember|szept
   október november december
tr ocak|~oca şubat|~şub mart nisan|~nis mayıs|mayis haziran|~haz temmuz|~tem ağustos|~ağu eylül|~eyl ekim|~eki
   kasım|kasim|~kas aralık|aralik|~ara
el ιανουάριος|ιανουαρίου|ιαν φεβρουάριος|φεβρουαρίου|φεβ μάρτιος|μαρτίου|μαρ απρίλιος|απριλίου|απρ
   μάιος|μαΐου|μαϊου ιούνιος|ιουνίου ιούλιος|ιουλίου αύγουστος|αυγούστου|αυγ σεπτέμβριος|σεπτεμβρίου|σεπ
   οκτώβριος|οκτωβρίου|οκτ νοέμβριος|νοεμβρίου|νοε δεκέμβριος|δεκεμβρίου|δεκ
id januari februari maret april mei juni juli agustus|~agu september oktober november desember
"""
_A_YEAR = 12


def folded(name: str) -> str:
    """Return a name as it is looked up, whatever case it was written in."""
    # A capital dotted I leaves its dot behind; a long s is found as an s.
    return name.lower().replace("\u0307", "").replace("ſ", "s")


def _rows() -> Iterator[tuple[str, list[str]]]:
    words = _TABLE.split()
    for start in range(0, len(words), _A_YEAR + 1):
        yield words[start], words[start + 1 : start + 1 + _A_YEAR]


def _read_table() -> tuple[dict[str, int], dict[tuple[str, str], int], set[str]]:
    """Return the months by name, those by language and name, and the words besides."""
    by_name: dict[str, int] = {}
    by_language: dict[tuple[str, str], int] = {}
    # A form that one language has as a plain name is one.
    plain: set[str] = set()
    besides: set[str] = set()
    for language, months in _rows():
        for number, forms in enumerate(months, 1):
            for form in forms.split("|"):
                name = folded(form.removeprefix("~"))
                (besides if form.startswith("~") else plain).add(name)
                # "listopad" is November in most languages: the first row decides.
                by_name.setdefault(name, number)
                by_language[language, name] = number
    return by_name, by_language, besides - plain


_BY_NAME, _BY_LANGUAGE, _BESIDES = _read_table()
NAMES = frozenset(_BY_NAME)
"""Every form of every month, folded."""
ALSO_WORDS = frozenset(_BESIDES)
"""Those of them that are words besides."""


def month_of(name: str, language: str = "") -> int:
    """Return the number of a month, 1 to 12.

    Of a name that means two months ("listopada") the one of ``language``, a tag such as
    "hr" or "hr-HR". Raises KeyError for a name that is none.
    """
    name = folded(name)
    code = language.lower().replace("_", "-").partition("-")[0]
    return _BY_LANGUAGE.get((code, name)) or _BY_NAME[name]
