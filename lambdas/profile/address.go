package profile

import (
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// removeRepeatedArea removes repetitions from the address line of a user. The app's
// editor shows the whole line as the street, and each save appends city, postcode and
// country. So each save would repeat those parts at the end of the line, beside earlier
// values of them.
func removeRepeatedArea(before, after *tables.User) {
	if after.Address == before.Address {
		return
	}
	current := areaOf(after)
	street, area := splitAddress(string(after.Address), append(areaOf(before), current...))
	var kept []string // from the end: what was appended last is as the editor has it now
	for _, part := range slices.Backward(area) {
		if hasPart(current, part) && !hasPart(kept, part) && !hasPart(street, part) {
			kept = append(kept, part)
		}
	}
	if len(kept) < len(area) {
		slices.Reverse(kept)
		after.Address = tables.EncryptedString(strings.Join(append(street, kept...), ", "))
	}
}

// areaOf returns the parts of a user's city, postcode and country.
func areaOf(u *tables.User) []string {
	return slices.Concat(partsOf(string(u.City)), partsOf(string(u.Postcode)), partsOf(string(u.Country)))
}

// splitAddress returns the parts of an address line before those of an area, and
// the parts of the area that end the line.
func splitAddress(line string, area []string) (street, end []string) {
	parts := partsOf(line)
	n := len(parts)
	for n > 0 && hasPart(area, parts[n-1]) {
		n--
	}
	return slices.Clip(parts[:n]), parts[n:]
}

// partsOf returns what commas separate in a text, empty parts left out.
func partsOf(text string) []string {
	var parts []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// hasPart reports whether the part is one of the parts, in whatever case.
func hasPart(parts []string, part string) bool {
	return slices.ContainsFunc(parts, func(p string) bool { return strings.EqualFold(p, part) })
}
