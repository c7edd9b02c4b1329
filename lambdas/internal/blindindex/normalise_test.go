package blindindex_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/blindindex"
)

func TestNormaliseEmail(t *testing.T) {
	for name, try := range map[string]struct{ typed, want string }{
		"as it is":                        {"ada@example.com", "ada@example.com"},
		"case":                            {"Ada.Lovelace@Example.COM", "ada.lovelace@example.com"},
		"space around":                    {"\t ada@example.com\u00a0\n", "ada@example.com"},
		"a dot means another mailbox":     {"a.da@gmail.com", "a.da@gmail.com"},
		"a tag means another mailbox":     {"ada+bank@gmail.com", "ada+bank@gmail.com"},
		"full-width letters":              {"ＡＤＡ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ada@example.com"},
		"a composed letter":               {"jos\u00e9@example.com", "jos\u00e9@example.com"},
		"a decomposed letter":             {"jose\u0301@example.com", "jos\u00e9@example.com"},
		"an international domain":         {"ada@BÜCHER.example", "ada@xn--bcher-kva.example"},
		"the same, decomposed":            {"ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"},
		"the same, as DNS has it":         {"ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"},
		"an ideographic full stop":        {"ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"},
		"a domain that DNS cannot have":   {"ada@Exa_mple.com", "ada@exa_mple.com"},
		"a sign in the domain, not valid": {"ada@\u202eexample.com", "ada@\u202eexample.com"},
		"a domain longer than any":        {"ada@" + strings.Repeat("ü", 600), "ada@" + strings.Repeat("ü", 600)},
		"an @ in the mailbox":             {`"a@b"@Example.com`, `"a@b"@example.com`},
		"no address":                      {"Ada", "ada"},
		"nothing":                         {"", ""},
		"an @ alone":                      {"@", "@"},
	} {
		if got := blindindex.NormaliseEmail(try.typed); got != try.want {
			t.Errorf("%s: %+q became %+q, want %+q", name, try.typed, got, try.want)
		}
	}
}

func TestNormalisePhone(t *testing.T) {
	for name, try := range map[string]struct{ typed, want string }{
		"E.164":              {"+442079460000", "+442079460000"},
		"grouped":            {" +44 (20) 7946-0000 ", "+442079460000"},
		"dots and slashes":   {"+49/30.123456", "+4930123456"},
		"00 for the +":       {"0044 20 7946 0000", "+442079460000"},
		"the (0) of Britain": {"+44 (0)20 7946 0000", "+442079460000"},
		"full-width":         {"＋４４２０７９４６００００", "+442079460000"},
		"typographic":        {"+44\u00a020\u20117946\u20130000", "+442079460000"},
		"15 digits":          {"+123456789012345", "+123456789012345"},
		"16 digits":          {"+1234567890123456", ""},
		"too short":          {"+123456", ""},
		"national":           {"020 7946 0000", ""},
		"no such country":    {"+0123456789", ""},
		"letters":            {"+44 CALL ME NOW", ""},
		"an extension":       {"+442079460000x12", ""},
		"another line":       {"+442079460000\n", ""},
		"nothing":            {"", ""},
	} {
		got, err := blindindex.NormalisePhone(try.typed)
		if got != try.want || errors.Is(err, blindindex.ErrNotInternational) != (try.want == "") {
			t.Errorf("%s: %+q became %q, %v; want %q", name, try.typed, got, err, try.want)
		}
	}
}

// What is normalised once stays as it is, so that a stored form can be hashed
// again, and no spelling hides behind another.
func FuzzNormalisingTwiceIsNormalisingOnce(f *testing.F) {
	for _, seed := range []string{"Ada@Example.com", "İ@BÜCHER.example", "ẞ@faß.de", "ﬁ@ﬃ.com", "K@\u212a.com", "+44 (0)20 7946 0000", "@", "a@xn--a", "a@-.x", "\U000103d2\u0344@a.b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := blindindex.NormaliseEmail(text)
		if twice := blindindex.NormaliseEmail(once); twice != once {
			t.Errorf("e-mail %+q became %+q, then %+q", text, once, twice)
		}
		if number, err := blindindex.NormalisePhone(text); err == nil {
			if again, err := blindindex.NormalisePhone(number); again != number || err != nil {
				t.Errorf("phone %+q became %q, then %q, %v", text, number, again, err)
			}
		}
	})
}
