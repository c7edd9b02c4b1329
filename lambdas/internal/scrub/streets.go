package scrub

import (
	"regexp"
	"strings"
)

// street is the number of a house, words, and a word for a street.
var street = regexp.MustCompile(`(?i)\b\d{1,5}\s?[a-z]?,?\s+((?:[\pL'’.-]+\s+){0,3})(street|st|road|rd|lane|ln|avenue|ave|close|` +
	`drive|dr|court|ct|crescent|cres|gardens?|gdns|terrace|place|pl|square|sq|way|hill|mews|grove|gr|park|rise|row|walk|` +
	`green|vale|wharf|quay|parade|circus|gate|heights|view|villas?|cottages?|house|lodge|farm|meadows?|croft|mount|broadway|` +
	`boulevard|esplanade|common|orchard|paddock|path|yard|bank|end|embankment|approach|bridge|brae|wynd|dene|dell|copse|` +
	`ridge|fold|fields?)\b`)

var (
	// isAlsoStreet has words for a street that mean other things as well.
	isAlsoStreet = setOf(`close drive court place square way hill park rise row walk green gate view house farm
common path yard bank end approach bridge fold field fields garden gardens`)
	// inStreets are ordinary words that names of such streets have.
	inStreets = setOf(`the high station church park main new old mill green north south east west upper lower
great little long short school victoria king kings king's queen queens queen's albert london manor abbey castle
bridge river wood woods hill hills lake spring field fields meadow garden gardens grange farm cross market chapel
college hospital railway rose oak ash elm cedar willow birch holly orchard springfield white black red saint st
priory union nelson wellington sunny nowhere acorn valley forest mountain ocean`)
	// inNoStreet has words that stand between a number and another thing.
	inNoStreet = setOf(`of in on at for to from and or a an my our your his her their this that i is was are
were per with by than more less times time month months week weeks day days year years hour hours pound pounds quid
pence p k people person kids cars`)
)

// withoutStreets replaces the number and the street of an address. Words between them that are in no street's name, as
// in "3 months of park tickets", make it something else.
func withoutStreets(text string) string {
	var out strings.Builder
	for {
		at := street.FindStringSubmatchIndex(text)
		if at == nil {
			return out.String() + text
		}
		if isStreet(text[at[2]:at[3]], text[at[4]:at[5]]) {
			out.WriteString(text[:at[0]] + "[address]")
			text = text[at[1]:]
			continue
		}
		out.WriteString(text[:at[2]])
		text = text[at[2]:]
	}
}

// isStreet reports whether words and a word for a street are the name of one.
func isStreet(words, kind string) bool {
	all := strings.Fields(strings.ToLower(words))
	for _, word := range all {
		if inNoStreet()[word] || isAlsoStreet()[strings.ToLower(kind)] && isLowerOrdinary(words, word) {
			return false
		}
	}
	return len(all) > 0
}

// isLowerOrdinary reports whether a word is an ordinary one that is written in lower case, and in no street's name.
func isLowerOrdinary(words, word string) bool {
	return strings.Contains(words, word) && isOrdinary(word) && !inStreets()[word]
}
