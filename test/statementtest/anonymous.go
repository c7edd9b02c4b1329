package statementtest

import "strings"

// Anonymous returns the statement as an unknown bank would print it.
func (s Statement) Anonymous() Statement {
	s.Issuer = ""
	var pairs []string
	for _, name := range banks[s.Bank].names {
		pairs = append(pairs, name, "Example")
	}
	names := strings.NewReplacer(pairs...)
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
