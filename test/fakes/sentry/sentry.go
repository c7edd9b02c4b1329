package sentry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/expenzez/infrastructure/test/fakes"
)

// Project is the id of the fake's only project.
const Project = "4501"

// Event is an event as it arrived.
type Event struct {
	// ID is the event's id in the envelope's header.
	ID string
	// Payload is the event, a JSON object.
	Payload json.RawMessage
	// Raw are all bytes of the request: the headers, one a line, and the body.
	Raw string
}

// Fake is Sentry with one project. Its zero value is not usable; see New.
type Fake struct {
	fakes.Faults

	mu     sync.Mutex
	key    string
	events []Event
}

// New returns a Sentry without events that accepts the public key.
func New(key string) *Fake {
	f := &Fake{key: key}
	f.RetryAfter = "60"
	f.ErrorBody = func(status int) string {
		return fmt.Sprintf(`{"detail":%q}`, strings.ToLower(http.StatusText(status)))
	}
	return f
}

// DSN returns the project's DSN on a server of Handler at this address, such as
// "http://127.0.0.1:41234".
func (f *Fake) DSN(address string) string {
	scheme, host, _ := strings.Cut(address, "://")
	return scheme + "://" + f.key + "@" + host + "/" + Project
}

// Events returns what has arrived, the oldest first.
func (f *Fake) Events() []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.events)
}

// Handler returns Sentry's endpoint.
func (f *Fake) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/{project}/envelope/{$}", f.take)
	return f.Wrap(mux)
}

func (f *Fake) take(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("project") != Project || !strings.Contains(r.Header.Get("X-Sentry-Auth"), "sentry_key="+f.key) {
		refuse(w, http.StatusForbidden, "event submission rejected with_reason: ProjectId")
		return
	}
	if r.Header.Get("Content-Type") != "application/x-sentry-envelope" {
		refuse(w, http.StatusUnsupportedMediaType, "unsupported content type")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20)) // the limit of an event
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "envelope exceeded size limits")
		return
	}
	event, err := parse(body)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	var headers bytes.Buffer
	_ = r.Header.Write(&headers)
	event.Raw = headers.String() + string(body)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, event)
	fakes.WriteJSON(w, http.StatusOK, map[string]string{"id": event.ID})
}

// parse reads an envelope of one event: three lines, which are its header, the
// event's header and the event.
func parse(envelope []byte) (Event, error) {
	lines := bytes.Split(bytes.TrimSuffix(envelope, []byte("\n")), []byte("\n"))
	if len(lines) != 3 {
		return Event{}, fmt.Errorf("an envelope of %d lines", len(lines))
	}
	var header struct {
		EventID string `json:"event_id"`
	}
	var item struct {
		Type   string
		Length int
	}
	if json.Unmarshal(lines[0], &header) != nil || len(header.EventID) != 32 {
		return Event{}, fmt.Errorf("a header without the event's id: %s", lines[0])
	}
	if json.Unmarshal(lines[1], &item) != nil || item.Type != "event" || item.Length != len(lines[2]) {
		return Event{}, fmt.Errorf("an item that is no event of its length: %s", lines[1])
	}
	if !json.Valid(lines[2]) {
		return Event{}, fmt.Errorf("an event that is no JSON")
	}
	return Event{ID: header.EventID, Payload: lines[2]}, nil
}

func refuse(w http.ResponseWriter, status int, detail string) {
	fakes.WriteJSON(w, status, map[string]string{"detail": detail})
}
