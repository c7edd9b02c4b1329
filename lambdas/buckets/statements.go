package buckets

import "time"

// Statements holds bank statements that users upload to have their transactions
// imported. A statement is deleted once it is read, without a version that stays; one that
// is never read ends at the midnight after a day.
var Statements = &Bucket{
	Name:        "statements",
	Purpose:     "Bank statements as PDF, from their upload until they are read.",
	ContentType: "application/pdf",
	MaxBytes:    8 << 20, // the app refuses larger files
	URLAge:      15 * time.Minute,
	ExpireDays:  1,
}

// All returns every bucket of the backend, in the order in which they are built.
func All() []*Bucket { return []*Bucket{Statements} }
