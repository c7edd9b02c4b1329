// Package progress decides what experience points (XP) a user has.
//
// The app computes them itself and sends all of its state after each reward, last
// write wins. Taken at its word, it would let anybody have any number, and of two
// devices that are not at the same state the later one would undo the other. So
// of what it sends, only one thing is a claim: when each action was last rewarded.
// What that is worth is a rule of this package, and the numbers are the server's:
// they only rise, and in whichever order devices send their claims, each reward is
// counted once. Lost is only what the app itself forgets: of one action's rewards
// off line, it tells the last.
//
// # Rules
//
// An action is rewarded when the time claimed for it is away from each time that was
// rewarded, earlier or later, by its cool-down at least. The actions, their points
// and cool-downs are those of the installed app (version 1.8):
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
// An action without a rule earns nothing and is not kept: a version of the app that
// rewards another needs a line here.
//
// Nobody can check whether a claimed action was done; an honest user is not to
// lose points, and a liar is to gain little:
//
//   - A time may be 7 days old at most, which is a phone that was off for a week;
//     a time ahead of the clock counts as now if it is ahead by 5 minutes or less,
//     and for nothing otherwise. So nobody can live through years of cool-downs
//     in an afternoon.
//   - Daily actions together earn 100 XP a day at most, which is a level, or 20
//     entries by hand: more than people make, as imports are not rewarded.
//   - The app sets weekly actions no cool-down; 6 days let a user be rewarded each
//     week though not at the same hour. Milestones are reached once.
//
// The app sends its state again after the user has erased their data. What was done
// before the erasure earns nothing then.
//
// The most that lies earn are thus 100 XP a day and 45 every 6 days, and once 970.
// A level is 100 XP, and the first is level 1.
//
// # Counters
//
// As in the app, each action is counted in one of the three counters, by its kind;
// they are not sums over a day, a week and a month. They are of LastResetDate,
// which is the day of the user and not of the server: the app resets what it reads
// by its own calendar, so a read changes nothing. A claim moves the day forward,
// never back, to what the app says if that is a day somewhere on Earth, and
// otherwise to the day in UTC. Weeks begin on Sunday, as the app's do.
package progress
