"""The registry of spellings: how people write a missing value in a table.

`tables.parse_scalar` reads single cells by it and `tables.parse_polars` whole columns, so that a table, a row sent to
an endpoint and the preview agree. Data only and standard library only, because endpoints import it. Patterns keep to
the syntax that Python's and Rust's regular expressions share. Words are in lower case.
"""

# In a class of a pattern, instead of \\s: Python's has four control characters that Rust's has not.
SPACES = " \t\n\r\x0b\x0c\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
BLANK = " \t\n\r\x0b\x0c\xa0\u2007\u2009\u202f\u3000\ufeff"  # stripped from both ends of a cell

# Cells that mean "no value" in any column.
MISSING = ("", "na", "n/a", "nan", "null", "none", "?", "-", "nat", "<na>", "#n/a")

# Cells that mean "no value" in a column of numbers or dates. In a column of words each is a word as others are.
SYMBOLS = (
    r"\n", r"\\n", ".", "..", "...", "…", ":", "*", "/", "\\", "_", "~", "#", "–", "—", "−", "ー", "―", "・",
    "()", "[]", "{}", "''", '""', "`", "'",
)  # fmt: skip
ERRORS = (  # of spreadsheets and of C's printf
    "#div/0!", "#n/a n/a", "#name?", "#null!", "#num!", "#ref!", "#value!", "#error!", "#error", "#calc!", "#spill!",
    "#getting_data", "#na", "#nv", "#wert!", "#bezug!", "#zahl!", "#valeur!", "#nombre!", "#¡div/0!", "#¡valor!",
    "#¡ref!", "#¿nombre?", "#valor!", "#дел/0!", "#н/д", "#знач!", "#ссылка!", "#missing", "#empty", "#unknown",
    "#n/d", "#n/a!", "na()", "=na()", "nan%", "none.", "#brak!", "#hiány!", "#i/t",
    "loading...", "#n/a requesting data...", "na_real_", "na_integer_", "na_character_", "nan.0", "-nan%",
    "#yok", "#sayı/0!", "#nv!", "#đ/không!", "#ошибка", "#null",
    "-nan", "+nan", "nan(ind)", "-nan(ind)", "1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind", "1.#snan", "1.#nan", "qnan",
)  # fmt: skip
_WORDS = (
    # English
    "x",
    "n.a.", "n.a", "n. a.", "n/d", "n.d.", "n.d", "nd", "n/k", "n.k.", "nk", "n/r", "n.r.", "nr", "n/s", "(na)",
    "(n/a)", "(nan)", "(null)", "[null]", "{null}", "<null>", "(none)", "<none>", "(nd)", "(n.a.)", "(n.d.)", "(d)",
    "(s)", "(x)", "(z)",
    "nil", "undefined", "undef", "unknown", "(unknown)", "unk", "unkn", "missing", "(missing)", "[missing]",
    "not available", "not applicable", "not reported", "not recorded", "not known", "not stated", "not specified",
    "not provided", "not measured", "not tested", "not done", "not detected", "not assessed", "not found", "no data",
    "no value", "no answer", "no response", "no info", "nodata", "no record", "did not answer", "don't know",
    "dont know", "dk", "dk/na", "refused", "prefer not to say", "blank", "(blank)", "empty", "(empty)", "tbd", "tba",
    "tbc", "pending",
    "lod", "<lod", "< lod", "<loq", "<lloq", "bdl", "bql", "<dl", "suppressed", "privacysuppressed",
    "privacy suppressed", "data suppressed", "withheld",
    "redacted", "confidential", "invalid", "error", "err", "void", "varies", "unspecified", "unavailable",
    # Korean, Japanese, Chinese
    "없음", "(없음)", "값없음", "값 없음", "결측", "결측치", "결측값", "미상", "모름", "알수없음", "알 수 없음",
    "해당없음", "해당 없음", "해당사항없음", "미측정", "미입력", "미공개", "비공개", "자료없음", "자료 없음",
    "데이터없음", "데이터 없음", "정보없음", "정보 없음", "확인불가", "확인 불가", "해당 사항 없음", "측정값없음",
    "측정값 없음", "기록없음", "기록 없음", "미기재", "미확인", "미응답", "응답없음", "응답 없음", "불명", "미정",
    "공란", "무응답", "측정불가", "점검중", "통신장애", "なし", "無し", "不明", "未測定", "欠測",
    "欠損", "欠損値", "データ無し", "未実施", "計測不能", "測定不能", "未回答", "無回答", "記載なし", "対象外", "×",
    "未記入", "未入力", "該当なし", "データなし", "非公表", "非公開", "無", "无", "缺失", "未知",
    "不详", "不詳", "暂无", "暫無", "空", "空值", "空白", "无数据", "無資料", "无效", "未填", "未填写", "不适用",
    "保密", "无记录", "未检测", "未检出", "暂缺", "未测", "未提供",
    "無記錄", "尚無資料", "無此資料", "未提供", "未知數", "不適用", "未提供資料", "待补充",
    # German, French, Dutch, Nordic
    "k. a.", "k.a.", "k.a", "keine angabe", "keine angaben", "keine daten", "unbekannt", "fehlt", "leer", "ungültig",
    "entfällt", "geheim", "n.c.", "n/c", "nc", "inconnu", "inconnue", "non renseigné", "non renseignée",
    "non disponible", "non communiqué", "indisponible", "néant", "vide", "manquant", "sans objet", "secret",
    "onbekend", "geen", "geen gegevens", "leeg", "ontbreekt", "saknas", "uppgift saknas", "okänd", "ukendt", "ukjent",
    "nicht verfügbar", "nicht bekannt", "nicht angegeben", "nicht erhoben", "nicht zutreffend", "ohne angabe",
    "ohne angaben", "keine", "o. a.", "o.a.", "n. v.", "n.v.", "n. b.", "n.b.", "t.n.z.", "(leer)", "nsp", "nr/nsp",
    "sans réponse", "non précisé", "non précisée", "donnée manquante", "données manquantes", "pas de données", "(vide)",
    "inconnu(e)", "niet beschikbaar", "niet bekend", "niet van toepassing", "n.v.t.", "nvt", "(leeg)", "ikke oplyst",
    "uoplyst", "ikke oppgitt", "ikke tilgjengelig", "ej angivet", "ej tillgänglig", "ei tiedossa", "ei vastausta",
    "ei saatavilla", "tuntematon", "ekki vitað",
    "mangler", "ingen", "ingen data", "ikke kjent", "uoppgitt", "ingen opplysning", "ikke målt", "inga uppgifter",
    "ei tietoa", "puuttuu",
    # Spanish, Portuguese, Italian
    "s/d", "s.d.", "sin dato", "sin datos", "sin información", "desconocido", "desconocida", "no disponible",
    "no aplica", "no informado", "no informa", "no consta", "ninguno", "vacío", "nulo", "n/i", "sem dados",
    "sem informação", "não informado", "nao informado", "não disponível", "não se aplica", "não aplicável",
    "não declarado", "desconhecido", "ignorado", "ausente", "non disponibile", "non pervenuto", "non noto",
    "s/i", "s.i.", "sin especificar", "sin info", "no corresponde", "no especificado", "no especifica",
    "ns/nc", "ns/nr", "no sabe", "no contesta", "no responde", "sin respuesta", "no registra", "(en blanco)",
    "en blanco", "n/c.", "sem resposta", "não sabe", "(vazio)", "vazio", "em branco", "não consta", "n.p.",
    "non rilevato", "dato mancante", "dati mancanti", "(vuoto)", "vuoto", "non specificato", "non applicabile",
    "sconosciuto", "assente", "mancante", "nullo", "nessuno",
    # Slavic, Turkish, Greek
    "н/д", "н.д.", "нд", "нет", "нет данных", "нет сведений", "неизвестно", "неизвестен", "не указано", "не указан",
    "отсутствует", "пусто", "немає", "немає даних", "невідомо", "brak", "brak danych", "b.d.", "bd", "nieznany",
    "nieznane", "neuvedeno", "nezjištěno", "neznámý", "chybí", "není k dispozici", "yok", "bilinmiyor",
    "belirtilmemiş", "veri yok", "mevcut değil", "boş", "(boş)", "belirsiz", "άγνωστο", "δ/υ", "μ/δ", "δεν υπάρχει",
    "δ/α", "не определено", "не заполнено", "не задано", "не применимо", "б/д", "н/п", "(пусто)", "не вказано",
    "відсутнє", "відсутні", "відсутня", "не відомо", "не визначено", "невизначено", "nie dotyczy", "nie podano",
    "(puste)", "puste", "nevyplněno", "neznámé", "(prázdné)", "nincs adat",
    "nincs", "ismeretlen", "necunoscut", "lipsă", "indisponibil", "nepoznato", "nema", "nema podataka", "няма данни",
    "неизвестно", "neznano", "nežinoma", "nav datu", "andmed puuduvad",
    # Others
    "không có", "không rõ", "tidak ada", "tidak diketahui", "tiada", "ไม่มี", "ไม่ทราบ", "ไม่มีข้อมูล", "अज्ञात",
    "उपलब्ध नहीं", "ไม่ระบุ", "không xác định", "chưa có", "tidak tersedia", "belum ada", "غير محدد", "لا ينطبق",
    "غير متاح", "مجهول", "ندارد", "लागू नहीं", "לא זמין", "לא רלוונטי", "חסר", "לא צוין", "haijulikani", "hakuna",
    "غير متوفر", "غير معروف", "لا يوجد",
    "نامشخص", "לא ידוע", "אין", "אין נתונים",
)  # fmt: skip
WORDS = frozenset(_WORDS)  # which may be categories where numbers are few
MARKERS = frozenset((*SYMBOLS, *ERRORS, *_WORDS))
# Signs that repeat, and the dates that SQL and Excel write for none.
MARKER_PATTERN = (
    r"^(?:\.+|\*+|\?+|-+|–+|—+|_+|#+|:+|/+|~+|=+|…+|x+|X+)$"
    r"|^(?:0000[-/.]00[-/.]00|00[-/.]00[-/.]0000)(?:[T ][0:.]*Z?)?$"
)

MAX_MARKERS = 50  # different markers of a column of numbers; with more it is one of words
MAX_SPELLINGS = 10  # distinct cells that are no number up to which they count as markers in a column of numbers
FEW_NUMBERS = 20  # distinct numbers up to which a column with an unregistered word is a category
FEW_WITH_WORDS = 4  # distinct numbers up to which a column with a registered word is a category
