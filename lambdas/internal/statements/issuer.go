package statements

import "strings"

// named is a bank and texts in lower case that all stand on the first page of its statements, outside of the table.
type named struct {
	issuer string
	marks  []string
}

// withoutLayout are banks whose statements are read as those of an unknown bank. The marks are no names of towns, which
// stand in addresses.
var withoutLayout = []named{
	{"Halifax", []string{"halifax is a division of bank of scotland"}}, {"Halifax", []string{"halifax.co.uk"}},
	{"First Direct", []string{"first direct is a division of hsbc"}}, {"First Direct", []string{"firstdirect.com"}},
	{"Royal Bank of Scotland", []string{"royal bank of scotland"}},
	{"Bank of Scotland", []string{"bank of scotland plc"}}, {"Bank of Scotland", []string{"bankofscotland.co.uk"}},
	{"Barclaycard", []string{"barclaycard"}},
}

// at returns where a text names the bank first. ok is false if a mark is missing.
func (n named) at(text string) (first int, ok bool) {
	first = len(text)
	for _, mark := range n.marks {
		i := indexOfMark(text, mark)
		if i < 0 {
			return 0, false
		}
		first = min(first, i)
	}
	return first, true
}

// indexOfMark returns where a mark stands that ends with a word: Lloyds Banking Group is not Lloyds Bank.
func indexOfMark(text, mark string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], mark)
		if i < 0 {
			return -1
		}
		i += from
		from = i + len(mark)
		if from == len(text) || text[from] < 'a' || text[from] > 'z' {
			return i
		}
	}
}

// issuerOf returns the bank that a text names before all others, or nothing.
func issuerOf(text string, banks []named) string {
	issuer, first := "", len(text)
	for _, bank := range banks {
		if at, ok := bank.at(text); ok && at < first {
			issuer, first = bank.issuer, at
		}
	}
	return issuer
}
