package merchants

import (
	"slices"
	"strings"
	"sync"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
)

// wellKnown are merchants whose category is the same for every user.
var wellKnown = map[categories.Code][]string{
	categories.Food: {"uber eats", "deliveroo", "just eat", "mcdonalds", "kfc", "nandos", "greggs", "pret a manger", "costa", "starbucks",
		"caffe nero", "dominos", "pizza express", "wagamama", "subway", "wetherspoon"},
	categories.Groceries: {"tesco", "sainsburys", "asda", "morrisons", "waitrose", "aldi", "lidl", "spar", "iceland", "co-op", "ocado", "m&s simply food",
		"marks & spencer simply"},
	categories.Fuel: {"bp", "shell", "esso", "texaco", "jet", "tesco petrol", "sainsburys petrol", "asda petrol", "morrisons petrol"},
	categories.Transport: {"uber", "bolt", "tfl", "transport for london", "trainline", "national rail", "lner", "gwr", "stagecoach", "arriva",
		"ringgo", "national express"},
	categories.Travel:        {"airbnb", "booking.com", "easyjet", "ryanair", "british airways", "jet2", "premier inn", "travelodge"},
	categories.Shopping:      {"amazon", "argos", "john lewis", "ikea", "next retail", "primark", "ebay", "asos", "h&m", "currys", "b&q"},
	categories.PersonalCare:  {"boots", "superdrug"},
	categories.Entertainment: {"odeon", "cineworld", "vue cinema", "ticketmaster", "steam games"},
	categories.Subscriptions: {"netflix", "spotify", "disney plus", "amazon prime", "apple.com/bill", "youtube premium", "now tv", "audible"},
	categories.Bills: {"british gas", "octopus energy", "so energy", "eon next", "edf energy", "thames water", "bt group", "virgin media", "sky digital",
		"vodafone", "o2", "ee limited", "three mobile", "council tax", "tv licence"},
	categories.Insurance: {"aviva", "admiral", "direct line", "axa", "bupa"},
}

// knownNames are the names of wellKnown, the longest first.
var knownNames = sync.OnceValue(func() (all []knownName) {
	for code, names := range wellKnown {
		for _, name := range names {
			all = append(all, knownName{name, code})
		}
	}
	slices.SortFunc(all, func(a, b knownName) int {
		if d := len(b.name) - len(a.name); d != 0 {
			return d
		}
		return strings.Compare(a.name, b.name)
	})
	return all
})

type knownName struct {
	name string
	code categories.Code
}

// Category returns the category of a payment by its kind, or by its merchant where the
// merchant is a well-known one, and false where neither says it.
func Category(text string) (categories.Code, bool) {
	switch kind := KindOf(text); {
	case kind.BetweenAccounts():
		return categories.Transfer, true
	case kind == Fee:
		return categories.Financial, true
	case kind == Salary:
		return categories.Salary, true
	case kind == Cash, kind == CashIn, kind == Refund:
		return "", false
	}
	return categoryOf(Normalise(text))
}

// WellKnown returns the well-known merchant with which a key begins, or "".
func WellKnown(key string) string {
	known, _ := knownIn(key)
	return known.name
}

func categoryOf(key string) (categories.Code, bool) {
	known, found := knownIn(key)
	return known.code, found
}

// knownIn finds a name in a key as whole words from its beginning.
func knownIn(key string) (knownName, bool) {
	for _, known := range knownNames() {
		if rest, has := strings.CutPrefix(key, known.name); has && (rest == "" || rest[0] == ' ') {
			return known, true
		}
	}
	return knownName{}, false
}
