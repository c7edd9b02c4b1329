package config

import "time"

// Names of the table that holds the state of releases. No function reads it, so it is not among the tables of
// package tables.
const (
	// ReleasesTable is the table's logical name.
	ReleasesTable = "Releases"
	// ReleasesKey is its partition key.
	ReleasesKey = "id"
)

// Release says how new versions of the functions go live. The zero value makes them live at once.
type Release struct {
	// Weight is the share of invocations that new versions get while they are watched, more than 0 and at most
	// a half.
	Weight float64
	// Watch is how long new versions are watched, from 15 minutes to 2 hours. The alarms on shares need two
	// periods of five minutes, and CloudWatch up to three minutes more.
	Watch time.Duration
}

func (v *validation) release(r Release) {
	if r == (Release{}) {
		return
	}
	v.check(r.Weight > 0 && r.Weight <= 0.5, "Release.Weight", "%v: use more than 0 and at most 0.5, or leave Release out", r.Weight)
	v.check(r.Watch >= 15*time.Minute && r.Watch <= 2*time.Hour, "Release.Watch", "%s: use 15m to 2h, so that alarms can go off", r.Watch)
}
