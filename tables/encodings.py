"""Ranks the encodings that a text may have, by what its letters would be in each.

Bytes do not say their encoding. UTF-8 and UTF-16 show by their form; of the others, the likely one makes words of the
letters of one language, in its usual upper and lower case. Decision 46 compares it with detectors of others.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache

SAMPLE = 3  # words that show what a text would be
_HEAD = 256 * 1024  # bytes that are looked at
_MAX_WORDS = 1500
_WIDE = 0.3  # share of NUL bytes at alternate positions from which a text is UTF-16
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff@\[\\\]^_`{|}~]*")

# The letters of each language that an encoding is for, outside ASCII, the commonest first.
_LETTERS = {
    "french": "éèàêçâîôùûëïœü", "german": "üäöß", "spanish": "óíáñéúü¿¡", "portuguese": "ãçáéóíêúõâàô",
    "italian": "àèìòùé", "nordic": "äöåøæéü", "icelandic": "áíðóéþöæúý", "dutch": "ëïéèöü", "catalan": "àéèíóòúïüç",
    "polish": "łąężśćóńź", "czech": "íáéěřčžýšůúťďňó", "hungarian": "áéöőóüíúű", "romanian": "ăâîşţșț",
    "croatian": "šžčćđ", "slovak": "áíéčšžýúťľôňďäĺŕ", "turkish": "ıüşğçöİâ", "baltic": "āīšēņūļžčģķ", "lithuanian":
    "ėšųžįąčūę", "estonian": "äõüöšž", "vietnamese": "ư\u0323\u0301\u0300\u0309ôđơăâ\u0303ê",
    "russian": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ", "ukrainian": "оаинівтерскдлупмябьгзйчхжцїєюшщфґ",
    "bulgarian": "аоеитнрсвлкпдмзъгубчщжшйцхяюф",
    "greek": "αοιετσνηυρπκμλςωγδάχίόέθφήύβώξζψϊϋ",
    "hebrew": "יוהלארתבשמנםדעפקטכגחצסזןךףץ", "arabic": "اليومنرتبةعدسفهكقحجأشطصخإذىضءغئزظثؤآ",
    "persian": "ایرندهموتبسشکزلخفقعگحجپطصچژغضآ",
    "thai": "านรอกเงมยลวดทสต่้ปบัีคิหแะำใชพไขจ์โซถผุูณธศ็ษญภึืฟฐฉ",
}  # fmt: skip
_HANGUL = (
    "이다의는에을가고하지로를한은사기도인서어자리나대시정그있수보아전부해일과만상제것주라원여구장유성비조마안위으"
    "동게면체중국신치연무소스거적물관공세우진경선모방남산들학관분음간천업용생화오년문동두교건울금계입발통미트와"
    "명까요개작번영재태없강신군실합할계할야회출별격석특별강내현호목행력배지양당외단질타여예아니오남자성별지역연령소득"
    "구매상품품목가격수량금액매출합계평균이름번호날짜등급등록도시경기충북남제주특광주울릉세종직업기혼미혼매우좋나쁨보통"
    "높낮음여부유형코드결과값정상이탈유지고객회원신규기존남녀학력고졸대졸온라인오프면적온습압구분비고사과배딸기빨강노랑파초록"
)
_SIMPLIFIED = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能"
    "好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进"
    "把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使"
    "教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件"
    "安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望"
    "直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联红绿蓝黄男性别年"
    "龄收入职业价格数量城市省份地区县购买客户类型编号姓名日期金额评价差良优否满意产品商品店订单状态江浙苏湖川陕河广深圳杭"
    "州武汉重庆成都沪粤鲁豫皖闽赣辽吉黑龙蒙疆藏宁夏甘肃贵云琼学历本科硕博高低温湿压面积高速低"
)
_TRADITIONAL = (
    "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天而能"
    "好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進"
    "把法此實回二理美點月明其種聲全工己話兒者向情部正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使"
    "教西再平真聽世氣信北少關並內加化由卻代軍產入先山五太水萬市眼體別處總才場師書比住員九笑性通目華報立馬命張活難神數件"
    "安表原車白應路期叫死常提感金何更反合放做系計或司利受光王果親界及今京務制解各任至清物台象記邊共風戰幹接它許八特覺望"
    "顏色紅綠藍黃男性別齡收入職業價格數量縣市區域購買客戶類型編號姓名日期額評差優否滿意產品商店訂單狀態臺北高雄臺中新竹"
    "桃園嘉義屏東花蓮宜蘭基隆彰化雲林投澎湖金門連江大安信義松山士林溫濕壓面積鄉鎮"
)
_JAPANESE = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選"
    "立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七"
    "成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共"
    "得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係"
    "感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検"
    "収齢色購赤青緑黄白黒茶紫男性女性職業住所番号名前氏名価格数量金額県市区町村丁目都道府県大阪神奈川北海愛知福岡埼玉千葉"
    "兵庫静岡茨城広島宮崎鹿児沖縄渋谷新宿温湿圧積客種類商品売上合計平均良悪普通可否未済備考"
)
_SYMBOLS = "°µ±²³€£¥§©®–—’‘“”…•·½¼¾×÷ºª«»㎡㎥℃℉№○●△▲□■◇◆☆★※、。「」・（）～％→←↑↓〜ー々㎏㎝㎜㎞①②③④⑤ⅠⅡⅢ≥≤≠∞√℡㈜㎎"
_LANGUAGES = {
    "cp1252": ("french", "german", "spanish", "portuguese", "italian", "nordic", "icelandic", "dutch", "catalan"),
    "cp949": ("korean",), "cp932": ("japanese",), "gb18030": ("simplified",), "big5": ("traditional",),
    "euc_jp": ("japanese",), "cp1251": ("russian", "ukrainian", "bulgarian"),
    "cp1250": ("polish", "czech", "hungarian", "romanian", "croatian", "slovak", "german"),
    "iso8859_2": ("polish", "czech", "hungarian", "romanian", "croatian", "slovak"), "cp1253": ("greek",),
    "cp1254": ("turkish",), "cp1255": ("hebrew",), "cp1256": ("arabic", "persian"),
    "cp1257": ("baltic", "lithuanian", "estonian", "polish"), "cp1258": ("vietnamese",), "cp874": ("thai",),
    "koi8_r": ("russian", "bulgarian"), "koi8_u": ("ukrainian",), "cp866": ("russian",),
    "mac_roman": ("french", "german", "spanish", "portuguese", "italian", "nordic"),
    "cp850": ("french", "german", "spanish", "portuguese", "italian", "nordic"),
}  # fmt: skip
RARITY = {
    "cp1258": 0.1,
    "mac_roman": 0.15,
    "cp850": 0.15,
    "cp866": 0.1,
    "koi8_r": 0.05,
    "koi8_u": 0.06,
    "iso8859_2": 0.02,
}  # taken off the score
ENCODINGS = ("utf-8", "utf-16", *_LANGUAGES)  # the likely ones come first where two give the same text
TITLES = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "utf-32": "UTF-32", "latin-1": "Latin-1", "cp1252": "Windows-1252", "cp949": "CP949 (Korean)",
    "cp932": "Shift-JIS (Japanese)", "gb18030": "GB18030 (Chinese)", "big5": "Big5 (Chinese)",
    "euc_jp": "EUC-JP (Japanese)", "cp1251": "Windows-1251 (Cyrillic)", "cp1250": "Windows-1250 (Central European)",
    "iso8859_2": "ISO 8859-2 (Central European)", "cp1253": "Windows-1253 (Greek)", "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)", "cp1256": "Windows-1256 (Arabic)", "cp1257": "Windows-1257 (Baltic)",
    "cp1258": "Windows-1258 (Vietnamese)", "cp874": "Windows-874 (Thai)", "koi8_r": "KOI8-R (Cyrillic)",
    "koi8_u": "KOI8-U (Ukrainian)", "iso2022_jp": "ISO-2022-JP (Japanese)",
    "cp866": "CP866 (Cyrillic)", "mac_roman": "Mac Roman", "cp850": "CP850 (Western)",
}  # fmt: skip


_SHIFTED = re.compile(rb"\x1b\$[B@]")  # from here on two bytes a character


@dataclass(frozen=True)
class Guess:
    """An encoding that a text may have, and words as they would be. Those of a language have a `score` near 1."""

    encoding: str
    score: float
    sample: str

    @property
    def title(self) -> str:
        """The encoding's usual name."""
        return TITLES.get(self.encoding, self.encoding.upper())


def detect_encoding(head: bytes) -> str:
    """The encoding of the text that begins with `head`: by its byte order mark, its form, or the likeliest.

    UTF-8 with a few bytes that do not decode is UTF-8.
    """
    if formal := formal_encoding(head):
        return formal
    guesses = rank(head)
    return guesses[0].encoding if guesses else "latin-1"


def encoding_like(head: bytes, usual: str) -> str:
    """The encoding of a further object that begins with `head`, where the first one's is `usual`."""
    if formal := formal_encoding(head):
        return formal
    try:
        codecs.getincrementaldecoder(usual)().decode(head)
        return usual
    except UnicodeDecodeError:
        return detect_encoding(head)


def formal_encoding(head: bytes) -> str:
    """utf-8, utf-8-sig, utf-16 or utf-32 (-le, -be) of a text that shows by its form to be so; else ""."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"  # before UTF-16, whose mark is the beginning of this one
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if wide := wide_encoding(head):
        return wide
    if _SHIFTED.search(head) and head.isascii():
        return "iso2022_jp"
    try:
        # The head may end in the middle of a character.
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return "utf-8"
    except UnicodeDecodeError:
        whole = _MULTIBYTE.findall(head)
        other = len(_MULTIBYTE.sub(b"", head).translate(None, bytes(range(128))))
        return "utf-8" if len(whole) > 4 * other else ""


def wide_encoding(head: bytes) -> str:
    """UTF-16 or UTF-32 without a byte order mark: NUL bytes at all places where ASCII has none. "" for neither."""
    part = head[:4096]
    quarter, half = len(part) // 4, len(part) // 2
    if quarter >= 4:
        # Unicode ends at U+10FFFF: the highest byte of a character is 0, the next at most 16 and mostly 0.
        counts = [part[offset::4].count(0) for offset in range(4)]
        if min(counts[2:]) >= quarter and counts[0] == 0:
            return "utf-32-le"
        if min(counts[:2]) >= quarter and counts[3] == 0:
            return "utf-32-be"
    if half >= 4:
        if part[1::2].count(0) > _WIDE * half and part[::2].count(0) == 0:
            return "utf-16-le"
        if part[::2].count(0) > _WIDE * half and part[1::2].count(0) == 0:
            return "utf-16-be"
    return ""


def rank(head: bytes) -> list[Guess]:
    """The encodings of one byte or two in which `head` decodes, the likeliest first; of equal texts only one."""
    words = Counter(_WORD.findall(head[:_HEAD].rpartition(b"\n")[0] or head[:_HEAD]))
    distinct = [word for word, _ in words.most_common(_MAX_WORDS)]
    guesses: dict[str, Guess] = {}
    for encoding, languages in _LANGUAGES.items():
        texts, failed = [], 0
        for word in distinct:
            try:
                texts.append(word.decode(encoding))
            except UnicodeDecodeError:
                failed += 1
        if not texts or failed > 0.02 * len(distinct):
            continue
        score = max(_score(texts, language) for language in languages) - RARITY.get(encoding, 0.0)
        joined = "\n".join(texts)
        if joined not in guesses or guesses[joined].score < score:
            first = guesses[joined].encoding if joined in guesses else encoding
            guesses[joined] = Guess(first, round(score, 3), ", ".join(texts[:SAMPLE]))
    return sorted(guesses.values(), key=lambda guess: -guess.score)


def _score(words: list[str], language: str) -> float:
    """The mean of what the letters outside ASCII of `words` are worth in `language`, each from -3 to 1."""
    known, total, count = _values(language), 0.0, 0
    for word in words:
        for at, letter in enumerate(word):
            if letter < "\x80":
                continue
            before = word[at - 1] if at else ""
            after = word[at + 1] if at + 1 < len(word) else ""
            total += _worth(letter, before, after, known)
            count += 1
    return total / count if count else 0.0


def _worth(letter: str, before: str, after: str, known: dict[str, float]) -> float:
    value = known.get(letter)
    if value is None:
        value = _unknown(letter, known)
    between = before.isalpha() and after.isalpha()
    if letter in "²³" and before == "m":
        return 1.0  # of an area or a volume
    if letter in _SYMBOLS and between and letter not in "’·ー々・":
        return -1.0  # a sign inside a word
    if not letter.isalpha() or letter in _SYMBOLS:
        return value
    if (_is_ascii_letter(before) or _is_ascii_letter(after)) and not _is_latin(letter):
        return -1.0  # a letter of another script in a Latin word
    is_capital_inside = letter.isupper() and before.isalpha() and (before.islower() or after.islower())
    if is_capital_inside or (letter.islower() and before.isupper() and after.isupper()):
        value -= 1.0  # wOrd
    if letter in "םןךףץ" and after.isalpha():
        value -= 1.0  # a final letter that is not at the end
    return value


def _unknown(letter: str, known: dict[str, float]) -> float:
    """What a letter is worth that is none of the language's."""
    if letter in _SYMBOLS:
        return 0.8
    category = unicodedata.category(letter)
    if category in ("Cc", "Cn", "Co"):
        return -3.0
    name = unicodedata.name(letter, "")
    if "가" in known and name.startswith("HANGUL SYLLABLE"):
        return 0.5 if _encodes(letter, "euc_kr") else -1.0
    if name.startswith("CJK UNIFIED"):
        if "个" in known:
            return 0.2 if letter.encode("gb18030")[0] < 0xD8 and _encodes(letter, "gb2312") else -0.5
        if "個" in known and "の" not in known:
            return 0.2 if _encodes(letter, "big5") and letter.encode("big5")[0] < 0xC7 else -0.3
        if "の" in known:
            return 0.2 if _encodes(letter, "shift_jis") and letter.encode("shift_jis")[0] < 0x98 else -0.3
        return -0.5
    if name.startswith("FULLWIDTH"):
        return 0.2
    return -0.7 if category[0] in "LM" else -0.8


@cache
def _values(language: str) -> dict[str, float]:
    """{letter: from 0.5 to 1, by how common it is}, capitals too."""
    if language == "korean":
        return dict.fromkeys(_HANGUL, 1.0)
    if language == "simplified":
        return dict.fromkeys(_SIMPLIFIED, 1.0)
    if language == "traditional":
        return dict.fromkeys(_TRADITIONAL, 1.0)
    if language == "japanese":
        kana = "".join(map(chr, [*range(0x3041, 0x3094), *range(0x30A1, 0x30F7), 0x30FC]))
        return dict.fromkeys(kana + _JAPANESE, 1.0)
    letters = _LETTERS[language]
    values = {letter: 1 - 0.5 * at / len(letters) for at, letter in enumerate(letters)}
    return {letter.upper(): value for letter, value in values.items() if len(letter.upper()) == 1} | values


def _is_ascii_letter(letter: str) -> bool:
    return letter.isascii() and letter.isalpha()


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN") or letter in "ªº"


def _encodes(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
