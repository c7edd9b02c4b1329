package merchants

import (
	"strings"
	"unicode"

	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
)

// maxText is how much of a text is read, in bytes. Banks write about 200 at most.
const maxText = 1024

// entities are the HTML entities in the exports of some banks.
var entities = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", "", "&#39;", "", "&apos;", "", "&nbsp;", " ")

// marks are characters that banks write in several ways, or not at all.
var marks = strings.NewReplacer("'", "", "’", "", "‘", "", "`", "", "|", "¦")

// Fold returns a text in the form for comparison: in lower case, in Unicode's form NFKC,
// with single spaces, without apostrophes, and with entities of HTML replaced.
func Fold(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), maxText)], "")
	for {
		next := marks.Replace(entities.Replace(blindindex.NormaliseText(text)))
		next = strings.Join(strings.FieldsFunc(next, isGap), " ")
		if next == text {
			return text
		}
		text = next
	}
}

func isGap(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
