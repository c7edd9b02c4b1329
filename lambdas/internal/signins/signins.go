package signins

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	// originLife is how long an origin is known after the last sign-in from it. It is
	// as long as a session lasts; afterwards the user signs in again.
	originLife = function.MaxRefreshTokenLife
	// networkLife is how long a network and a country are known.
	networkLife = 90 * 24 * time.Hour
	// latestLife is how long the country of the latest sign-in is known. No traveller
	// reaches another country in less, except across a border.
	latestLife = time.Hour
	// maxAlerts is the maximum number of e-mails in a day.
	maxAlerts = 3
	alertsPer = 24 * time.Hour
	// forgottenPage is how many origins are removed at a time.
	forgottenPage = 500
	// recordTries is how often recording a sign-in is tried when other sign-ins of
	// the user are recorded in parallel.
	recordTries = 4
)

// Prefixes of the items' ids. The id of a session is also a device's id in the app,
// so it has only letters, digits and hyphens.
const (
	sessionPrefix = "session-"
	originPrefix  = "origin#"
	networkPrefix = "network#"
	countryPrefix = "country#"
	latestID      = "latest" // the country of the last hour
	alertsID      = "alerts"
)

// SignIns reads and writes the SignIns table. It is safe for concurrent use.
type SignIns struct {
	items *store.Table[tables.SignIn]
	names networks
	now   func() time.Time
}

type networks interface {
	SourceIP(ctx context.Context, ip string) (pseudonym.Pseudonym, error)
	Network(ctx context.Context, ip string) (pseudonym.Pseudonym, error)
}

// The permissions on the table by method: IsKnownOrigin, Record, and Sessions.
var (
	KnowsGrant    = tables.SignIns.Allow(tables.GetItem)
	RecordGrant   = tables.SignIns.Allow(tables.BatchGetItem, tables.PutItem)
	SessionsGrant = tables.SignIns.Allow(tables.Query)
	// RemoveGrant is for Find and Remove, ForgetGrant for ForgetOrigins.
	RemoveGrant = tables.SignIns.Allow(tables.GetItem, tables.DeleteItem)
	ForgetGrant = tables.SignIns.Allow(tables.Query, tables.BatchWriteItem)
)

// Open returns the sign-ins for a function that declares the permissions of the
// methods that it calls. Record also needs GenerateMac with the lookup key.
func Open(resources *function.Resources, names networks) *SignIns {
	return New(store.Open[tables.SignIn](resources, tables.SignIns), names, time.Now)
}

// New returns the sign-ins in this table.
func New(items *store.Table[tables.SignIn], names networks, now func() time.Time) *SignIns {
	return &SignIns{items: items, names: names, now: now}
}

// IsKnownOrigin reports whether the user signed in from the origin lately. It reads
// one item, even when userID is not the id of a user. It returns the errors of
// DynamoDB.
func (s *SignIns) IsKnownOrigin(ctx context.Context, userID string, origin pseudonym.Pseudonym) (bool, error) {
	item, err := s.items.Get(ctx, store.Key{userID, originPrefix + string(origin)}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil && s.isCurrent(*item), err
}

func (s *SignIns) isCurrent(item tables.SignIn) bool {
	return item.ID != "" && (item.ExpiresAt == 0 || s.now().Unix() < item.ExpiresAt)
}

// Recorded is what is known of a sign-in after Record. The zero value knows nothing.
type Recorded struct {
	// Alert says to send the owner an e-mail.
	Alert bool
	// NewNetwork, NewCountry and ElsewhereWithinHour are signals of package
	// securityevents. All are false for the first sign-in of an account.
	NewNetwork, NewCountry, ElsewhereWithinHour bool
}

// Record records the sign-in of this session, from the origin of the request. It returns
// pseudonym.ErrNotIP and the errors of KMS and DynamoDB.
func (s *SignIns) Record(ctx context.Context, session guard.Session) (Recorded, error) {
	entry, err := s.entry(ctx, session.UserID)
	if err != nil {
		return Recorded{}, err
	}
	for range recordTries {
		var recorded Recorded
		if recorded, err = s.record(ctx, entry, session); err == nil {
			return recorded, nil
		}
		if !errors.Is(err, store.ErrConditionFailed) {
			break
		}
	}
	return Recorded{}, err
}

// entry has the pseudonyms, the platform and the country of a sign-in.
type entry struct {
	userID, platform, origin, network string
	country                           string // empty when it is not known
}

func (s *SignIns) entry(ctx context.Context, userID string) (entry, error) {
	request := function.RequestOf(ctx)
	origin, err := s.names.SourceIP(ctx, request.SourceIP)
	if err != nil {
		return entry{}, err
	}
	network, err := s.names.Network(ctx, request.SourceIP)
	platform := securityevents.PlatformOf(request.UserAgent)
	return entry{
		userID: userID, platform: platform, origin: originPrefix + string(origin),
		network: fmt.Sprintf("%s%s#%s", networkPrefix, network, platform), country: request.Country,
	}, err
}

// record writes all items of a sign-in. It writes nothing when another sign-in has
// counted an alert in between.
func (s *SignIns) record(ctx context.Context, e entry, session guard.Session) (Recorded, error) {
	known, err := s.find(ctx, e)
	if err != nil {
		return Recorded{}, err
	}
	now, alerts := s.now(), known[alertsID]
	first := alerts.ID == ""
	recorded := s.compare(e, known, first)
	writes := []store.Write{
		s.items.TxPut(tables.SignIn{
			UserID: e.userID, ID: sessionID(session), At: session.Began.UnixMilli(), SessionID: session.ID, Platform: e.platform,
			ExpiresAt: now.Add(function.MaxRefreshTokenLife).Unix(),
		}),
		s.items.TxPut(tables.SignIn{UserID: e.userID, ID: e.origin, At: now.UnixMilli(), ExpiresAt: now.Add(originLife).Unix()}),
		s.items.TxPut(tables.SignIn{UserID: e.userID, ID: e.network, At: now.UnixMilli(), ExpiresAt: now.Add(networkLife).Unix()}),
	}
	if e.country != "" {
		writes = append(writes,
			s.items.TxPut(tables.SignIn{UserID: e.userID, ID: countryPrefix + e.country, At: now.UnixMilli(), ExpiresAt: now.Add(networkLife).Unix()}),
			s.items.TxPut(tables.SignIn{UserID: e.userID, ID: latestID, At: now.UnixMilli(), Country: e.country, ExpiresAt: now.Add(latestLife).Unix()}))
	}
	if s.isCurrent(known[e.network]) {
		return recorded, s.items.Transact(ctx, writes...)
	}
	counted, mayAlert := countAlert(alerts, now)
	if recorded.Alert = mayAlert && !first; recorded.Alert || first {
		counted.UserID, counted.ID = e.userID, alertsID
		writes = append(writes, s.items.TxPut(counted, unchanged(alerts)))
	}
	return recorded, s.items.Transact(ctx, writes...)
}

// compare returns what the sign-in has that earlier ones had not. A country that is not
// known is not new.
func (s *SignIns) compare(e entry, known map[string]tables.SignIn, first bool) Recorded {
	if first {
		return Recorded{}
	}
	latest := known[latestID]
	return Recorded{
		NewNetwork:          !s.isCurrent(known[e.network]),
		NewCountry:          e.country != "" && !s.isCurrent(known[countryPrefix+e.country]),
		ElsewhereWithinHour: e.country != "" && s.isCurrent(latest) && latest.Country != e.country,
	}
}

// countAlert returns the count with one more alert, and false when the day's alerts
// are used up. The first sign-in has no earlier count, and causes no alert.
func countAlert(before tables.SignIn, now time.Time) (tables.SignIn, bool) {
	if before.ID == "" || now.Sub(time.UnixMilli(before.At)) >= alertsPer {
		alerts := 1
		if before.ID == "" {
			alerts = 0
		}
		return tables.SignIn{At: now.UnixMilli(), Alerts: alerts}, true
	}
	return tables.SignIn{At: before.At, Alerts: before.Alerts + 1}, before.Alerts < maxAlerts
}

// find returns the items of the entry's network and country, of the latest country and of
// the alerts, by id.
func (s *SignIns) find(ctx context.Context, e entry) (map[string]tables.SignIn, error) {
	keys := []store.Key{{e.userID, e.network}, {e.userID, alertsID}}
	if e.country != "" {
		keys = append(keys, store.Key{e.userID, countryPrefix + e.country}, store.Key{e.userID, latestID})
	}
	items, err := s.items.GetAll(ctx, keys, store.Consistent)
	known := map[string]tables.SignIn{}
	for _, item := range items {
		known[item.ID] = item
	}
	return known, err
}

// unchanged is the condition that the count of alerts is as it was read, or still
// missing.
func unchanged(item tables.SignIn) expression.ConditionBuilder {
	if item.ID == "" {
		return expression.Name("id").AttributeNotExists()
	}
	same := expression.Name("at").Equal(expression.Value(item.At))
	if item.Alerts == 0 {
		return same.And(expression.Name("alerts").AttributeNotExists())
	}
	return same.And(expression.Name("alerts").Equal(expression.Value(item.Alerts)))
}

// sessionID returns an id that sorts sessions by time.
func sessionID(session guard.Session) string {
	return fmt.Sprintf("%s%013d-%s", sessionPrefix, session.Began.UnixMilli(), session.ID)
}

// Sessions returns the user's sessions, the latest first, at most limit. It includes
// sessions that have ended; package guard tells which.
func (s *SignIns) Sessions(ctx context.Context, userID string, limit int) ([]tables.SignIn, error) {
	page, err := s.items.Query(ctx, store.Query{
		Partition: userID, Sort: expression.Key("id").BeginsWith(sessionPrefix), Limit: limit, Descending: true, Consistency: store.Consistent,
	})
	return page.Items, err
}

// Find returns a session of the user by the id of its item, and false when there is
// none. It returns the errors of DynamoDB.
func (s *SignIns) Find(ctx context.Context, userID, id string) (tables.SignIn, bool, error) {
	item, err := s.items.Get(ctx, store.Key{userID, id}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return tables.SignIn{}, false, nil
	}
	if err != nil {
		return tables.SignIn{}, false, err
	}
	return *item, item.SessionID != "", nil
}

// Remove deletes a session of the user. It returns the errors of DynamoDB.
func (s *SignIns) Remove(ctx context.Context, session tables.SignIn) error {
	return s.items.Delete(ctx, store.Key{session.UserID, session.ID})
}

// ForgetOrigins removes the user's known origins, networks and countries, because an
// attacker may have signed in from some of them. The next sign-in from any origin sends an
// e-mail.
// ForgetOrigins returns the errors of DynamoDB.
func (s *SignIns) ForgetOrigins(ctx context.Context, userID string) error {
	for _, prefix := range []string{originPrefix, networkPrefix, countryPrefix} {
		if _, err := s.items.DeleteAll(ctx, store.Query{
			Partition: userID, Sort: expression.Key("id").BeginsWith(prefix), Limit: forgottenPage, Consistency: store.Consistent,
		}); err != nil {
			return err
		}
	}
	return nil
}

// DeviceName returns the backend's name for a device with this platform: ios, android
// or other.
func DeviceName(platform string) string {
	switch platform {
	case "ios":
		return "iPhone or iPad"
	case "android":
		return "Android device"
	}
	return "Unknown device"
}
