package securityevents

// Action is what the backend does about an event. It is stored, so actions can be added
// and never renamed. Every event is counted as well, and alarms watch the counts.
type Action string

// The actions.
const (
	ActionNone Action = "none"
	// ActionRefused refuses the request.
	ActionRefused Action = "refused"
	// ActionLocked refuses the request and those that follow, for a while.
	ActionLocked Action = "locked"
	// ActionSessionEnded ends one session of the user or all of them.
	ActionSessionEnded Action = "session-ended"
	// ActionEmailSent tells the user by e-mail.
	ActionEmailSent Action = "email-sent"
)

// Signals are what is known about a sign-in beside its kind. None is known of a user's
// first sign-in.
type Signals struct {
	// NewNetwork is set when the user signed in from the network with this platform
	// neither before nor within 90 days.
	NewNetwork bool
	// NewCountry is the same for the country.
	NewCountry bool
	// ElsewhereWithinHour is set when the user signed in from another country less than
	// an hour before.
	ElsewhereWithinHour bool
	// GuessesFailed is set when guesses at the password failed since the last success.
	GuessesFailed bool
}

// maxRisk is the highest score.
const maxRisk = 100

// suspiciousRisk is the score from which an event is also recorded as SuspiciousActivity.
// No signal alone reaches it: travellers have a new country and a new network (50).
const suspiciousRisk = 70

// rules say of each kind how likely it is an attack, out of 100, and what the backend does
// about it unless the event says otherwise. The order of magnitude matters: a refusal
// weighs less than what succeeds in an attacker's hands.
var rules = map[Kind]struct {
	risk   int
	action Action
}{
	SignedIn:           {0, ActionNone},          // ordinary; the signals decide
	SignInFailed:       {10, ActionRefused},      // owners mistype
	SignInLocked:       {40, ActionLocked},       // five wrong passwords are rarely the owner's
	CodeWrong:          {15, ActionRefused},      // codes are copied, seldom mistyped
	CodeLocked:         {40, ActionLocked},       // as for passwords
	Registered:         {0, ActionNone},          // nothing is there to steal yet
	PasswordReset:      {30, ActionSessionEnded}, // whose mailbox it is decides
	PasswordChanged:    {10, ActionNone},         // of a signed-in user
	PINSet:             {5, ActionEmailSent},     // of a signed-in user
	PINWrong:           {10, ActionRefused},      // asked at every unlock
	PINLocked:          {40, ActionLocked},       // a signed-in client that does not know the PIN
	PINRemoved:         {10, ActionEmailSent},    // weakens the account
	AppLockOn:          {0, ActionNone},          // strengthens the account
	AppLockOff:         {10, ActionNone},         // weakens the account
	DataErased:         {10, ActionNone},         // cannot be undone
	DeviceRegistered:   {0, ActionNone},          // follows a sign-in
	DeviceRevoked:      {0, ActionSessionEnded},  // strengthens the account
	DeviceTrusted:      {5, ActionNone},          // outlasts other devices
	EndedSessionUsed:   {70, ActionRefused},      // the refresh token of a lost device, or a stolen one
	SuspiciousActivity: {suspiciousRisk, ActionNone},
	AccountLinked:      {20, ActionEmailSent},    // opens another way in
	AccountRecovered:   {30, ActionSessionEnded}, // the account changes hands
	IdentityUnlinked:   {0, ActionSessionEnded},  // an operator's
	AccountDeleted:     {10, ActionSessionEnded}, // cannot be undone
	AccountExpired:     {0, ActionNone},          // a schedule's
	AccountDisclosed:   {5, ActionNone},          // in bulk a list of accounts
}

// signalRisks are what each signal adds.
var signalRisks = []struct {
	is   func(Signals) bool
	risk int
}{
	{func(s Signals) bool { return s.NewNetwork }, 20},          // carriers change networks every few weeks
	{func(s Signals) bool { return s.NewCountry }, 30},          // most users travel a few times a year
	{func(s Signals) bool { return s.ElsewhereWithinHour }, 40}, // no traveller is so fast, but a VPN is
	{func(s Signals) bool { return s.GuessesFailed }, 20},       // owners forget passwords too
}

// risk returns the score of the event, from 0 to 100. It depends on the event alone.
func (e Event) risk() int {
	if e.score != 0 {
		return e.score
	}
	score := rules[e.Kind].risk
	for _, signal := range signalRisks {
		if signal.is(e.Signals) {
			score += signal.risk
		}
	}
	return min(score, maxRisk)
}

// action returns what the backend does about the event.
func (e Event) action() Action {
	if e.Action != "" {
		return e.Action
	}
	return rules[e.Kind].action
}

// suspicion returns the event that is recorded beside one with a high score, and false
// for any other event.
func (e Event) suspicion() (Event, bool) {
	if e.Kind == SuspiciousActivity || e.risk() < suspiciousRisk {
		return Event{}, false
	}
	e.Action, e.score, e.Kind = e.action(), e.risk(), SuspiciousActivity
	return e, true
}
