package emailtemplates

import (
	"strings"
	"time"
	"unicode"
)

// maxDeviceNameLength keeps a name from becoming a letter of its own.
const maxDeviceNameLength = 40

// deviceName is what may be shown of a device's name. Without a dot, a slash, a
// colon or an @ there is nothing that a mail program takes for a link.
func deviceName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Letter, unicode.Mark, unicode.Nd) || strings.ContainsRune("'’()-_+&,", r) {
			return r
		}
		return ' '
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > maxDeviceNameLength {
		name = strings.TrimSpace(string(runes[:maxDeviceNameLength])) + "..."
	}
	if name == "" {
		return "unknown"
	}
	return name
}

// ukTime is a time as clocks in the United Kingdom show it, to the minute. Summer
// time is by the rule of the law, which saves each binary the 450 kB of a
// time-zone database.
// https://www.legislation.gov.uk/uksi/2002/262/article/2/made
func ukTime(t time.Time) string {
	t = t.UTC()
	zone := "GMT"
	if !t.Before(lastSunday(t.Year(), time.March)) && t.Before(lastSunday(t.Year(), time.October)) {
		t, zone = t.Add(time.Hour), "BST"
	}
	return t.Format("2 January 2006 at 15:04 ") + zone
}

// lastSunday is one in the morning, Greenwich time, on the last Sunday of a month
// of 31 days.
func lastSunday(year int, month time.Month) time.Time {
	last := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC)
	return last.AddDate(0, 0, -int(last.Weekday()))
}
