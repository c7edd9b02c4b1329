package statementtest

import (
	"fmt"
	"strings"
	"time"
)

// expand replaces {name} by the value of a name.
func expand(format string, values map[string]string) string {
	for name, value := range values {
		format = strings.ReplaceAll(format, "{"+name+"}", value)
	}
	return format
}

// pounds returns an amount without its sign, such as 1,234.56.
func pounds(pence int64) string {
	if pence < 0 {
		pence = -pence
	}
	text := fmt.Sprintf("%d.%02d", pence/100, pence%100)
	for i := len(text) - 6; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// signed returns an amount with a minus sign for money out.
func signed(pence int64) string {
	if pence < 0 {
		return "-" + pounds(pence)
	}
	return pounds(pence)
}

// ordinal returns a day such as 9th Jan.
func ordinal(date time.Time) string {
	suffix := "th"
	if day := date.Day(); day < 10 || day > 20 {
		switch day % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s %s", date.Day(), suffix, date.Format("Jan"))
}

// dayFormat prints a date of a row.
func dayFormat(layout string) func(time.Time) string {
	return func(date time.Time) string { return date.Format(layout) }
}

func upper(format func(time.Time) string) func(time.Time) string {
	return func(date time.Time) string { return strings.ToUpper(format(date)) }
}

// between prints a period.
func between(startLayout, joint, endLayout string) func(start, end time.Time) string {
	return func(start, end time.Time) string { return start.Format(startLayout) + joint + end.Format(endLayout) }
}
