package statementtest

import "strings"

// names are what tells a bank's statements from others'.
var names = strings.NewReplacer(
	"Barclays", "Example", "HSBC UK Bank plc", "Example Bank", "Lloyds", "Example", "NatWest", "Example", "National Westminster", "Example",
	"Santander", "Example", "Nationwide", "Example", "TSB Bank", "Example", "Monzo", "Example", "Starling", "Example", "Revolut", "Example",
	"Chase", "Example", "American Express", "Example",
)

// Anonymous returns the statement as an unknown bank would print it.
func (s Statement) Anonymous() Statement {
	s.Issuer = ""
	pages := make([]Page, len(s.Pages))
	for i, page := range s.Pages {
		runs := make([]Run, len(page.Runs))
		for j, run := range page.Runs {
			run.Text = names.Replace(run.Text)
			runs[j] = run
		}
		page.Runs = runs
		pages[i] = page
	}
	s.Pages = pages
	return s
}
