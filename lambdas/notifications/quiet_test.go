package notifications

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestQuietUntil_ChangesOfTheClocks_EndAtTheTimeOfTheClock(t *testing.T) {
	night := tables.AlertPreferences{QuietFrom: "22:00", QuietTo: "08:00"}
	early := tables.AlertPreferences{QuietFrom: "22:00", QuietTo: "01:30"}
	for name, tc := range map[string]struct {
		preferences tables.AlertPreferences
		at, want    string
	}{
		"by day":                               {night, "2026-01-10T12:00:00Z", "2026-01-10T12:00:00Z"},
		"in the evening":                       {night, "2026-01-10T22:00:00Z", "2026-01-11T08:00:00Z"},
		"a minute before":                      {night, "2026-01-10T21:59:00Z", "2026-01-10T21:59:00Z"},
		"after midnight":                       {night, "2026-01-11T03:00:00Z", "2026-01-11T08:00:00Z"},
		"at the end":                           {night, "2026-01-11T08:00:00Z", "2026-01-11T08:00:00Z"},
		"in summer":                            {night, "2026-07-10T21:00:00Z", "2026-07-11T07:00:00Z"},
		"in summer, a minute before":           {night, "2026-07-10T20:59:00Z", "2026-07-10T20:59:00Z"},
		"clocks go forward in the night":       {night, "2026-03-28T23:00:00Z", "2026-03-29T07:00:00Z"},
		"clocks have gone forward":             {night, "2026-03-29T02:00:00Z", "2026-03-29T07:00:00Z"},
		"clocks go back in the night":          {night, "2026-10-24T21:30:00Z", "2026-10-25T08:00:00Z"},
		"clocks have gone back":                {night, "2026-10-25T07:30:00Z", "2026-10-25T08:00:00Z"},
		"an end in the missing hour":           {early, "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
		"an end in the hour that comes twice":  {early, "2026-10-24T23:00:00Z", "2026-10-25T01:30:00Z"},
		"by day, from nine to five":            {tables.AlertPreferences{QuietFrom: "09:00", QuietTo: "17:00"}, "2026-01-10T12:00:00Z", "2026-01-10T17:00:00Z"},
		"by day, after five":                   {tables.AlertPreferences{QuietFrom: "09:00", QuietTo: "17:00"}, "2026-01-10T20:00:00Z", "2026-01-10T20:00:00Z"},
		"no quiet hours":                       {tables.AlertPreferences{}, "2026-01-10T23:00:00Z", "2026-01-10T23:00:00Z"},
		"quiet hours that begin when they end": {tables.AlertPreferences{QuietFrom: "09:00", QuietTo: "09:00"}, "2026-01-10T09:00:00Z", "2026-01-10T09:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, tc.at)
		must(t, err)
		if got := quietUntil(at, tc.preferences).UTC().Format(time.RFC3339); got != tc.want {
			t.Errorf("%s: got %s, want %s", name, got, tc.want)
		}
	}
}
