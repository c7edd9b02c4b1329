package statements

import (
	"regexp"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
)

// dateFormat is how a date is printed: Go's layout of a date in title case, with one space between words.
type dateFormat struct {
	layout string
	// words is how many words the date has.
	words int
	// hasYear is false for a date whose year the statement says elsewhere.
	hasYear bool
}

var (
	dayMonth         = dateFormat{"2 Jan", 2, false}
	monthDay         = dateFormat{"Jan 2", 2, false}
	dayMonthYear     = dateFormat{"2 Jan 2006", 3, true}
	dayMonthYearLong = dateFormat{"2 January 2006", 3, true}
	dayMonthYear2    = dateFormat{"2 Jan 06", 3, true}
	slashed          = dateFormat{"02/01/2006", 1, true}
)

var ordinalSuffix = regexp.MustCompile(`^(\d{1,2})(st|nd|rd|th)$`)

// parse returns the date that words begin with. The year of a date without one is 0.
func (f dateFormat) parse(words []pdftext.Word) (time.Time, bool) {
	if len(words) < f.words {
		return time.Time{}, false
	}
	parts := make([]string, 0, f.words)
	for _, w := range words[:f.words] {
		parts = append(parts, titled(ordinalSuffix.ReplaceAllString(strings.TrimSuffix(w.Text, ","), "$1")))
	}
	date, err := time.Parse(f.layout, strings.Join(parts, " "))
	return date, err == nil
}

// titled returns a month's name in title case.
func titled(word string) string {
	if len(word) < 3 || word[0] >= '0' && word[0] <= '9' {
		return word
	}
	return strings.ToUpper(word[:1]) + strings.ToLower(word[1:])
}

// parseDate returns the date that words begin with, and the format that it has.
func parseDate(formats []dateFormat, words []pdftext.Word) (date time.Time, f dateFormat, ok bool) {
	for _, f := range formats {
		if date, ok := f.parse(words); ok {
			return date, f, true
		}
	}
	return time.Time{}, dateFormat{}, false
}

// period is the time that a statement covers. It is zero if the statement does not say.
type period struct {
	start, end time.Time
}

// Dates of rows may be a few days outside of the period, because banks book purchases later.
const bookingDelay = 10 * 24 * time.Hour

// years returns a date without a year in each year in which the period holds it. A year in which the date is a few
// days outside counts only if the date is inside in none.
func (p period) years(date time.Time) []time.Time {
	if p.end.IsZero() {
		return nil
	}
	var inside, near []time.Time
	for year := p.start.Year() - 1; year <= p.end.Year()+1; year++ {
		d, exists := inYear(date, year)
		switch {
		case !exists || d.Before(p.start.Add(-bookingDelay)) || d.After(p.end.Add(bookingDelay)):
		case d.Before(p.start) || d.After(p.end):
			near = append(near, d)
		default:
			inside = append(inside, d)
		}
	}
	if len(inside) > 0 {
		return inside
	}
	return near
}

// inYear returns a date in a year. exists is false for 29 February of a common year.
func inYear(date time.Time, year int) (d time.Time, exists bool) {
	d = time.Date(year, date.Month(), date.Day(), 0, 0, 0, 0, time.UTC)
	return d, d.Day() == date.Day()
}

// maxBackwards is how far a row's day may lie before that of an earlier row: banks book late, and cards print the
// rows of each holder apart.
const maxBackwards = 31 * 24 * time.Hour

// nextTo returns a date in the year in which a row has it that follows a row of another date. It is the only year in
// which the date lies at most maxBackwards before the other and less than a year behind that.
func nextTo(last, date time.Time, newestFirst bool) (time.Time, bool) {
	earliest := last.Add(-maxBackwards)
	if newestFirst {
		earliest = last.Add(maxBackwards).AddDate(-1, 0, 1)
	}
	for year := earliest.Year(); year <= earliest.Year()+1; year++ {
		if d, exists := inYear(date, year); exists && !d.Before(earliest) && d.Before(earliest.AddDate(1, 0, 0)) {
			return d, true
		}
	}
	return time.Time{}, false
}

// dates of periods: 14 November 2026, 14 Nov 2026, 9th Jan 2026, 14/11/2026, and the first without its year.
const (
	fullDate  = `(\d{1,2}(?:st|nd|rd|th)? [A-Za-z]{3,9} \d{4}|\d{2}/\d{2}/\d{4})`
	shortDate = `(\d{1,2}(?:st|nd|rd|th)? [A-Za-z]{3,9}(?: \d{4})?|\d{2}/\d{2}/\d{4})`
)

var printedPeriod = regexp.MustCompile(`(?i)` + shortDate + `\s*(?:to|-|\x{2013}|until)\s*` + fullDate)

// periodOf returns the first period that the file names.
func periodOf(pages []pdftext.Page) period {
	for _, page := range pages {
		for _, line := range page.Lines {
			found := printedPeriod.FindStringSubmatch(textOf(line.Words))
			if found == nil {
				continue
			}
			end, ok := parseText(found[2])
			if !ok {
				continue
			}
			for _, year := range []string{"", end.Format(" 2006"), end.AddDate(-1, 0, 0).Format(" 2006")} {
				if start, ok := parseText(found[1] + year); ok && !start.After(end) {
					return period{start, end}
				}
			}
		}
	}
	return period{}
}

// parseText returns the date that a text is.
func parseText(text string) (time.Time, bool) {
	var words []pdftext.Word
	for _, part := range strings.Fields(text) {
		words = append(words, pdftext.Word{Text: part})
	}
	date, f, ok := parseDate([]dateFormat{slashed, dayMonthYear, dayMonthYearLong}, words)
	return date, ok && f.words == len(words)
}
