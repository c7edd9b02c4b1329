// Package progress computes the experience points (XP) of a user.
//
// The app computes XP itself, and sends its whole state after each reward. The last write
// wins. If the server accepted that state, a client could claim any number, and of two
// devices with different states the later one would undo the other. So the server takes one
// thing from the state as a claim: the time of each action's last reward. The rules of this
// package decide the points, and the server keeps the numbers. They only rise. Each reward
// counts once, in whatever order devices send their claims. Only rewards that the app itself
// forgets are lost: of one action's rewards off line, it sends the last.
//
// # Rules
//
// An action is rewarded when its claimed time differs from each rewarded time, earlier or
// later, by at least its cool-down. The actions, their points and cool-downs are those of
// the installed app (version 1.8):
//
//	action                          XP    again after    counted in
//	add-expense, add-income          5    5 minutes      dailyXP, 100 a day at most
//	check-progress                   3    1 hour         dailyXP, as above
//	week-streak                     25    6 days         weeklyXP
//	budget-review                   20    6 days         weeklyXP
//	transaction-10                  20    never          monthlyXP
//	transaction-25                  50    never          monthlyXP
//	transaction-100                100    never          monthlyXP
//	transaction-250                200    never          monthlyXP
//	transaction-500                300    never          monthlyXP
//	master-saver                   300    never          monthlyXP
//
// An action without a rule earns nothing and is not stored. A version of the app with
// another action needs a line here.
//
// The server cannot check whether a claimed action was done. An honest user must not lose
// points, and false claims must earn little:
//
//   - A time may be 7 days old at most, which covers a phone that was off for a week. A time
//     up to 5 minutes ahead of the clock counts as now, and a later time is refused. A
//     client can therefore not claim years of cool-downs in an afternoon.
//   - Daily actions together earn 100 XP a day at most, which is a level, or 20 entries by
//     hand. People make fewer, because imports are not rewarded.
//   - The app has no cool-down for weekly actions. With 6 days, a user is rewarded each week
//     at any hour. Milestones are rewarded once.
//
// The app sends its state again after the user has erased their data. Actions from before
// the erasure then earn nothing.
//
// False claims therefore earn at most 100 XP a day, 45 XP every 6 days, and 970 XP once. A
// level is 100 XP, and the first level is 1.
//
// # Counters
//
// As in the app, each action counts in one of three counters, by its kind. The counters are
// not sums over a day, a week and a month. They belong to LastResetDate, a day in the user's
// calendar: the app resets what it reads by that calendar, so a read changes nothing. A
// claim moves the day forward, never back. It uses the app's day if that is the current day
// somewhere on Earth, and otherwise the day in UTC. Weeks begin on Sunday, as in the app.
package progress
