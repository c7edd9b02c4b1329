package expo

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"sync"

	"github.com/expenzez/infrastructure/test/fakes"
)

// The limits of a request.
const (
	maxMessages = 100
	maxReceipts = 1000
)

// Message is a message that Expo took.
type Message struct {
	To        string         `json:"to"`
	Title     string         `json:"title"`
	Body      string         `json:"body"`
	Data      map[string]any `json:"data"`
	Sound     string         `json:"sound"`
	ChannelID string         `json:"channelId"`
	Priority  string         `json:"priority"`
	TTL       int            `json:"ttl"`
}

// Fake is Expo. Its zero value is not usable; see New.
type Fake struct {
	fakes.Faults

	mu          sync.Mutex
	accessToken string
	dead, gone  []string
	taken       []Message
	receipts    map[string]string // the failure by ticket, empty for none
	notReady    bool
}

// New returns an Expo that accepts the access token.
func New(accessToken string) *Fake {
	f := &Fake{accessToken: accessToken, receipts: map[string]string{}}
	f.ErrorBody = func(status int) string {
		if status == http.StatusTooManyRequests {
			return `{"errors":[{"code":"TOO_MANY_REQUESTS","message":"Too many requests.","isTransient":true}]}`
		}
		return `{"errors":[{"code":"INTERNAL_SERVER_ERROR","message":"An unknown error occurred.","isTransient":true}]}`
	}
	return f
}

// Kill makes push tokens dead: the ticket of each message to them says so.
func (f *Fake) Kill(tokens ...string) { f.locked(func() { f.dead = append(f.dead, tokens...) }) }

// Uninstall makes push tokens dead for Apple and Google: Expo takes a message to them, and
// its receipt says that they are dead.
func (f *Fake) Uninstall(tokens ...string) {
	f.locked(func() { f.gone = append(f.gone, tokens...) })
}

// Delay holds back all receipts, or returns them again.
func (f *Fake) Delay(receipts bool) { f.locked(func() { f.notReady = receipts }) }

// Taken returns the messages that Expo took, in order.
func (f *Fake) Taken() (all []Message) {
	f.locked(func() { all = slices.Clone(f.taken) })
	return all
}

func (f *Fake) locked(work func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	work()
}

// Handler returns Expo's endpoints.
func (f *Fake) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /--/api/v2/push/send", f.authorized(f.send))
	mux.HandleFunc("POST /--/api/v2/push/getReceipts", f.authorized(f.getReceipts))
	return f.Wrap(mux)
}

func (f *Fake) authorized(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer "+f.accessToken {
			refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "The bearer token is invalid.")
			return
		}
		next(w, r)
	}
}

var pushToken = regexp.MustCompile(`^Expo(nent)?PushToken\[[^\]]+\]$`)

// send takes messages and answers a ticket for each. One message to a text that is no push
// token refuses all.
func (f *Fake) send(w http.ResponseWriter, r *http.Request) {
	var messages []Message
	if err := json.NewDecoder(r.Body).Decode(&messages); err != nil {
		refuse(w, http.StatusBadRequest, "VALIDATION_ERROR", "The request is no list of messages.")
		return
	}
	if len(messages) > maxMessages {
		refuse(w, http.StatusBadRequest, "PUSH_TOO_MANY_NOTIFICATIONS", "There are more than 100 notifications.")
		return
	}
	if slices.ContainsFunc(messages, func(m Message) bool { return !pushToken.MatchString(m.To) }) {
		refuse(w, http.StatusBadRequest, "VALIDATION_ERROR", `"to" must be a push token.`)
		return
	}
	tickets := []any{}
	for _, message := range messages {
		if slices.Contains(f.dead, message.To) {
			tickets = append(tickets, failure("DeviceNotRegistered", `"`+message.To+`" is not a registered push notification recipient`))
			continue
		}
		id, became := rand.Text(), ""
		if slices.Contains(f.gone, message.To) {
			became = "DeviceNotRegistered"
		}
		f.taken, f.receipts[id] = append(f.taken, message), became
		tickets = append(tickets, map[string]string{"status": "ok", "id": id})
	}
	fakes.WriteJSON(w, http.StatusOK, map[string]any{"data": tickets})
}

func (f *Fake) getReceipts(w http.ResponseWriter, r *http.Request) {
	var request struct {
		IDs []string `json:"ids"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		refuse(w, http.StatusBadRequest, "VALIDATION_ERROR", "The request has no ids.")
		return
	}
	if len(request.IDs) > maxReceipts {
		refuse(w, http.StatusBadRequest, "PUSH_TOO_MANY_RECEIPTS", "There are more than 1000 ids.")
		return
	}
	receipts := map[string]any{}
	for _, id := range request.IDs {
		became, known := f.receipts[id]
		switch {
		case !known || f.notReady:
		case became != "":
			receipts[id] = failure(became, "The Apple Push Notification service failed to send the notification")
		default:
			receipts[id] = map[string]string{"status": "ok"}
		}
	}
	fakes.WriteJSON(w, http.StatusOK, map[string]any{"data": receipts})
}

func failure(code, message string) any {
	return map[string]any{"status": "error", "message": message, "details": map[string]string{"error": code}}
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	fakes.WriteJSON(w, status, map[string]any{"errors": []any{map[string]any{"code": code, "message": message, "isTransient": false}}})
}
