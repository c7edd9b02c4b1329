// Package messaging publishes messages to topics, and sends messages to queues, that
// functions declare:
//
//	var Reached = function.NewTopic[GoalReached]("goal-reached", "A goal was reached.")
//
//	reached := messaging.Open(resources, Reached)
//	err := reached.Publish(ctx, goalID, GoalReached{UserID: userID, GoalID: goalID})
//
// A topic has a queue for each consumer. A declared queue (function.NewQueue) has one
// receiver, and a Sender puts up to ten messages on it in one call.
//
// A message carries the id of the request and of the trace in which it was published.
// A function that consumes it logs both.
//
// # At least once
//
// A message may be published twice, when an answer was lost or a publisher does its
// work again, and each consumer may get it twice. Its id is the publisher's: what
// happened, such as the id of the goal, so that both copies have the same. Consumers
// write under a key that the id determines, and find their own write the second time.
//
// A publisher that writes to a table and then publishes loses the message when it ends
// between the two. Where that matters, publish from the changes of the table
// (function.Changes).
package messaging
