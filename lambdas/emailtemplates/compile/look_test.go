package main

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestColours_HaveContrastInBothSchemes(t *testing.T) {
	for scheme, c := range map[string]colours{"light": light, "dark": dark} {
		for what, pair := range map[string][2]string{
			"text on card":   {c.text, c.card},
			"text on box":    {c.text, c.box},
			"muted on card":  {c.muted, c.card},
			"muted on page":  {c.muted, c.page},
			"accent on page": {c.accent, c.page},
		} {
			if got := contrast(t, pair[0], pair[1]); got < 4.5 {
				t.Errorf("%s, %s: %.1f to 1", scheme, what, got)
			}
		}
	}
	if got := contrast(t, "#000000", "#ffffff"); got != 21 {
		t.Errorf("black on white is %v", got)
	}
}

// contrast is the ratio that WCAG defines.
// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
func contrast(t *testing.T, a, b string) float64 {
	lighter, darker := luminance(t, a), luminance(t, b)
	if lighter < darker {
		lighter, darker = darker, lighter
	}
	return (lighter + 0.05) / (darker + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	rgb, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil || len(colour) != 7 {
		t.Fatalf("%q is no colour", colour)
	}
	linear := func(channel uint64) float64 {
		if v := float64(channel&0xff) / 255; v > 0.04045 {
			return math.Pow((v+0.055)/1.055, 2.4)
		} else {
			return v / 12.92
		}
	}
	return 0.2126*linear(rgb>>16) + 0.7152*linear(rgb>>8) + 0.0722*linear(rgb)
}

func TestStyle_UnknownName_IsAnError(t *testing.T) {
	if css, err := style("h9"); err == nil || css != "" {
		t.Errorf("got %q", css)
	}
}
