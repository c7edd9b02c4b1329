// Package phrasing has a model put facts into words, and returns only words that are true.
//
//	writer, err := phrasing.Open(resources) // the function has phrasing.Permissions
//	text, err := writer.Write(ctx, phrasing.Request{
//		User: aiusage.User{ID: userID, Plan: plan}, Kind: aiusage.Brief,
//		Task: "Write a greeting and one sentence about the month so far.", Facts: known,
//	})
//
// Facts go in, checked text or nothing comes out: text is empty when the model refused,
// or when nothing that it wrote could be kept (package answercheck). An error means that
// the model was not asked or did not answer: a *aiusage.LimitError, or a 503. Callers
// that can do without the model, such as briefs, take their own text in both cases;
// facts.Facts.Summary is one.
//
// What leaves is a fixed text, the facts, and the question of the user without personal
// data (package scrub), as JSON: docs/privacy.md lists it. Calls are counted by package
// aiusage; a call that fails or is refused is not the user's.
package phrasing
