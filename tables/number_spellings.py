"""The registry of number spellings: signs, grouping, decimal marks, money, units, magnitudes, bounds, scripts.

`tables.parse_scalar` rewrites single cells by it and `tables.parse_polars` whole columns, to the digits of a plain
number; what no rule rewrites is no number, and is never guessed. Data only and standard library only, because
endpoints import it. Patterns keep to the syntax that Python's and Rust's regular expressions share, replacements name
groups as ${1}.

A rule is (pattern that a cell must contain, ((pattern, replacement), ...)). A style of a column (STYLES) is the rules
that its cells go through in turn, after COMMON.
"""

from tables.spellings import SPACES

_ZEROS = (  # full width, Arabic, Persian, N'Ko, Indian scripts, Thai, Lao, Tibetan, Burmese, Khmer, Mongolian
    0xFF10, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20,
    0x1040, 0x17E0, 0x1810,
)  # fmt: skip
# Digits and signs of other scripts, and the blanks and apostrophes that group digits.
TRANSLATED = {
    **{chr(start + digit): str(digit) for start in _ZEROS for digit in range(10)},
    "．": ".", "，": ",", "％": "%", "＋": "+", "－": "-", "−": "-", "﹣": "-", "‒": "-", "–": "-", "٫": ".", "٬": ",",
    "٪": "%", "＄": "$", "￥": "¥", "￦": "₩", "（": "(", "）": ")", "＜": "<", "＞": ">", "～": "~",
    "\xa0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ", "’": "'", "‘": "'", "´": "'",
    "\u200e": "", "\u200f": "", "\u200b": "", "\xad": "", "\u2011": "-",
}  # fmt: skip
TRANSLATABLE = "[" + "".join(TRANSLATED) + "]"

Rule = tuple[str, tuple[tuple[str, str], ...]]

_MONEY = (
    r"USD|EUR|GBP|KRW|JPY|CNY|RMB|CHF|INR|BRL|CAD|AUD|NZD|HKD|TWD|SGD|MXN|SEK|NOK|DKK|PLN|CZK|HUF|RON|RUB|UAH|TRY|"
    r"ZAR|THB|IDR|MYR|PHP|VND|AED|SAR|ILS|EGP|NGN|KES|COP|CLP|ARS|PEN|"
    r"PKR|BDT|LKR|NPR|MMK|KHR|LAK|MNT|KZT|UZS|KGS|AZN|AMD|GEL|BYN|MDL|BGN|RSD|MKD|BAM|HRK|ALL|ISK|MAD|TND|DZD|LYD|IQD|IRR|"
    r"Gs\.?|Php|PhP|DH|Dhs?\.?|dh|MXN\$|AR\$|JOD|KWD|BHD|QAR|OMR|LBP|GHS|TZS|UGX|RWF|ETB|ZMW|MZN|XOF|XAF|BOB|PYG|UYU|VES|CRC|GTQ|HNL|NIO|DOP|JMD|TTD|CUP|MOP|BTC|"
    r"GH₵|\$U|F?CFA|so['‘’]?m|сум|тг\.?|৳|₿|đ|บาท|د\.إ|ريال|درهم|دينار|تومان|ر\.س|ج\.م|د\.ك|රු\.?|रु\.?|৳\.?|"
    r"US\$|R\$|C\$|CA\$|A\$|AU\$|NZ\$|HK\$|NT\$|S\$|MX\$|RD\$|COL\$|[$€£¥₩₹₽₺₴₫฿₪₦₱₡₲₵₸₼₾₭₮₨元円圆원]|"
    r"U\$S|CLF|UF|Br\.?|[KTU][Ss]h\.?|"
    r"Rs\.?|Rp\.?|RM|R |kr\.?|Kr\.?|zł|Kč|Ft|lei|лв\.?|руб\.?|р\.|грн\.?|TL|Bs\.?|S/\.?|Fr\.|SFr\.?|DM"
)
_SCALES = {  # powers of ten by the words and signs behind a number
    2: "[Hh]undred|백|百", 3: "K|k|[Tt]housand|thsd|[Tt]sd\\.?|mil|тыс\\.?|тис\\.?|천|千|ribu|rb|nghìn|ngàn|พัน|"
       "ألف|آلاف|هزار|हज़ार|हज़ार|हजार|bin",
    4: "만|万|萬|หมื่น", 5: "[Ll]akhs?|[Ll]acs?|लाख|লাখ|แสน",
    6: "M|MM|mn|[Mm]io\\.?|[Mm]illions?|[Mm]illionen|mill\\.?|millones|milhões|mln\\.?|млн\\.?|백만|百万|juta|"
       "jt|triệu|tr|ล้าน|مليون|ملايين|میلیون|milyon|miljoonaa|miljoner|εκατ\\.?|millions? de",
    7: "[Cc]rores?|Cr\\.?|천만|千万|करोड़|কোটি", 8: "억|億|亿",
    9: "B|Bn|bn|[Bb]illions?|[Mm]rd\\.?|Mds?|млрд\\.?|십억|十億|十亿|miliar|tỷ|tỉ|مليار|میلیارد|milyar|พันล้าน|"
       "bilhões|bilhão", 12: "[Tt]n|[Tt]rillions?|조|兆|трлн\\.?",
}  # fmt: skip
_SMALL = {6: "m|mi", 9: "b|bi"}  # units as well, so only where no unit is meant
_BEFORE = (
    r"[<>≤≥~≈±]=? ?|ca\.? ?|about |approx\.? ?|under |over |below |above |less than |more than |up to |at least |"
    r"at most |약 ?|不足|超过|约|más de |mas de |menos de |hasta |desde |aprox\.? |mais de |até |"
    r"mehr als |weniger als |über |unter |bis |plus de |moins de |environ |più di |meno di |circa |"
    r"mer enn |mindre enn |mer än |mindre än |powyżej |poniżej |более |менее |больше |меньше |понад |"
    r"מעל |מתחת ל?-?"
)
_BEHIND = r"\+| or more| or less| and over| and above| 이상|이상| 이하|이하| 미만|미만| 초과|초과|以上|以下|未満|超"
_PERCENT = r"%|pct\.?|[Pp]er ?cent|[Pp]rozent|퍼센트|프로"

_FRACTIONS = {"¼": "25", "½": "5", "¾": "75", "⅛": "125", "⅜": "375", "⅝": "625", "⅞": "875"}
_WRITTEN = {"1/4": "25", "2/4": "5", "1/2": "5", "3/4": "75", "1/8": "125", "3/8": "375", "5/8": "625", "7/8": "875"}
# Marks of a number that are the same in every style.
COMMON: tuple[Rule, ...] = (
    (r'^="', ((r'^="(.*)"$', "${1}"),)),
    (r"^'[+-]?[0-9]", ((r"^'", ""),)),  # Excel's sign of a number that is to stay text
    (r"[0-9](?:[*†‡§]|\[[0-9a-z]{1,3}\])", ((r"([0-9])(?:[*†‡§]+|(?:\[[0-9a-z]{1,3}\])+)$", "${1}"),)),  # notes
    (r"\)$", ((r"^([^0-9()]*)\((.*)\)$", "-${1}${2}"),)),
    (r"^[+-] ", ((r"^([+-]) +", "${1}"),)),
    (r"^[^0-9]{0,4}[▲△]", ((r"^([^0-9▲△]*)[▲△] ?", "-${1}"),)),  # accounts in Japan and Korea
    (r"[0-9]/[-=]$", ((r"/[-=]$", ""),)),  # no paise: Rs. 12/-, and no cents in East Africa: 12/=
    (r"^[“„«].*[“”»]$", ((r"^[“„«](.*)[“”»]$", "${1}"),)),
    (r"^[+-]?[0-9]+·[0-9]+$", (("·", "."),)),  # the decimal point of British journals
    (r"[°º] ?[NESW]$", ((r"^([0-9.]+) ?[°º] ?[NE]$", "${1}"), (r"^([0-9.]+) ?[°º] ?[SW]$", "-${1}"))),
    (r"[0-9][.,:]-+", ((r"([0-9])[.,:]-+($| )", "${1}${2}"),)),  # no cents: 12,- or 12.-- or 12:-
    (r"^[¥\\].*[0-9]-$", ((r"-$", ""),)),  # a bar that ends an amount in Japan
    (r"[¼½¾⅛⅜⅝⅞]$", tuple((rf"^([+-]?[0-9]*) ?{sign}$", f"${{1}}.{digits}") for sign, digits in _FRACTIONS.items())),
    (r"[0-9] [1-7]/[248]$", tuple((rf"^([+-]?[0-9]+) {text}$", f"${{1}}.{d}") for text, d in _WRITTEN.items())),
    (r"[0-9] ?-$", ((r"^(.*[0-9]) ?-$", "-${1}"),)),
    (r"[0-9.][dD*×x] ?[+0-9-]", ((r"^([+-]?[0-9.]+)[dD]([+-]?[0-9]+)$", "${1}e${2}"),
                                 (r"^([+-]?[0-9.]+) ?[*×x] ?10\^?([+-]?[0-9]+)$", "${1}e${2}"))),
)  # fmt: skip

_MULTIPLY_MONEY: Rule = (  # with a currency, m and mi are no metres and miles
    rf"^[+-]? ?(?:{_MONEY}).*[0-9] ?[mb]i?$",
    tuple((rf"^(.*[0-9]) ?(?:{sign})$", f"${{1}}e{power}") for power, sign in _SMALL.items()),
)
_STRIP_MONEY: Rule = ("", ((rf"^([+-]?) ?(?:{_MONEY}) ?([+-]?)", "${1}${2}"), (rf" ?(?:{_MONEY})$", "")))
_SIGN_WITHIN: Rule = (r"[€$][0-9]{2}$", ((r"^([0-9][0-9.,' ]*)[€$]([0-9]{2})$", "${1}.${2}"),))  # 3€50
DEBIT = r"[0-9] ?(?:D[Rr]|dr)\.?$"
_DEBIT_OR_CREDIT: Rule = (
    r"[0-9] ?(?:[CD][Rr]|[cd]r)\.?$",
    ((r"^(.*[0-9]) ?(?:C[Rr]|cr)\.?$", "${1}"), (r"^(.*[0-9]) ?(?:D[Rr]|dr)\.?$", "-${1}")),
)
_STRIP_PERCENT: Rule = ("", ((rf" ?(?:{_PERCENT})$", ""), (r"^% ?", "")))
_STRIP_BOUND: Rule = ("", ((rf"^(?:{_BEFORE})", ""), (rf"(?:{_BEHIND})$", "")))
_UNIT = rf"[^0-9{SPACES}.,+%/-][^0-9,]{{0,14}}|[kcmd]?m[23]|/ ?[A-Za-z]{{1,8}}|/(?:5|10|20|100)|out of [0-9]{{1,3}}"
_E = r"(?:[eE][+-]?[0-9]+)?"
_STRIP_UNIT: Rule = (
    "",
    (
        (rf"^((?:{_MONEY})? ?[+-]?[0-9.,' ]*[0-9]{_E}) ?(?:{_UNIT})$", "${1}"),
        (rf"^[^0-9{SPACES}.,+<>≤≥~≈±/-][^0-9.,+-]{{0,11}}? ?([+-]?[0-9][0-9.,' ]*{_E})$", "${1}"),
    ),
)
_MULTIPLY: Rule = (
    r"[0-9]",
    (
        (r"^([0-9]+) ?[억億亿] ?([0-9]),?([0-9]{3}) ?[만万萬]$", "${1}${2}${3}0000"),
        (r"^([0-9]+) ?[억億亿] ?([0-9]{3}) ?[만万萬]$", "${1}0${2}0000"),
        (r"^([0-9]+) ?[억億亿] ?([0-9]{2}) ?[만万萬]$", "${1}00${2}0000"),
        (r"^([0-9]+) ?[억億亿] ?([0-9]) ?[만万萬]$", "${1}000${2}0000"),
        *((rf"([0-9.]) ?(?:{words})$", f"${{1}}e{power}") for power, words in _SCALES.items()),
    ),
)
_MULTIPLY_SMALL: Rule = (
    r"[0-9.] ?[mb]i?$",
    tuple((rf"([0-9.]) ?(?:{sign})$", f"${{1}}e{p}") for p, sign in _SMALL.items()),
)

_POINT_GROUPS = rf"^[+-]?[0-9]{{1,3}}(?:[, '_][0-9]{{2,3}})*[, '_][0-9]{{3}}(?:\.[0-9]*)?{_E}$"
_COMMA_GROUPS = rf"^[+-]?[0-9]{{1,3}}(?:[. '][0-9]{{3}})+(?:,[0-9]*)?{_E}$"
_COMMA = rf"^[+-]?[0-9]*,[0-9]+{_E}$"
_CENTS = r"^[+-]?[0-9]+(?:\.[0-9]{3})*,[0-9]{1,2}$|^[+-]?[0-9]{1,3}(?:[. '][0-9]{3})+,[0-9]{1,2}$"
_POINT: Rule = (_POINT_GROUPS, (("[, '_]", ""),))
_DECIMAL_COMMA: tuple[Rule, ...] = (
    (_COMMA_GROUPS, (("[. ']", ""), (",", "."))),
    (_COMMA, ((",", "."),)),
)
_CENTS_OR_POINT: tuple[Rule, ...] = ((_CENTS, (("[. ']", ""), (",", "."))), _POINT)
_PERCENT_DECIMALS: tuple[Rule, ...] = (_POINT, (r"^[+-]?[0-9]+,[0-9]+$", ((",", "."),)))

STYLES: dict[str, tuple[Rule, ...]] = {
    "currency": (_SIGN_WITHIN, _STRIP_MONEY, _MULTIPLY, _MULTIPLY_SMALL, *_CENTS_OR_POINT),
    "percent": (_STRIP_PERCENT, *_PERCENT_DECIMALS),
    "thousands": (_POINT,),
    "comma": (_STRIP_BOUND, _MULTIPLY_MONEY, _STRIP_MONEY, _STRIP_PERCENT, _MULTIPLY, *_DECIMAL_COMMA),
    "unit": (_MULTIPLY, _STRIP_UNIT, *_CENTS_OR_POINT),
    "accounting": (_DEBIT_OR_CREDIT, _STRIP_MONEY, _POINT),
    "scale": (_STRIP_MONEY, _MULTIPLY, _MULTIPLY_SMALL, _POINT),
    "bound": (_STRIP_BOUND, _STRIP_MONEY, _STRIP_PERCENT, _MULTIPLY, _POINT),
    "notation": (_POINT,),
    "change": (_STRIP_MONEY, _STRIP_PERCENT, _POINT),
}
# Rules before COMMON, of styles in which its signs mean something else: beside a fall, ▲ is a rise.
BEFORE_COMMON: dict[str, tuple[Rule, ...]] = {
    "change": (
        (r"^[▲△↑▼▽↓]", ((r"^[▲△↑] ?", ""), (r"^[▼▽↓] ?[-−]?", "-"))),
        (r"[▲△↑▼▽↓]$", ((r" ?[▲△↑]$", ""), (r"^[-−]?(.*[^ ]) ?[▼▽↓]$", "-${1}"))),
    )
}

_N = r"[0-9][0-9.,' _]*|\.[0-9]+"
_SCALE = "|".join((*_SCALES.values(), *_SMALL.values()))
# What keeps a cell from being a plain number, after COMMON; the first match names it. Those of STYLES are numbers.
FAULTS = (
    ("change", r"^[▼▽↓↑] ?[-−]?[0-9]|[0-9]%? ?[▲△▼▽↓↑]$"),
    ("infinite", r"^[+-]?(?i:inf|infinity|∞)$|^[+-]?1\.#(?i:inf)$"),
    (
        "currency",
        rf"^[+-]? ?(?:{_MONEY}) ?[+-]?(?:{_N})(?: ?(?:{_SCALE}))?$|^[+-]?(?:{_N})(?: ?(?:{_SCALE}))? ?(?:{_MONEY})$"
        rf"|^(?:{_MONEY}) ?[+-]?(?:{_N}) ?(?:{_MONEY})$"
        r"|^[0-9]+ ?[억億亿] ?[0-9,]+ ?[만万萬] ?[원円圆元]$|^[0-9][0-9.,' ]*[€$][0-9]{2}$",
    ),
    ("accounting", rf"^(?:{_MONEY})? ?(?:{_N}) ?(?:[CD]R|[cd]r|Dr)\.?$"),  # Cr is a credit, or a crore
    ("percent", rf"^[+-]?(?:{_N}) ?(?:{_PERCENT})$|^% ?[+-]?(?:{_N})$"),
    ("thousands", _POINT_GROUPS),
    ("comma", rf"{_COMMA}|^[+-]?[0-9]{{1,3}}(?:[. '][0-9]{{3}})+,[0-9]+$|^[+-]?[0-9]{{1,3}}(?:\.[0-9]{{3}}){{2,}}$"),
    ("scale", rf"^[+-]?(?:{_N}) ?(?:{'|'.join(_SCALES.values())})$|^[0-9]+ ?[억億亿] ?[0-9,]+ ?[만万萬]$"),
    (
        "bound",
        rf"^(?:{_BEFORE})(?:{_MONEY})? ?(?:{_N})(?: ?(?:{_SCALE}))? ?%?$"
        rf"|^(?:{_MONEY})? ?[+-]?(?:{_N})(?: ?(?:{_SCALE}))? ?%?(?:{_BEHIND})$",
    ),
    ("date", r"^[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}([T ].*)?$|^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}([T ].*)?$"),
    ("unit", rf"^(?:{_MONEY})? ?[+-]?[0-9][0-9.,']*{_E} ?(?:{_UNIT})$"),
    ("alphanumeric", r"^[+-]?[0-9][0-9.]* ?[A-Za-z].*$"),
)  # fmt: skip
PADDED = r"^[+-]?0[0-9]"  # digits with a zero in front: an identifier, until a person says that it is a number
CLOSING = r"[)\-）－−–]$"  # behind a negative number of accounts
UNIT = rf"^(?:{_MONEY})? ?[+-]?[0-9][0-9.,' ]*{_E} ?({_UNIT})$"  # group 1 is the unit
# Evidence of what the decimal mark is, in numbers with anything around them.
COMMA_EVIDENCE = (
    r"[0-9][ '][0-9]{3},|\.[0-9]{3},|\.[0-9]{3}\.[0-9]{3}|^[^,]*[0-9],[0-9]{1,2}(?:[^0-9,]|$)|^[^,.']*[0-9]{4},[0-9]"
)
POINT_EVIDENCE = (
    r",[0-9]{3}\.|,[0-9]{2,3},[0-9]{3}|^[^,]*[0-9]\.[0-9]{1,2}(?:[^0-9.,]|$)|,[0-9]{3}[^0-9,]*$|^[^,.']*[0-9]{4}\.[0-9]"
)
DOTS = r"^[^0-9]*[1-9][0-9]{0,2}\.[0-9]{3}(?:[^0-9]|$)"  # 12.345 is written so in either way
# A whole number with points between its thousands; in a column of nothing else 12.345 is 12345.
DOTTED, SHORT = r"^[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+$", r"^[+-]?[0-9]{1,3}$"
MIN_DOTTED, MIN_SHORT = 20, 5  # cells of either from which a column is one of dotted thousands
