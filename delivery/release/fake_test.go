package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"testing"
	"time"
)

// errKilled is what a call returns in place of the process being killed.
var errKilled = errors.New("killed")

// stage is a stage in memory. It kills the run at one of its calls: before the call has
// an effect, or after. Later calls of the killed run have no effect.
type stage struct {
	t         *testing.T
	published map[string]string
	aliases   map[string]Pointer
	revisions map[string]int
	versions  map[string][]string // that were deleted
	item      string
	version   int
	now       time.Time
	alarms    func() []string
	failing   func() string

	calls  int
	killAt int // the call that kills; 0 for none
	after  bool
	once   bool // only that call fails
}

// newStage has three functions with a new version, one without, and a new function.
func newStage(t *testing.T) *stage {
	return &stage{
		t:         t,
		published: map[string]string{"a": "2", "b": "5", "c": "8", "same": "3", "fresh": "1"},
		aliases:   map[string]Pointer{"a": {Version: "1"}, "b": {Version: "4"}, "c": {Version: "7"}, "same": {Version: "3"}, "fresh": {Version: Latest}},
		revisions: map[string]int{}, versions: map[string][]string{},
		now:    time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC),
		alarms: func() []string { return nil }, failing: func() string { return "" },
	}
}

// call counts a call and runs its effect, unless the run is killed before.
func (s *stage) call(effect func() error) error {
	s.calls++
	s.now = s.now.Add(time.Millisecond)
	if s.killAt == 0 || s.calls < s.killAt || s.once && s.calls > s.killAt {
		return effect()
	}
	if s.after && s.calls == s.killAt {
		_ = effect()
	}
	return errKilled
}

func (s *stage) Load(context.Context) (*Document, error) {
	document := &Document{Version: s.version}
	return document, s.call(func() error {
		if s.item == "" {
			return nil
		}
		return json.Unmarshal([]byte(s.item), document)
	})
}

func (s *stage) Save(_ context.Context, document *Document) error {
	return s.call(func() error {
		if document.Version != s.version {
			return ErrChanged
		}
		text, err := json.Marshal(document)
		if err != nil {
			return err
		}
		s.item = string(text)
		s.version++
		document.Version++
		return nil
	})
}

func (s *stage) Published(context.Context) (map[string]string, error) {
	return maps.Clone(s.published), s.call(func() error { return nil })
}

func (s *stage) Deployed(context.Context) (map[string]bool, error) {
	deployed := map[string]bool{}
	for function := range s.published {
		deployed[function] = true
	}
	return deployed, s.call(func() error { return nil })
}

func (s *stage) Alias(_ context.Context, function string) (Pointer, string, error) {
	at, exists := s.aliases[function]
	err := s.call(func() error {
		if !exists {
			return ErrNoAlias
		}
		return nil
	})
	return at, strconv.Itoa(s.revisions[function]), err
}

// remove removes a function from the stacks. Its alias goes with it.
func (s *stage) remove(function string) {
	delete(s.published, function)
	delete(s.aliases, function)
}

// without returns the aliases except the function's.
func without(aliases map[string]Pointer, function string) map[string]Pointer {
	rest := maps.Clone(aliases)
	delete(rest, function)
	return rest
}

func (s *stage) Point(_ context.Context, function string, to Pointer, revision string) error {
	return s.call(func() error {
		if revision != strconv.Itoa(s.revisions[function]) {
			return ErrChanged
		}
		if to.Canary != "" && (to.Version == Latest || to.Canary == to.Version) {
			return fmt.Errorf("Lambda refuses %+v", to)
		}
		s.aliases[function] = to
		s.revisions[function]++
		return nil
	})
}

func (s *stage) Prune(_ context.Context, function string, keep []string) error {
	return s.call(func() error {
		s.versions[function] = keep
		return nil
	})
}

func (s *stage) Alarms(context.Context) ([]string, error) {
	return s.alarms(), s.call(func() error { return nil })
}

func (s *stage) Failing(context.Context, *Release, time.Time) (string, error) {
	return s.failing(), s.call(func() error { return nil })
}

// command is a canary of a tenth of the invocations for ten minutes.
func (s *stage) command(owner string) *Command {
	return &Command{
		Stage: "prod", Store: s, Aliases: s, Watcher: s, Owner: owner, Commit: "0123456789abcdef", ApprovedBy: "ada",
		Weight: 0.1, Watch: 10 * time.Minute, Interval: time.Minute,
		Now: func() time.Time { return s.now },
		Sleep: func(_ context.Context, d time.Duration) error {
			s.now = s.now.Add(d)
			return nil
		},
	}
}

var (
	allNew = map[string]Pointer{"a": {Version: "2"}, "b": {Version: "5"}, "c": {Version: "8"}, "same": {Version: "3"}, "fresh": {Version: "1"}}
	allOld = map[string]Pointer{"a": {Version: "1"}, "b": {Version: "4"}, "c": {Version: "7"}, "same": {Version: "3"}, "fresh": {Version: "1"}}
	canary = map[string]Pointer{
		"a": {Version: "1", Canary: "2", Weight: 0.1}, "b": {Version: "4", Canary: "5", Weight: 0.1},
		"c": {Version: "7", Canary: "8", Weight: 0.1}, "same": {Version: "3"}, "fresh": {Version: "1"},
	}
)

// is compares the aliases.
func (s *stage) is(want map[string]Pointer, what string) {
	s.t.Helper()
	if !maps.Equal(s.aliases, want) {
		s.t.Errorf("%s: the aliases are %+v, want %+v", what, s.aliases, want)
	}
}

// document returns what is stored.
func (s *stage) document() *Document {
	s.t.Helper()
	document := &Document{}
	if err := json.Unmarshal([]byte(s.item), document); err != nil {
		s.t.Fatal(err)
	}
	return document
}
