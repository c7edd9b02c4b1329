package answercheck

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// minEnglish is how many of a sentence's words have to be frequent English ones, as a
// part of all: one in four. Sentences under minWords words need none.
const (
	minEnglish = 4
	minWords   = 4
)

// english are frequent words of English sentences about money. Those that other languages
// have as well ("in", "is", "on") are too few in a sentence to reach the part.
const english = `the a an is are was were be been you your yours to of in on and for have has had it its this that these
those with i can not by so from at as or if but than then there here they them their we our my me he she his her do does did
will would could should may might must about over under more most less least very too also just only still already again
up down out off into onto before after while when where what which who how why because each every all any some no none
both few many much other another such own same well now soon later often always never usually sometimes today
one two three next last first time times day days week weeks month months year years
spend spends spent spending save saves saved saving savings cost costs money budget budgets bill bills goal goals income
earn earned food groceries grocery transport travel shopping home rent meals meal cook cooking eat eating lunch
debt debts card cards score credit balance limit target amount total average category categories transactions
plan plans planning check set look see try keep make take use used using cut reduce lower higher less good great small
big help helps need needs want left right way ways tip tips idea ideas due paid pay paying buy buying`

// foreignWords are words that English sentences do not have and sentences of other languages
// often have: German, Dutch, French, Spanish, Portuguese, Italian, Polish, the
// Scandinavian ones, Romanian, Turkish, Malay and Welsh.
const foreignWords = `ich du er wir ihr mich dich uns hast habe haben ist sind nicht und mit auf von zu zum zur der das dem des ein
eine einen einem einer diesem diesen dieser dieses dein deine deinen viel mehr monat geld
je jij het een niet deze dit voor naar aan ook maar zijn hebt heeft jouw maand bijna uitgegeven
le les des du une vous tu je est sont dans ce cette ces avec sur pas votre vos tes nous il et aux mois argent
el los las del una unos por para este esta esto su sus mes muy has gastado dinero tu que
os um uma voce seu sua neste nesta gastou dinheiro
di che il lo gli nel nella del della dei delle hai sei tuo tua tuoi troppo questo questa mese speso soldi
nie jest na twoje twoj za tym miesiacu wydales
och att det som inte din ditt pengar ikke penge denne
ati este luna bani bu cok icin anda bulan ini untuk yang eich wedi`

var wordSets = sync.OnceValues(func() (common, others map[string]bool) {
	set := func(words string) map[string]bool {
		all := map[string]bool{}
		for word := range strings.FieldsSeq(words) {
			all[word] = true
		}
		return all
	}
	return set(english), set(foreignWords)
})

var latinWord = regexp.MustCompile(`(\p{L}+)(?:'\p{L}+)?`)

// isEnglish reports whether a sentence is in Latin letters, has no invisible characters,
// no function word of another language, and enough words of English.
func isEnglish(text string) bool {
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) && r > unicode.MaxASCII && r != 'é':
			return false
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Cc, r), unicode.Is(unicode.Co, r):
			return false
		case unicode.IsNumber(r) && r > unicode.MaxASCII:
			return false
		}
	}
	words, known := latinWord.FindAllStringSubmatch(strings.ToLower(text), -1), 0
	common, others := wordSets()
	for _, word := range words {
		if others[word[1]] && !common[word[1]] {
			return false
		}
		if common[word[1]] {
			known++
		}
	}
	return len(words) > 0 && (len(words) < minWords || known*minEnglish >= len(words))
}
