// Package phrasing has a model put facts into words, and returns only words that are true.
//
//	model, err := phrasing.OpenModel(resources) // the function has phrasing.Permissions
//	text, err := phrasing.New(model).Write(ctx, phrasing.Request{
//		User: aiusage.User{ID: userID, Plan: plan}, Kind: aiusage.CreditInsight,
//		Task: "Comment in one sentence on the user's credit.", Facts: known,
//	})
//
// Facts go in, checked text or nothing comes out: text is empty when the model refused,
// or when nothing that it wrote could be kept (package answercheck). An error means that
// the model was not asked or did not answer: a *aiusage.LimitError, or a 503.
//
// What leaves is a fixed text, the facts, and the question of the user without personal
// data (package scrub), as JSON: docs/privacy.md lists it. Calls are counted by package
// aiusage; a call that fails or is refused is not the user's.
package phrasing
