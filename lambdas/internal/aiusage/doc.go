// Package aiusage counts what users and the stage use of the model, and refuses what is
// over a limit.
//
//	call, err := ledger.Reserve(ctx, aiusage.User{ID: caller.UserID, Plan: plan}, aiusage.Chat, most)
//	if err != nil {
//		return aiusage.AsAPIError(err)
//	}
//	defer call.GiveBack(ctx)   // unless it is settled
//	… ask the model …
//	err = call.Settle(ctx, used)
//
// # Limits
//
// A user has a number of calls of each kind in a day and in an hour, and an amount of
// money in a month, by plan (Limits, MonthlyMoney). Days and months are in UTC: the app
// tells its users that the chat "resets at midnight UTC". The stage has an amount of
// money in a month, and a tenth of it in a day, so that no day takes all of a month.
//
// A call is reserved before the model is asked, with the most that it may cost. It is
// settled with what it did cost. A call that fails, or that the model refuses, is given
// back: it counts for nothing of the user's. What a refused call cost stays in the
// stage's account (Refused), because the stage pays it. OpenAI may bill a request that
// timed out: its price is not known, so the stage's account keeps what was held for it
// (AddUnmetered).
//
// # Storage
//
// A user has one item for each month (tables.AIUsage), which is changed under its
// version: parallel calls never exceed a limit. Calls under way are held in it. A call
// whose environment died is dropped when its hold is older than a call can take. The
// stage's items are counters, changed in transactions, which DynamoDB recognises when
// the SDK sends them twice.
package aiusage
