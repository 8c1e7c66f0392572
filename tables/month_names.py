"""Names of months in many languages, in lower case and without a point behind them.

Standard library only, because endpoints import it. Words of Unicode's CLDR, and what people write besides. A name has
one month: where two languages use it for different ones (listopada is October in Croatia, November in Poland), the one
that more people speak has it, and the other is left out as a whole, for eleven months of twelve are worse than none.
"""

_MONTHS = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "jan feb march april may june july aug sept oct nov dec",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jän feb mär apr mai jun jul aug sep okt nov dez",
    "jänner feber mrz apr mai jun jul aug sept okt nov dez",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "janv févr mars avr mai juin juill août sept oct nov déc",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ene feb mar abr may jun jul ago set oct nov dic",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "jan feb mar apr maj jun jul aug sep okt nov dec",
    "januar februar marts april maj juni juli august september oktober november desember",
    "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta "
    "marraskuuta joulukuuta",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "ledna února března dubna května června července srpna září října listopadu prosince",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
    "янв февр март апр мая июня июля авг сент окт нояб дек",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "oca şub mar nis may haz tem ağu eyl eki kas ara",
    "januari februari maret april mei juni juli agustus september oktober november desember",
    "jan feb mar apr mei jun jul agu sep okt nov des",
    "január február március április május június július augusztus szeptember október november december",
    "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου "
    "δεκεμβρίου",
    "ιαν φεβ μαρ απρ μαΐ ιουν ιουλ αυγ σεπ οκτ νοε δεκ",
    "jan febr márc ápr máj jún júl aug szept okt nov dec",
    "jan feb mar apr maj jun jul avg sep okt nov dec",
    "januar februar marec april maj junij julij avgust september oktober november december",
    "januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra",
    "януари февруари март април май юни юли август септември октомври ноември декември",
    "sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",
    "janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris decembris",
    "jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember",
    "janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember",
    "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר",
    "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
    "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
    "ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค",
    "كانون‿الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين‿الأول تشرين‿الثاني كانون‿الأول",
    "جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر",
    "ian feb mar apr mai iun iul aug sept oct nov dec",
    "janar shkurt mars prill maj qershor korrik gusht shtator tetor nëntor dhjetor",
    "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
)
# What CLDR has besides, a language a line: the names of each month with bars between them, - for none.
_MORE = (
    "січ|січень лют|лютий бер|березень квіт|квітень трав|травень черв|червень лип|липень серп|серпень "
    "вер|вересень жовт|жовтень лист|листопад груд|грудень",
    "styczeń luty marzec kwiecień - czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "tammi|tammikuu helmi|helmikuu maalis|maaliskuu huhti|huhtikuu touko|toukokuu kesä|kesäkuu heinä|heinäkuu "
    "elo|elokuu syys|syyskuu loka|lokakuu marras|marraskuu joulu|joulukuu",
    "led|leden úno|únor bře|březen dub|duben kvě|květen čvn|červen čvc|červenec srp|srpen zář říj|říjen - pro|prosinec",
    "ian - - - - iun iul - - - - -",
    "ιανουάριος φεβρουάριος μάρτιος|μάρ απρίλιος μάιος|μάι ιούνιος|ιούν ιούλιος|ιούλ αύγουστος|αύγ "
    "σεπτέμβριος οκτώβριος νοέμβριος|νοέ δεκέμβριος",
    "яну - - - - - - - сеп - ное -",
    "ינו׳ פבר׳ - אפר׳ - - - אוג׳ ספט׳ אוק׳ נוב׳ דצמ׳",
    "जन॰ फ़र॰ - - - - जुल॰ अग॰ सित॰ अक्टू॰ नव॰ दिस॰",
    "- - mac - - - julai ogos|ogo - - - disember|dis",
    "saus|sausis vas|vasaris kov|kovas bal|balandis geg|gegužė birž|birželis liep|liepa rugp|rugpjūtis "
    "rugs|rugsėjis spal|spalis lapkr|lapkritis gruod|gruodis",
    "- - - - - jūn jūl - - - - -",
    "jaan veebr - - - - - - - - - dets",
    "- - - - - - - ágú - - nóv -",
    "- - - abril|abr - - - agost|ag - octubre|oct - -",
    "јануар|јан фебруар|феб - - мај јун јул - септембар октобар новембар|нов децембар|дец",
    "јануари - - - - јуни јули - - - - -",
    "- - - - - - - - septembar oktobar novembar decembar",
    "студзеня|сту|студзень лютага|люты сакавіка|сак|сакавік красавіка|кра|красавік - чэрвеня|чэр|чэрвень "
    "ліпеня|ліп|ліпень жніўня|жні|жнівень верасня|верасень кастрычніка|кас|кастрычнік лістапада|ліс|лістапад "
    "снежня|сне|снежань",
    "қаңтар|қаң ақпан|ақп наурыз|нау сәуір|сәу мамыр|мам маусым|мау шілде|шіл тамыз|там қыркүйек|қыр "
    "қазан|қаз қараша|қар желтоқсан|жел",
    "yanvar|yan fevral - aprel - iyun|iyn iyul|iyl avqust|avq sentyabr|sen oktyabr noyabr|noy dekabr|dek",
    "- - - - - - - - sentabr oktabr - -",
    "հունվարի|հնվ|հունվար փետրվարի|փտվ|փետրվար մարտի|մրտ|մարտ ապրիլի|ապր|ապրիլ մայիսի|մյս|մայիս "
    "հունիսի|հնս|հունիս հուլիսի|հլս|հուլիս օգոստոսի|օգս|օգոստոս սեպտեմբերի|սեպ|սեպտեմբեր "
    "հոկտեմբերի|հոկ|հոկտեմբեր նոյեմբերի|նոյ|նոյեմբեր դեկտեմբերի|դեկ|դեկտեմբեր",
    "იანვარი|იან თებერვალი|თებ მარტი|მარ აპრილი|აპრ მაისი|მაი ივნისი|ივნ ივლისი|ივლ აგვისტო|აგვ "
    "სექტემბერი|სექ ოქტომბერი|ოქტ ნოემბერი|ნოე დეკემბერი|დეკ",
    "ژانویه فوریه - آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
    "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
    "জানুয়ারি|জানু ফেব্রুয়ারি|ফেব মার্চ এপ্রিল|এপ্রি মে জুন জুলাই|জুল আগস্ট|আগ সেপ্টেম্বর|সেপ|সেপ্ট অক্টোবর|অক্টো নভেম্বর|নভে ডিসেম্বর|ডিসে",
    "ਜਨਵਰੀ|ਜਨ ਫ਼ਰਵਰੀ|ਫ਼ਰ ਮਾਰਚ ਅਪ੍ਰੈਲ|ਅਪ੍ਰੈ ਮਈ ਜੂਨ ਜੁਲਾਈ|ਜੁਲਾ ਅਗਸਤ|ਅਗ ਸਤੰਬਰ|ਸਤੰ ਅਕਤੂਬਰ|ਅਕਤੂ ਨਵੰਬਰ|ਨਵੰ ਦਸੰਬਰ|ਦਸੰ",
    "જાન્યુઆરી|જાન્યુ ફેબ્રુઆરી|ફેબ્રુ માર્ચ એપ્રિલ મે જૂન જુલાઈ ઑગસ્ટ સપ્ટેમ્બર|સપ્ટે ઑક્ટોબર|ઑક્ટો નવેમ્બર|નવે ડિસેમ્બર|ડિસે",
    "जानेवारी|जाने फेब्रुवारी|फेब्रु - एप्रिल|एप्रि मे - जुलै ऑगस्ट|ऑग सप्टेंबर|सप्टें ऑक्टोबर|ऑक्टो नोव्हेंबर|नोव्हें डिसेंबर|डिसें",
    "ஜனவரி|ஜன பிப்ரவரி|பிப் மார்ச்|மார் ஏப்ரல்|ஏப் மே ஜூன் ஜூலை ஆகஸ்ட்|ஆக செப்டம்பர்|செப் அக்டோபர்|அக் நவம்பர்|நவ டிசம்பர்|டிச",
    "జనవరి|జన ఫిబ్రవరి|ఫిబ్ర మార్చి ఏప్రిల్|ఏప్రి మే జూన్ జులై ఆగస్టు|ఆగ సెప్టెంబర్|సెప్టెం అక్టోబర్|అక్టో నవంబర్|నవం డిసెంబర్|డిసెం",
    "ಜನವರಿ|ಜನ ಫೆಬ್ರವರಿ|ಫೆಬ್ರ ಮಾರ್ಚ್ ಏಪ್ರಿಲ್|ಏಪ್ರಿ ಮೇ ಜೂನ್ ಜುಲೈ ಆಗಸ್ಟ್|ಆಗ ಸೆಪ್ಟೆಂಬರ್|ಸೆಪ್ಟೆಂ ಅಕ್ಟೋಬರ್|ಅಕ್ಟೋ ನವೆಂಬರ್|ನವೆಂ ಡಿಸೆಂಬರ್|ಡಿಸೆಂ",
    "ജനുവരി|ജനു ഫെബ്രുവരി|ഫെബ്രു മാർച്ച്|മാർ ഏപ്രിൽ|ഏപ്രി മേയ് ജൂൺ ജൂലൈ ഓഗസ്റ്റ്|ഓഗ സെപ്റ്റംബർ|സെപ്റ്റം ഒക്‌ടോബർ|ഒക്ടോ നവംബർ|നവം ഡിസംബർ|ഡിസം",
    "දුරුතු නවම් මැදින් බක් වෙසක් පොසොන් ඇසළ නිකිණි බිනර වප් ඉල් උඳුවප්",
    "- फेब्रुअरी - अप्रिल - जुन - अगस्ट सेप्टेम्बर अक्टोबर नोभेम्बर डिसेम्बर",
    "ဇန်နဝါရီ|ဇန် ဖေဖော်ဝါရီ|ဖေ မတ် ဧပြီ မေ ဇွန် ဇူလိုင်|ဇူ ဩဂုတ် စက်တင်ဘာ|စက် အောက်တိုဘာ|အောက် နိုဝင်ဘာ|နို ဒီဇင်ဘာ|ဒီ",
    "មករា កុម្ភៈ មីនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ",
    "ມັງກອນ ກຸມພາ ມີນາ ເມສາ ພຶດສະພາ ມິຖຸນາ ກໍລະກົດ ສິງຫາ ກັນຍາ ຕຸລາ ພະຈິກ ທັນວາ",
    "ጃንዋሪ|ጃን ፌብሩዋሪ|ፌብ ማርች ኤፕሪል|ኤፕሪ ሜይ ጁን ጁላይ ኦገስት|ኦገስ ሴፕቴምበር|ሴፕቴ ኦክቶበር|ኦክቶ ኖቬምበር|ኖቬም ዲሴምበር|ዲሴም",
    "- - machi aprili - - - agosti septemba oktoba novemba desemba",
    "januarie - - - - junie julie - - - - -",
    "janar shkurt|shk - prill|pri - qershor|qer korrik|korr gusht|gush shtator|sht tetor|tet nëntor|nën dhjetor|dhj",
    "jannar frar|fra marzu - mejju|mej ġunju|ġun lulju|lul awwissu|aww settembru ottubru novembru diċembru|diċ",
    "urtarrila|urt otsaila|ots martxoa apirila|api maiatza ekaina|eka uztaila|uzt abuztua|abu iraila|ira "
    "urria|urr azaroa|aza abendua|abe",
    "xaneiro|xan febreiro - - - xuño xullo|xul - - - - decembro",
    "eanáir|ean feabhra|feabh márta aibreán|aib bealtaine|beal meitheamh|meith iúil lúnasa|lún mfómh dfómh "
    "samhain|samh nollaig|noll",
    "ionawr|ion chwefror|chwef|chw mawrth|maw ebrill|ebr - mehefin|meh gorffennaf|gorff|gor awst medi "
    "hydref|hyd tachwedd|tach rhagfyr|rhag",
    "- - mäerz|mäe abrëll mee - - - - - - -",
    "genver cʼhwevrer|cʼhwe meurzh|meur ebrel mae mezheven|mezh gouere|goue eost gwengolo|gwen here - kerzu|kzu",
    "xin|xineru febreru - - mayu xun|xunu xnt|xunetu agostu|agostu setiembre ochobre|och|ochobre "
    "pay|payares avientu|avi|avientu",
    "январ феврал - апрел - - - - сентябр октябр ноябр декабр",
    "ýanwar|ýan fewral|few - - maý iýun iýul awgust|awg sentýabr oktýabr noýabr|noý -",
    "جنوري فبروري|فېبروري - - مۍ - جولای اګست سېپتمبر|سپتمبر - - -",
    "rêbendan|rbn sibat|sbt adar|adr nîsan|nsn gulan|gln hezîran|hzr tîrmeh|trm tebax|tbx îlon|îln cotmeh|cot "
    "mijdar|mjd berfanbar|brf",
    "janaayo|jannaayo febraayo maarso abriil maayo juun luulyo ogs|ogosto sebtembar|seb|sebteembar oktoobar "
    "noofeembar|nof diseembar",
    "janairu faburairu|fab maris afirilu|afi - yuni|yun yuli|yul agusta satumba|sat - nuwamba|nuw disamba",
    "jenụwarị|jen febrụwarị maachị|maa epreel|epr - juu julaị ọgọọst|ọgọ - ọktoba|ọkt - disemba",
    "januwari februwari mashi|mas ephreli|eph meyi|mey - julayi agasti|aga septhemba okthoba - -",
    "janyuwari - matshi|mat epreli - - - - - okthobha - -",
    "- pebrero|peb marso - - hunyo|hun hulyo|hul - setyembre oktubre nobyembre|nob disyembre",
    "- - - - - - - agt - - - -",
    "- pébruari|péb - - méi - - ags séptémber|sép - nopémber|nop désémber|dés",
    "гыйнвар|гыйн - - - - - - - - - - -",
    "يانۋار فېۋرال مارت ئاپرېل ماي ئىيۇن ئىيۇل ئاۋغۇست سېنتەبىر ئۆكتەبىر نويابىر دېكابىر",
    "faoi gearr màrt gibl cèit ògmh iuch lùna sult dàmh - dùbh",
    "jannewaris febrewaris - - maaie - - - septimber - novimber desimber",
    "schan|schaner favr|favrer - avrigl|avrigl matg zercl|zercladur fan|fanadur avust|avust sett|settember october - -",
    "ghennàrgiu|ghe freàrgiu|fre martzu abrile maju làmpadas|làm trìulas|trì austu|aus cabudanni|cab "
    "santugaine|stg santandria|sta nadale|nad",
    "- fbl msi apl - - - - stb ɔtb nvb dsb",
    "amajjii|ama guraandhala|gur bitootessa eebila|elb caamsaa|cam waxabajjii|wax adoolessa|ado hagayya|hag "
    "fulbaana|ful onkoloolessa|onk sadaasa mudde|mud",
    "ጥሪ ለካቲት|ለካ መጋቢት|መጋ ሚያዝያ|ሚያ ጉንበት|ግን ሰነ ሓምለ|ሓም ነሓሰ|ነሓ መስከረም|መስ ጥቅምቲ|ጥቅ ሕዳር|ሕዳ ታሕሳስ|ታሕ",
    "siilo|sii colte|col mbooy|mbo seeɗto|see duujal|duu korse|kor morso|mor juko|juk siilto|slt yarkomaa|yar "
    "jolal|jol bowte|bow",
)
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii"
ROMAN = {name: month for month, name in enumerate(_ROMAN.split(), 1)}
MONTHS = {name: month for names in _MONTHS for month, name in enumerate(names.split(), 1)} | {
    name: month
    for names in _MORE
    for month, one in enumerate(names.split(), 1)
    for name in one.split("|")
    if name != "-"
}
JOINED = "‿"  # stands for a blank within a name
SPACED = {name.replace(JOINED, " "): name for name in MONTHS if JOINED in name}
THAI = frozenset(name for names in _MONTHS if "มกราคม" in names or "ม.ค" in names for name in names.split())
