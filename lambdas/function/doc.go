// Package function is the one declaration of a Lambda function.
//
// A declaration is a Go value that says what a function is called, which routes
// it answers with which use case, which other events it answers, and what it may do.
// The events are schedules, triggers of the user pool, rotations of secrets, messages
// of topics and queues, changes of tables, uploads to buckets, and commands of
// operators. The stacks turn a declaration into a role, a policy, a log group, a
// function, an alias, routes, rules, queues and triggers. The runtime
// (lambdas/internal/lambdaruntime) turns the same value into dispatch, decoding and
// validation. What a declaration does not say cannot happen: there is no other
// place that gives a function a permission or a route.
//
//	var Login = function.Define(function.Spec[*signIn]{
//		Name:    "auth-login",
//		Purpose: "Signs a user in with a password.",
//		New:     newSignIn,
//		Routes: []function.RouteOf[*signIn]{
//			function.Public("POST /auth/login", (*signIn).Login),
//		},
//		Permissions: function.Permissions{
//			Tables: []tables.Grant{tables.Users.Allow(tables.UpdateItem)},
//		},
//	})
//
// A use case is an ordinary method: it takes a context, the caller when the
// route is signed-in, and a typed request, and returns a typed response or an
// error. The compiler holds the two together: a public use case cannot ask for
// a caller, and a signed-in one cannot do without.
package function
