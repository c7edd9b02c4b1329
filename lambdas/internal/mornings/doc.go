// Package mornings asks for work about each user once a day, in the morning of the user's
// time zone:
//
//	// Schedule requests the daily briefs.
//	var Schedule = mornings.Define(mornings.Visits{Name: "briefs-schedule", …, Queue: Requests})
//
// The function that Define returns lists the users of a zone, page by page, and sends a
// Request for each to a queue. It notes its position after each page, so that the next run
// goes on there. What a run requests that ends before it noted its position is requested
// again: the receiver must bear a Request that comes again.
package mornings
