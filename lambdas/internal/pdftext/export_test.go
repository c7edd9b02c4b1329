package pdftext

import "time"

// SetMaxTime changes how long a file may take. It returns what undoes it.
func SetMaxTime(d time.Duration) func() {
	before := maxTime
	maxTime = d
	return func() { maxTime = before }
}
